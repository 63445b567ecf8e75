import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { OperationError, reasonOf, show } from "../errors.ts";
import { fileName, kindOfFile } from "../store/file-kind.ts";
import { createGate } from "../store/gate.ts";
import { serialize } from "../store/serializer.ts";

/** Files open at once, however many a run captures without awaiting them. */
const inTurn = createGate(64);

/** Bytes on their way into the store. */
export interface PackedArtifact {
  readonly kind: string;
  readonly bytes: Uint8Array;
  /** File name to give them when they are written out again. */
  readonly file: string;
}

/** A value as bytes, as it is at the moment of the call. */
export async function packValue(
  name: string,
  value: unknown,
  kind: string | undefined,
): Promise<PackedArtifact> {
  // Bytes are kept as they are given, so they are copied before the caller can write to them again.
  const now = value instanceof Uint8Array ? new Uint8Array(value) : value;
  const packed = await serialize(name, now, kind);
  return { kind: packed.kind, bytes: packed.bytes, file: `${fileName(name)}.${packed.extension}` };
}

/** The bytes of a file, with the kind that its name and its content agree on. */
export async function packFile(name: string, path: string): Promise<PackedArtifact> {
  let bytes: Uint8Array;
  try {
    bytes = await inTurn(() => readFile(path));
  } catch (error) {
    throw new OperationError(
      "METALAB_CAPTURE_FILE",
      `capture.file(${show(name)}): the file could not be read, got ${show(path)}: ${reasonOf(error)}. Give the path of a file that the run has written.`,
      { name, path },
      { cause: error },
    );
  }
  return { kind: await kindOfFile(path, bytes), bytes, file: fileName(basename(path)) };
}
