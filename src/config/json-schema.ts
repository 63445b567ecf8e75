import { needOf } from "./check.ts";
import { DISTRIBUTION_SHAPE } from "./distribution-names.ts";
import { SEARCH_KEYS } from "./search-keys.ts";
import type { Key, Shape, VariantsShape } from "./shape.ts";

type Schema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of config files, made from the tables that also check them, for editors that complete and check while
 * one types.
 */
export function searchSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "metalab config file",
    type: "object",
    properties: {
      search: { ...recordSchema(SEARCH_KEYS), description: "How metalab searches for better settings." },
    },
    additionalProperties: true,
  };
}

function schemaOf(shape: Shape): Schema {
  switch (shape.kind) {
    case "any":
      return {};
    case "text":
      return { type: "string", minLength: 1 };
    case "flag":
      return { type: "boolean" };
    case "integer":
      return {
        type: "integer",
        ...(shape.least === Number.MIN_SAFE_INTEGER ? {} : { minimum: shape.least }),
      };
    case "number":
      return {
        type: "number",
        ...(shape.above === undefined ? {} : { exclusiveMinimum: shape.above }),
        ...(shape.least === undefined ? {} : { minimum: shape.least }),
        ...(shape.most === undefined ? {} : { maximum: shape.most }),
      };
    case "word":
      return { enum: Object.entries(shape.words).flatMap(([word, also]) => [word, ...also]) };
    case "time":
      return {
        anyOf: [
          { type: "number", exclusiveMinimum: 0 },
          { type: "string", pattern: "^ *([0-9]+(\\.[0-9]+)? *(ms|s|m|h|d) *)+$" },
        ],
      };
    case "memory":
      return {
        anyOf: [
          { type: "number", minimum: 1 },
          { type: "string", pattern: "^ *[0-9]+(\\.[0-9]+)? *([KMGTkmgt]i?)?[Bb] *$" },
        ],
      };
    case "list":
      return {
        type: "array",
        items: schemaOf(shape.of),
        ...(shape.least === undefined ? {} : { minItems: shape.least }),
      };
    case "map":
      return { type: "object", additionalProperties: schemaOf(shape.of) };
    case "record":
      return recordSchema(shape.keys);
    case "either":
      return { anyOf: shape.of.map(schemaOf) };
    case "variants":
      return variantsSchema(shape);
  }
}

function recordSchema(keys: readonly Key[]): Schema {
  return { type: "object", properties: propertiesOf(keys), additionalProperties: false };
}

function propertiesOf(keys: readonly Key[]): Schema {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const schema = { ...keySchema(key), description: describe(key) };
      return [key.name, ...(key.also ?? [])].map((name) => [name, schema] as const);
    }),
  );
}

function keySchema(key: Key): Schema {
  const schema = key.name === "search_space" ? spaceSchema() : schemaOf(key.shape);
  if (key.required === true) return schema;
  // A name without a value is as good as left out.
  return { anyOf: [schema, { type: "null" }] };
}

function describe({ about, default: preset }: Key): string {
  const text = `${about.charAt(0).toUpperCase()}${about.slice(1)}`;
  return preset === undefined ? text : `${text} Default: ${preset}`;
}

/** Parameters by name, or maps of them. */
function spaceSchema(): Schema {
  return {
    type: "object",
    minProperties: 1,
    additionalProperties: {
      anyOf: [{ type: "array", minItems: 1 }, variantsSchema(DISTRIBUTION_SHAPE), { type: "object" }],
    },
  };
}

function variantsSchema({ what, variants, shared = [] }: VariantsShape): Schema {
  const names = variants.flatMap(({ name, also }) => [name, ...also]);
  const keys = [...variants.flatMap((one) => one.keys), ...shared];
  const options = propertiesOf(
    keys.filter((key, at) => keys.findIndex(({ name }) => name === key.name) === at),
  );
  return {
    description: `${needOf({ kind: "variants", what, variants }).replace(/,$/, "")}: ${variants.map(({ name, about }) => `${name}, ${about}`).join(" ")}`,
    anyOf: [
      { type: "string", enum: names },
      {
        type: "object",
        properties: { type: { type: "string", enum: names }, ...options },
        required: ["type"],
      },
    ],
  };
}
