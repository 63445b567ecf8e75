import { DefinitionError, show } from "../errors.ts";
import { canonicalText } from "../identity/canonical.ts";
import { joinFolds } from "../results/joined-folds.ts";
import { type AnyResults, createResults } from "../results/results.ts";
import { partsOf, selectionOf } from "../results/selection.ts";

type Point = Readonly<Record<string, unknown>>;

/**
 * The params of the best trials by the single objective of some results, best first: means over the successful runs
 * of equal params, folds joined first. NaN is never among them.
 *
 * @param count - a tenth of the trials when it is absent, at least 3.
 * @param choose - what to keep of the params; `undefined` leaves a trial out.
 * @throws {@link DefinitionError} METALAB_OBJECTIVE_MISSING or METALAB_OBJECTIVE_AMBIGUOUS
 */
export function bestPoints(
  results: AnyResults,
  count: number | undefined,
  choose: (params: Point) => Point | undefined,
): readonly Point[] {
  const { metric, direction } = singleObjective(results);
  const trials = new Map<string, { readonly point: Point; sum: number; runs: number }>();
  for (const run of createResults<unknown, unknown>(partsOf(joinFolds(selectionOf(results.parts))))
    .successful) {
    const point = choose(run.params as Point);
    const value = Number(run.metric(metric));
    if (point === undefined || Number.isNaN(value)) continue;
    const key = canonicalText(point, "params");
    const trial = trials.get(key) ?? { point, sum: 0, runs: 0 };
    trial.sum += value;
    trial.runs += 1;
    trials.set(key, trial);
  }
  const sign = direction === "minimize" ? 1 : -1;
  const order = [...trials.values()].sort((a, b) => sign * (a.sum / a.runs - b.sum / b.runs));
  return order.slice(0, count ?? Math.max(3, Math.round(order.length / 10))).map(({ point }) => point);
}

function singleObjective({ objectives }: AnyResults) {
  const [objective, ...others] = objectives;
  if (objective !== undefined && others.length === 0) return objective;
  throw new DefinitionError(
    objective === undefined ? "METALAB_OBJECTIVE_MISSING" : "METALAB_OBJECTIVE_AMBIGUOUS",
    `refineSpaceAround(): results must have one objective, got ${show(objectives.map(({ metric }) => metric))}. Run an experiment with objective: minimize("loss") or maximize("accuracy").`,
    { objectives },
  );
}
