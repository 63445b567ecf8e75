import type { Origin } from "../experiment/record.ts";
import { canonicalText } from "../identity/canonical.ts";
import { sha256Hex } from "../identity/sha256.ts";
import type { OriginFacts } from "./store.ts";

/** The origin line of a writer. Its id is the SHA-256 of the canonical text of everything else in it. */
export function makeOrigin(writer: string, facts: OriginFacts): Origin {
  const rest = { kind: "origin" as const, writer, ...facts };
  return Object.freeze({ id: sha256Hex(canonicalText(rest, "origin")), ...rest });
}
