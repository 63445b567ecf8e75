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
      search: {
        ...recordSchema(SEARCH_KEYS, "#/properties/search"),
        description: "How metalab searches for better settings.",
      },
    },
    additionalProperties: true,
  };
}

/** @param path - JSON pointer of the schema, for other spellings of a name, which refer to the first. */
function schemaOf(shape: Shape, path: string): Schema {
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
        items: schemaOf(shape.of, `${path}/items`),
        ...(shape.least === undefined ? {} : { minItems: shape.least }),
      };
    case "map":
      return { type: "object", additionalProperties: schemaOf(shape.of, `${path}/additionalProperties`) };
    case "record":
      return recordSchema(shape.keys, path);
    case "either":
      return { anyOf: shape.of.map((one, at) => schemaOf(one, `${path}/anyOf/${at}`)) };
    case "variants":
      return variantsSchema(shape, path);
  }
}

function recordSchema(keys: readonly Key[], path: string): Schema {
  return {
    type: "object",
    properties: propertiesOf(keys, `${path}/properties`),
    additionalProperties: false,
  };
}

function propertiesOf(keys: readonly Key[], path: string): Schema {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const place = `${path}/${key.name}`;
      const also = (key.also ?? []).map((name) => [name, { $ref: place }] as const);
      return [[key.name, { ...keySchema(key, place), description: describe(key) }] as const, ...also];
    }),
  );
}

function keySchema(key: Key, path: string): Schema {
  if (key.name === "search_space") return spaceSchema(path);
  if (key.required === true || key.shape.kind === "any") return schemaOf(key.shape, path);
  // A name without a value is as good as left out.
  return { anyOf: [schemaOf(key.shape, `${path}/anyOf/0`), { type: "null" }] };
}

function describe({ about, default: preset }: Key): string {
  const text = `${about.charAt(0).toUpperCase()}${about.slice(1)}`;
  return preset === undefined ? text : `${text} Default: ${preset}`;
}

/** Parameters by name, or maps of them. */
function spaceSchema(path: string): Schema {
  return {
    type: "object",
    minProperties: 1,
    additionalProperties: {
      anyOf: [
        { type: "array", minItems: 1 },
        variantsSchema(DISTRIBUTION_SHAPE, `${path}/additionalProperties/anyOf/1`),
        { type: "object" },
      ],
    },
  };
}

function variantsSchema({ what, variants, shared = [] }: VariantsShape, path: string): Schema {
  const names = variants.flatMap(({ name, also }) => [name, ...also]);
  const keys = [...variants.flatMap((one) => one.keys), ...shared];
  const options = propertiesOf(
    keys.filter((key, at) => keys.findIndex(({ name }) => name === key.name) === at),
    `${path}/anyOf/1/properties`,
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
