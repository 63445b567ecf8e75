import { TrialPruned } from "../errors.ts";

/** What `trial.prune()` throws, and by which a run is known to have ended so. */
export const PRUNED_CODE = "METALAB_PRUNED";

/** Ends a run as `pruned`. */
export function prune(): never {
  throw new TrialPruned(
    PRUNED_CODE,
    "trial.prune(): the run ends here. Let this pass through; do not catch it.",
  );
}

/** `shouldPrune` of a run that no pruner watches. */
export function neverPrune(): Promise<boolean> {
  return NEVER;
}

const NEVER: Promise<boolean> = Promise.resolve(false);
