import { summarize } from "../../math/stats.ts";
import { groupPositions } from "../../results/group.ts";
import { joinFolds } from "../../results/joined-folds.ts";
import { createMetricReader, NUMBER } from "../../results/metric-column.ts";
import type { AnyResults } from "../../results/results.ts";
import { type Selection, selectionOf, sourceAt } from "../../results/selection.ts";

/** What the curves of a strategy are read by. */
export interface CurveRule {
  readonly metric: string;
  /** 1 where smaller is better, −1 where larger is. */
  readonly sign: 1 | -1;
  /** Names in which the runs of a repeat agree; experiment and replicate when it is not said. */
  readonly repeatBy: readonly string[] | undefined;
  readonly where: string;
}

/** The best value so far after each trial, for each repeat: infinite on the bad side until there is one. */
export function bestSoFar(list: readonly AnyResults[], rule: CurveRule): readonly Float64Array[] {
  return list.flatMap((results) => {
    const all = selectionOf(results.parts);
    const selection = rule.repeatBy?.includes("fold") === true ? all : joinFolds(all);
    const { values, state } = createMetricReader(selection)(rule.metric);
    return repeatsOf(selection, rule).map((positions) => {
      const steps = stepsOf(selection, positions);
      // Runs of a trial that a repeat has several of are one value: their mean.
      const perTrial = new Map<number, number[]>();
      for (const [at, position] of positions.entries()) {
        const own = perTrial.get(steps[at]!) ?? [];
        own.push(state[position] === NUMBER ? values[position]! : Number.NaN);
        perTrial.set(steps[at]!, own);
      }
      const curve = new Float64Array(perTrial.size);
      let best = rule.sign * Number.POSITIVE_INFINITY;
      for (let step = 0; step < curve.length; step += 1) {
        const value = summarize(perTrial.get(step)!).mean;
        if (rule.sign * value < rule.sign * best) best = value;
        curve[step] = best;
      }
      return curve;
    });
  });
}

/** Positions of the runs of each repeat, in the order of their trials. */
function repeatsOf(selection: Selection, { repeatBy, where }: CurveRule): readonly (readonly number[])[] {
  const names = repeatBy ?? ["experiment", "version", "replicate"];
  const { sources, rows } = selection;
  const trialAt = (position: number) => sources[sourceAt(selection, position)]!.frame.trial[rows[position]!]!;
  return groupPositions(selection, names, where).map(({ positions }) =>
    Array.from(positions).sort((a, b) => trialAt(a) - trialAt(b) || a - b),
  );
}

/** Counts the trials of a repeat from 0, whatever their numbers: a filter may have left some out. */
function stepsOf(selection: Selection, positions: readonly number[]): readonly number[] {
  const { sources, rows } = selection;
  let step = -1;
  let last = Number.NaN;
  return positions.map((position) => {
    const trial = sources[sourceAt(selection, position)]!.frame.trial[rows[position]!]!;
    if (trial !== last) step += 1;
    last = trial;
    return step;
  });
}
