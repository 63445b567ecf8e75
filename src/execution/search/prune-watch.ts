import type { ExperimentKey } from "../../experiment/manifest.ts";
import type { RunRecord } from "../../experiment/record.ts";
import { type Curve, CurveHistory, curvePoints } from "../../search/curves.ts";
import type { Objective } from "../../search/objective.ts";
import type { Pruner } from "../../search/pruner.ts";
import type { Store } from "../../store/store.ts";
import type { RunTask } from "../executor.ts";
import type { PruneAdvisor } from "../pruning.ts";
import type { ReportedPoints } from "../reported-points.ts";

/** Where the series of runs are. */
export interface SeriesPlace {
  readonly store: Store;
  readonly key: ExperimentKey;
}

/**
 * Advises the runs of a search whether to go on, from the curves of the trials that they may learn from: those that
 * had been told when their own trial was opened, however many have ended since.
 */
export class PruneWatch implements PruneAdvisor {
  readonly metric: string;
  readonly #pruner: Pruner;
  readonly #objective: Objective;
  readonly #place: SeriesPlace;
  /** Whether trials overlap, so that each has to be told what the others were not. */
  readonly #overlaps: boolean;
  readonly #told = new CurveHistory();
  readonly #peers = new Map<number, CurveHistory>();

  constructor(pruner: Pruner, objective: Objective, place: SeriesPlace, overlaps: boolean) {
    this.metric = objective.metric;
    this.#pruner = pruner;
    this.#objective = objective;
    this.#place = place;
    this.#overlaps = overlaps;
  }

  shouldPrune({ trial, replicate }: RunTask, points: ReportedPoints): boolean {
    const { direction } = this.#objective;
    return this.#pruner.shouldPrune({
      ...curvePoints(points.steps(), points.values(), direction),
      trial,
      replicate,
      direction,
      peers: this.#peers.get(trial) ?? this.#told,
    });
  }

  /** A trial is opened: its runs learn from what has been told by now. */
  opened(trial: number): void {
    if (!this.#overlaps) return;
    const peers = new CurveHistory();
    for (const curve of this.#told) peers.add(curve);
    this.#peers.set(trial, peers);
  }

  /** A trial is told, with the curves of its runs. */
  told(trial: number, curves: readonly Curve[]): void {
    for (const curve of curves) this.#told.add(curve);
    this.#peers.delete(trial);
  }

  /** What a run that has ended reported, from where it is kept. `undefined` when it reported nothing by steps. */
  async curveOf(record: RunRecord, trial: number): Promise<Curve | undefined> {
    const pointer = record.series?.[this.metric];
    if (pointer === undefined) return undefined;
    const { store, key } = this.#place;
    const { columns } = await store.block(key, record, pointer);
    const { step, value } = columns as Readonly<Record<"step" | "value", ArrayLike<number>>>;
    return {
      ...curvePoints(step, value, this.#objective.direction),
      trial,
      replicate: record.replicate,
      isComplete: record.status === "success",
    };
  }
}
