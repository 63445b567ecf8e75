import { DefinitionError } from "../../errors.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import type { SearchSource } from "../../experiment/search-source.ts";
import { summarize } from "../../math/stats.ts";
import { type Curve, CurveHistory, type CurvePoints } from "../../search/curves.ts";
import { isFeasible } from "../../search/history.ts";
import { type EndedRun, type OutcomeRule, outcomeOf, replicateLosses } from "../../search/outcome.ts";
import type { Pruner } from "../../search/pruner.ts";
import { type Race, raceNoise } from "../../search/race.ts";
import type { Replicates } from "./open-trial.ts";

/** Decides how many replicates each trial of a search gets. */
export interface ReplicateRule {
  /** The decision for a trial that is opened now; it rests on what has been told by now. */
  open(trial: number): Replicates;
  /** Takes note of the runs of a trial that was told. */
  told(runs: readonly EndedRun[], trial: number): void;
}

/**
 * The rule of a search: all replicates for every trial, or as its race decides.
 *
 * @throws {@link DefinitionError} METALAB_RACE_OBJECTIVES or METALAB_RACE_REPLICATES when there is nothing to race.
 */
export function replicateRule(
  experiment: Experiment,
  { race }: SearchSource,
  rule: OutcomeRule,
): ReplicateRule {
  const max = experiment.seeds.replicates;
  if (race === undefined) return { open: () => () => max, told: () => undefined };
  const where = `Experiment "${experiment.name}"`;
  if (experiment.objectives.length > 1) {
    throw new DefinitionError(
      "METALAB_RACE_OBJECTIVES",
      `${where}: a race compares trials by one objective, got ${experiment.objectives.length}. Leave race out, or give one objective.`,
    );
  }
  if (max < 2) {
    throw new DefinitionError(
      "METALAB_RACE_REPLICATES",
      `${where}: a race spends replicates one by one, got ${max} for each trial. Write seeds: seeds({ replicates: 5 }), or leave race out.`,
      { replicates: max },
    );
  }
  return isRace(race) ? new Races(race, max, rule) : new PrunedReplicates(race, max, rule);
}

function isRace(race: Race | Pruner): race is Race {
  return "decide" in race;
}

/** A pruner to which each replicate is a step. */
class PrunedReplicates implements ReplicateRule {
  readonly #pruner: Pruner;
  readonly #max: number;
  readonly #rule: OutcomeRule;
  readonly #told: Curve[] = [];

  constructor(pruner: Pruner, max: number, rule: OutcomeRule) {
    this.#pruner = pruner;
    this.#max = max;
    this.#rule = rule;
  }

  open(trial: number): Replicates {
    const peers = new CurveHistory();
    for (const curve of this.#told) peers.add(curve);
    const { direction } = this.#rule.objectives[0]!;
    return (runs, replicates) => {
      if (replicates === 0) return 1;
      if (replicates === this.#max) return replicates;
      const points = pointsOf(replicateLosses(runs, this.#rule));
      const input = { ...points, trial, replicate: replicates - 1, direction, peers };
      return this.#pruner.shouldPrune(input) ? replicates : replicates + 1;
    };
  }

  told(runs: readonly EndedRun[], trial: number): void {
    const points = pointsOf(replicateLosses(runs, this.#rule));
    this.#told.push({ ...points, trial, replicate: 0, isComplete: points.steps.length === this.#max });
  }
}

function pointsOf(losses: readonly number[]): CurvePoints {
  return { steps: Float64Array.from(losses, (_, replicate) => replicate), losses: Float64Array.from(losses) };
}

/** The best trial so far, and what is known of the noise between it and others. */
class Races implements ReplicateRule {
  readonly #race: Race;
  readonly #max: number;
  readonly #rule: OutcomeRule;
  /** Of each trial, what its losses were above those of the best one at that time. */
  readonly #differences: (readonly number[])[] = [];
  #best: readonly number[] | undefined;
  #bestMean = Number.POSITIVE_INFINITY;

  constructor(race: Race, max: number, rule: OutcomeRule) {
    this.#race = race;
    this.#max = max;
    this.#rule = rule;
  }

  open(): Replicates {
    const race = this.#race;
    const max = this.#max;
    const incumbent = this.#best;
    if (incumbent === undefined) return () => max;
    const noise = raceNoise(this.#differences);
    return (runs, replicates) => {
      if (replicates === 0) return 1;
      const candidate = replicateLosses(runs, this.#rule);
      const { action } = race.decide({ candidate, incumbent, max, noise });
      return action === "continue" ? replicates + 1 : replicates;
    };
  }

  told(runs: readonly EndedRun[]): void {
    const losses = replicateLosses(runs, this.#rule);
    const best = this.#best;
    if (best !== undefined) this.#differences.push(losses.map((loss, at) => loss - best[at]!));
    const { mean } = summarize(losses);
    // What breaks a constraint may not stop those that keep it.
    if (losses.length < this.#max || !(mean < this.#bestMean) || !isFeasible(outcomeOf(runs, this.#rule)))
      return;
    this.#best = losses;
    this.#bestMean = mean;
  }
}
