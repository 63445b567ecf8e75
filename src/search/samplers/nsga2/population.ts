import type { UnitSpace } from "../../../space/units.ts";
import type { ObservedTrial } from "../../history.ts";
import { Layout } from "../../layout.ts";
import { rankTrials } from "../../ranking.ts";

/** The best trials so far, and what else NSGA-II keeps. */
export class Population {
  readonly layout: Layout;
  /** Best trials, at most as many as the population is large. */
  readonly members: ObservedTrial[] = [];
  /** Rank of each member: smaller is better. */
  ranks: Float64Array = new Float64Array(0);
  /** Trials that ended in a way that says something. */
  readonly trials: ObservedTrial[] = [];
  readonly #size: number;

  constructor(space: UnitSpace, size: number) {
    this.layout = new Layout(space);
    this.#size = size;
  }

  /**
   * Takes a trial in; the worst of population and trial has to go. Trial by trial rather than by whole generations:
   * (μ + 1) selection (Durillo et al. 2009, "On the effect of the steady-state selection scheme in multi-objective
   * genetic algorithms", EMO), which makes the most of few trials and does not mind in what order they end.
   */
  add(trial: ObservedTrial): void {
    if (trial.state === "failed") return;
    this.trials.push(trial);
    this.members.push(trial);
    this.ranks = rankTrials(this.members);
    if (this.members.length <= this.#size) return;
    let worst = 0;
    for (let at = 1; at < this.members.length; at += 1) {
      if (this.ranks[at]! >= this.ranks[worst]!) worst = at;
    }
    this.members.splice(worst, 1);
    this.ranks = rankTrials(this.members);
  }
}
