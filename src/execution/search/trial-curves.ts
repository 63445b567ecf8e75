import type { Curve } from "../../search/curves.ts";
import type { EndedRuns } from "./ended-runs.ts";
import type { OpenTrial } from "./open-trial.ts";
import type { PruneWatch } from "./prune-watch.ts";

/** The curves of a trial's runs. */
export interface CurvesOfTrial {
  /** Of all runs that reported something. */
  readonly all: readonly Curve[];
  /** Of those that were no other trial's before. */
  readonly fresh: readonly Curve[];
}

/** What the runs of a search reported step by step, read once for each run. */
export class TrialCurves {
  readonly #watch: PruneWatch;
  readonly #ended: EndedRuns;
  /** By the id of the run: the history of a pruner has them anyway. */
  readonly #known = new Map<string, Curve>();

  constructor(watch: PruneWatch, ended: EndedRuns) {
    this.#watch = watch;
    this.#ended = ended;
  }

  /** Those of a trial that is over. A run may be that of an earlier trial with the same params. */
  async of(trial: OpenTrial): Promise<CurvesOfTrial> {
    const all: Curve[] = [];
    const fresh: Curve[] = [];
    for (const { id } of trial.specs()) {
      const known = this.#known.get(id);
      if (known !== undefined) {
        all.push(known);
        continue;
      }
      const record = await this.#ended.takeRecord(id);
      const curve = record && (await this.#watch.curveOf(record, trial.number));
      if (curve === undefined) continue;
      this.#known.set(id, curve);
      all.push(curve);
      fresh.push(curve);
    }
    return { all, fresh };
  }
}
