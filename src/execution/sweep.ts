import type { Experiment } from "../experiment/experiment.ts";
import type { ExperimentKey } from "../experiment/manifest.ts";
import type { EventHub } from "./events.ts";
import type { Notices } from "./notices.ts";
import type { SweepOptions } from "./options.ts";
import type { Pace } from "./pace.ts";
import type { Tally } from "./progress/tally.ts";
import type { StopControl } from "./stop.ts";

/** What all parts of a sweep share, from its call to its end. */
export interface Sweep {
  readonly experiment: Experiment;
  readonly key: ExperimentKey;
  readonly options: SweepOptions;
  readonly hub: EventHub;
  readonly tally: Tally;
  readonly notices: Notices;
  readonly pace: Pace;
  /** Whether, why and how it is to end. */
  readonly stop: StopControl;
  /** Lets workers start, since there will be runs for them. Counts once. */
  prepare(runs: number): void;
}
