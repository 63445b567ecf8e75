import type { Params } from "./operation.ts";

/** Plain JSON that names a source fully: part of the manifest and of the plan's fingerprint. */
export interface SourceDescription {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** Where points of params come from. `length` and `at(i)` cost O(1), however large the source. */
export interface ParamSource<P extends Params = Params> {
  readonly kind: string;
  /** Number of trials, at most 2^53 - 1. */
  readonly length: number;
  /** The params of trial `index`, 0 ≤ index < length. The same index always gives equal params. */
  at(index: number): P;
  /** Plain JSON from which the source could be told apart from any other. */
  describe(): SourceDescription;
}
