import { DefinitionError } from "../../errors.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import { folds } from "../../experiment/folds.ts";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import type { SuggestionEntry } from "../../experiment/record.ts";
import { search } from "../../experiment/search-source.ts";
import { seeds } from "../../experiment/seeds.ts";
import { canonicalText, decode, type Json } from "../../identity/canonical.ts";
import type { Pruner } from "../../search/pruner.ts";
import { prunerNamed } from "../../search/pruners/named.ts";
import { type Race, race } from "../../search/race.ts";
import { versionOf } from "../../search/sampler.ts";
import { samplerNamed } from "../../search/samplers/named.ts";
import type { Study } from "../../search/study.ts";
import type { RunFrame } from "../../store/frame.ts";
import type { Store } from "../../store/store.ts";
import { EventHub } from "../events.ts";
import { Tally } from "../progress/tally.ts";
import { StopControl } from "../stop.ts";
import { SearchRuns, type SearchSweep } from "./search-runs.ts";

/** The first trial of which a search would propose something else than it did. */
export interface ReplayDifference {
  readonly trial: number;
  /** What the store says was proposed. */
  readonly stored: Readonly<Record<string, unknown>>;
  /** What is proposed from the stored results of the trials before it. */
  readonly derived: Readonly<Record<string, unknown>>;
}

/** What came of proposing all trials of a stored search once more. */
export interface ReplayReport {
  /** Suggestions that were derived again and compared. */
  readonly trials: number;
  /** `undefined` when all are as they were. */
  readonly difference: ReplayDifference | undefined;
  /**
   * Suggestions of another version of the sampler, which nothing can be compared with; absent when there are none.
   */
  readonly otherVersion?: number;
}

/** Proposes every trial of a stored search once more, from what the store says came of those before it. */
export async function replaySearch(
  store: Store,
  key: ExperimentKey,
  frame: RunFrame,
  manifest: Manifest,
): Promise<ReplayReport & { readonly ids: readonly string[] }> {
  const experiment = experimentOf(key, manifest);
  const sweep: SearchSweep = {
    experiment,
    options: { resume: true } as SearchSweep["options"],
    hub: new EventHub(),
    tally: new Tally(experiment.objectives),
    stop: new StopControl(),
  };
  let trials = 0;
  let otherVersion = 0;
  let difference: ReplayDifference | undefined;
  const runs = new SearchRuns(sweep, {
    source: experiment.params as ReturnType<typeof search>,
    contextHash: manifest.contextHash,
    store,
    frame,
    rule: { resume: true, retryFailed: false, onStale: "use", isStale: () => false },
    onKept: (kept, study) => {
      if (difference !== undefined) return;
      if (versionOf(kept) !== versionOf(study.settings.sampler)) {
        otherVersion += 1;
        return;
      }
      difference = compare(kept, study);
      trials += 1;
    },
  });
  await runs.recall();
  return { trials, difference, ...(otherVersion === 0 ? {} : { otherVersion }), ids: runs.runIds() };
}

function compare(kept: SuggestionEntry, study: Study): ReplayDifference | undefined {
  const { params } = study.next(kept.trials);
  if (canonicalText(params, "params") === canonicalText(kept.params, "params")) return undefined;
  return { trial: kept.trial, stored: kept.params, derived: params };
}

/** The part of an experiment that its manifest tells: all but the operation. */
function experimentOf({ name, version }: ExperimentKey, manifest: Manifest): Experiment {
  const { params, defaults, objectives, seeds: stored, folds: split } = manifest;
  const {
    kind,
    space,
    sampler,
    race: racing,
    pruner,
    start,
    constraints,
    ...rest
  } = params as Readonly<Record<string, Json>>;
  if (kind !== "search") {
    throw new DefinitionError(
      "METALAB_REPLAY",
      `replay(): the runs must be those of a search, got params from ${String(kind)} in "${name}@${version}". Give the results of an experiment with params: search({ … }).`,
      { kind },
    );
  }
  const source = search({
    ...rest,
    space: decode(space!),
    sampler: samplerNamed("replay()", decode(sampler!)),
    ...(start === undefined ? {} : { start: decode(start) }),
    ...(constraints === undefined ? {} : { constraints: decode(constraints) }),
    ...(pruner === undefined ? {} : { pruner: prunerNamed("replay()", decode(pruner)) }),
    ...(racing === undefined ? {} : { race: raceNamed(decode(racing)) }),
  } as unknown as Parameters<typeof search>[0]);
  return {
    name,
    version,
    params: source,
    defaults,
    objectives,
    seeds: seeds(stored),
    folds: split === undefined ? undefined : folds(split as Parameters<typeof folds>[0]),
  } as unknown as Experiment;
}

function raceNamed(description: unknown): Race | Pruner {
  const { name, ...rest } = description as Readonly<Record<string, unknown>>;
  return name === "race" ? race(rest) : prunerNamed("replay()", description);
}
