import type { Entry } from "../../experiment/record.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import { makeOrigin } from "../../store/origin.ts";
import type { OriginFacts, StoreWriter } from "../../store/store.ts";
import { broughtCode } from "./brought.ts";
import type { CodeGraph } from "./graph.ts";

/**
 * Gives what the next run's record is to name as its origin, for an operation whose code may change while a sweep goes
 * on: a program that is replaced on disk. The origin of code that is new to the writer is written first.
 *
 * @param changed - Told of each change, with the code before and after it.
 * @returns `undefined` for an operation whose code cannot change any more.
 */
export function originPerRun(
  operation: object,
  writer: StoreWriter,
  facts: OriginFacts,
  changed: (before: CodeGraph, after: CodeGraph) => void,
): (() => string) | undefined {
  const code = broughtCode(operation);
  if (code === undefined) return undefined;
  const known = new Map([[facts.code, nameOf(writer.origin)]]);
  let last = code.read();
  return () => {
    const now = code.read();
    if (now.fingerprint !== last.fingerprint) changed(last, now);
    last = now;
    const { fingerprint } = now;
    let name = known.get(fingerprint);
    if (name === undefined) {
      const origin = makeOrigin(writer.origin.writer, { ...facts, code: fingerprint });
      append(writer, origin);
      append(writer, {
        id: sha256Hex(fingerprint),
        kind: "code",
        fingerprint,
        graph: now,
        time: Date.now(),
      });
      name = nameOf(origin);
      known.set(fingerprint, name);
    }
    return name;
  };
}

function nameOf({ id }: { readonly id: string }): string {
  return id.slice(0, 16);
}

/** Appends what is lost only together with the record that follows it. */
function append(writer: StoreWriter, entry: Entry): void {
  try {
    const kept = writer.append(entry);
    kept?.catch(() => undefined);
  } catch {
    // So does the record, which tells of it.
  }
}
