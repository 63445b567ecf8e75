import { checkOptions } from "../../space/options.ts";
import { type Curve, type CurveHistory, type CurvePoints, firstFrom } from "../curves.ts";
import type { PruneInput, Pruner } from "../pruner.ts";
import { SortedLosses } from "../sorted-losses.ts";
import { badOption, integerOption } from "./option-values.ts";

/** Options of {@link successiveHalving}. */
export interface SuccessiveHalvingOptions {
  /**
   * Step of the first rung. `"auto"`: a hundredth of the last step of the first run that is complete; nothing is
   * stopped before there is one.
   * @defaultValue `"auto"`
   */
  readonly minResource?: number | "auto";
  /**
   * From each rung the best of so many go on to the next, whose step is so many times as large; an integer from 2.
   * @defaultValue 4
   */
  readonly reductionFactor?: number;
  /**
   * Rungs at the lower end that are left out, for curves that say little early.
   * @defaultValue 0
   */
  readonly minEarlyStoppingRate?: number;
}

/**
 * Asynchronous successive halving (ASHA): at rungs of geometrically growing steps, a run goes on when it is among
 * the best 1 / `reductionFactor` of all that came to that rung before.
 *
 * The value at a rung is that of the first report at or after its step. Of fewer runs than `reductionFactor` the
 * best goes on. A run is judged at the highest rung that it has reached. Runs are stopped or go on at once; none is
 * taken up again.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_PRUNER_OPTION.
 * @see Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar 2020, "A system for massively parallel
 * hyperparameter tuning", MLSys, algorithm 2 (get_job, in the form that decides when a run comes to a rung).
 * @example
 * ```ts
 * import { successiveHalving } from "metalab";
 * console.log(successiveHalving({ minResource: 1, reductionFactor: 3 }).name); // "successiveHalving"
 * ```
 */
export function successiveHalving(options: SuccessiveHalvingOptions = {}): Pruner {
  const where = "successiveHalving()";
  checkOptions(where, options, ["minResource", "reductionFactor", "minEarlyStoppingRate"]);
  const { minResource = "auto" } = options;
  if (
    minResource !== "auto" &&
    !(typeof minResource === "number" && minResource > 0 && minResource < Infinity)
  ) {
    throw badOption(where, "minResource", `a step above 0 or "auto"`, minResource);
  }
  const reductionFactor = integerOption(where, "reductionFactor", options.reductionFactor ?? 4, 2);
  const minEarlyStoppingRate = integerOption(
    where,
    "minEarlyStoppingRate",
    options.minEarlyStoppingRate ?? 0,
    0,
  );
  const key = {};
  return Object.freeze({
    name: "successiveHalving",
    describe: () => ({ name: "successiveHalving", minResource, reductionFactor, minEarlyStoppingRate }),
    shouldPrune({ steps, losses, peers }: PruneInput): boolean {
      const ladder = ladderOf(peers, key, (first) => {
        const resource = minResource === "auto" ? autoResource(first) : minResource;
        if (resource === undefined) return undefined;
        const from = resource * reductionFactor ** minEarlyStoppingRate;
        return { bracketOf: () => 0, brackets: [new Bracket(from, reductionFactor)] };
      });
      return ladder?.brackets[0]?.stops({ steps, losses }) ?? false;
    },
  });
}

function autoResource(first: Curve | undefined): number | undefined {
  return first === undefined ? undefined : Math.max(1, Math.floor(first.steps.at(-1)! / 100));
}

/** The rungs of one bracket, with the losses of those that came to each. */
export class Bracket {
  readonly #from: number;
  readonly #factor: number;
  readonly #rungs: SortedLosses[] = [];

  /**
   * @param from - step of the first rung.
   * @param factor - of how many one goes on.
   */
  constructor(from: number, factor: number) {
    this.#from = from;
    this.#factor = factor;
  }

  add(curve: CurvePoints): void {
    for (let rung = 0; ; rung += 1) {
      const loss = this.#lossAt(curve, rung);
      if (loss === undefined) return;
      const losses = this.#rungs[rung] ?? new SortedLosses();
      losses.add(loss);
      this.#rungs[rung] = losses;
    }
  }

  /** Whether a run is not good enough at the highest rung that it has reached. */
  stops(curve: CurvePoints): boolean {
    const last = curve.steps.at(-1);
    if (last === undefined || last < this.#from) return false;
    const rung = this.#highest(last);
    const loss = this.#lossAt(curve, rung)!;
    if (loss === Number.POSITIVE_INFINITY) return true;
    const others = this.#rungs[rung];
    if (others === undefined) return false;
    const places = Math.max(1, Math.floor((others.count + 1) / this.#factor));
    return others.countBelow(loss) >= places;
  }

  #highest(step: number): number {
    let rung = 0;
    while (this.#stepOf(rung + 1) <= step) rung += 1;
    return rung;
  }

  #stepOf(rung: number): number {
    return this.#from * this.#factor ** rung;
  }

  #lossAt({ steps, losses }: CurvePoints, rung: number): number | undefined {
    return losses[firstFrom(steps, this.#stepOf(rung))];
  }
}

/** Brackets, and which of them a trial is in. */
export interface Ladder {
  readonly brackets: readonly Bracket[];
  bracketOf(trial: number): number;
}

/**
 * The brackets with all curves in them; `undefined` while it cannot be known what they are.
 *
 * @param build - makes the empty brackets, given the first complete curve, or without it where there is none yet.
 */
export function ladderOf(
  peers: CurveHistory,
  key: object,
  build: (first: Curve | undefined) => Ladder | undefined,
): Ladder | undefined {
  interface State {
    ladder: Ladder | undefined;
    waiting: Curve[];
  }
  return peers.fold<State>(
    key,
    () => ({ ladder: build(undefined), waiting: [] }),
    (state, curve) => {
      if (state.ladder === undefined && curve.isComplete) state.ladder = build(curve);
      state.waiting.push(curve);
      if (state.ladder !== undefined) {
        for (const { trial, ...points } of state.waiting) {
          state.ladder.brackets[state.ladder.bracketOf(trial)]?.add(points);
        }
        state.waiting = [];
      }
      return state;
    },
  ).ladder;
}
