import { DefinitionError, messageOf, reasonOf, StoreError, show } from "../errors.ts";
import type { ArtifactRef } from "../experiment/record.ts";
import { arrowSerializer } from "./serializers/arrow.ts";
import { bytesSerializer } from "./serializers/bytes.ts";
import { imageSerializer } from "./serializers/image.ts";
import { jsonSerializer } from "./serializers/json.ts";
import { npySerializer } from "./serializers/npy.ts";
import { textSerializer } from "./serializers/text.ts";

/** Turns values of one kind into bytes and back. */
export interface Serializer {
  /** Name that an artifact keeps, by which it is found again for reading. */
  readonly kind: string;
  /** Ending of a file with such bytes, without the dot. */
  readonly extension: string | ((bytes: Uint8Array) => string);
  /** Whether it can keep this value so that the same comes back. Cheap: only a look at the outside. */
  accepts(value: unknown): boolean;
  encode(value: unknown): Uint8Array | Promise<Uint8Array>;
  decode(bytes: Uint8Array): unknown;
}

/** A value as bytes. */
export interface SerializedValue {
  readonly kind: string;
  readonly bytes: Uint8Array;
  /** Ending of a file with these bytes, without the dot. */
  readonly extension: string;
}

/** The kinds there are, in the order in which they are tried: the more special first. */
const serializers: readonly Serializer[] = Object.freeze([
  arrowSerializer,
  imageSerializer,
  bytesSerializer,
  npySerializer,
  textSerializer,
  jsonSerializer,
]);

/**
 * The serializer for an artifact: the one of the kind asked for, else the first that accepts the value.
 *
 * @param name - Name of the artifact, for the error.
 * @throws {DefinitionError} METALAB_ARTIFACT_KIND when there is no such kind, METALAB_ARTIFACT_UNSERIALIZABLE when
 *   no serializer, or not the one asked for, can keep the value.
 */
export function chooseSerializer(name: string, value: unknown, kind?: string): Serializer {
  if (kind === undefined) {
    const found = serializers.find((serializer) => serializer.accepts(value));
    if (found === undefined) throw unserializable(name, value, "a value that some serializer accepts");
    return found;
  }
  const asked = serializers.find((serializer) => serializer.kind === kind);
  if (asked === undefined) {
    const kinds = serializers.map((serializer) => serializer.kind).join(", ");
    throw new DefinitionError(
      "METALAB_ARTIFACT_KIND",
      `artifact(): kind of ${show(name)} must be one of ${kinds}, got ${show(kind)}. Choose one of these, or leave it out.`,
      { name, kind },
    );
  }
  if (!asked.accepts(value)) throw unserializable(name, value, `a value for kind ${show(kind)}`);
  return asked;
}

/**
 * A value as bytes, by the serializer that {@link chooseSerializer} finds.
 *
 * @throws {DefinitionError} METALAB_ARTIFACT_KIND or METALAB_ARTIFACT_UNSERIALIZABLE
 */
export async function serialize(name: string, value: unknown, kind?: string): Promise<SerializedValue> {
  const serializer = chooseSerializer(name, value, kind);
  let bytes: Uint8Array;
  try {
    bytes = await serializer.encode(value);
  } catch (error) {
    throw unserializable(name, value, `a value for kind ${show(serializer.kind)}`, error);
  }
  return { kind: serializer.kind, bytes, extension: extensionOf(serializer, bytes) };
}

/**
 * The value that an artifact's bytes hold. Bytes of a kind that is not known here are returned as they are.
 *
 * @throws {StoreError} METALAB_ARTIFACT_UNREADABLE when they are not of their kind.
 */
export async function deserialize(ref: ArtifactRef, bytes: Uint8Array): Promise<unknown> {
  const serializer = serializers.find(({ kind }) => kind === ref.kind);
  if (serializer === undefined) return bytes;
  try {
    return await serializer.decode(bytes);
  } catch (error) {
    throw new StoreError(
      "METALAB_ARTIFACT_UNREADABLE",
      `artifact(): ${show(ref.file)} must be of kind ${show(ref.kind)}, got bytes that are not: ${reasonOf(error)}. Read its bytes with \`store.object()\` instead.`,
      { file: ref.file, kind: ref.kind, hash: ref.hash },
      { cause: error },
    );
  }
}

function extensionOf(serializer: Serializer, bytes: Uint8Array): string {
  return typeof serializer.extension === "string" ? serializer.extension : serializer.extension(bytes);
}

function unserializable(name: string, value: unknown, need: string, cause?: unknown): DefinitionError {
  const why = cause === undefined ? "" : ` (${messageOf(cause)})`;
  return new DefinitionError(
    "METALAB_ARTIFACT_UNSERIALIZABLE",
    `artifact(): ${show(name)} must be ${need}, got ${typeName(value)}${why}. Convert it to plain JSON, text, bytes, a typed array or an Arrow table.`,
    { name, type: typeName(value) },
    { cause },
  );
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== "object")
    return typeof value === "undefined" ? "undefined" : show(value);
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor
    ?.name;
  return name === undefined || name === "Object" || name === "Array" ? show(value) : `an instance of ${name}`;
}
