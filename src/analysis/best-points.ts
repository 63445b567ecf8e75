import { DefinitionError, show } from "../errors.ts";
import { createResults } from "../results/create-results.ts";
import { joinFolds } from "../results/joined-folds.ts";
import { positionsWhere } from "../results/match.ts";
import { createMetricReader } from "../results/metric-column.ts";
import { groupsByParams } from "../results/param-groups.ts";
import type { AnyResults } from "../results/results.ts";
import { partsOf, pick, selectionOf } from "../results/selection.ts";

type Point = Readonly<Record<string, unknown>>;

/** A point and the mean over its runs; smaller is better. */
interface Trial {
  readonly point: Point;
  readonly loss: number;
}

/**
 * The params of the best trials by the single objective of some results, best first: means over the successful runs
 * that agree in some params, folds joined first. NaN is never among them.
 *
 * @param count - a tenth of the trials when it is absent, at least 3.
 * @param names - of the params by which trials are told apart.
 * @param choose - what to keep of the params, by those names alone; `undefined` leaves a trial out.
 * @throws {@link DefinitionError} METALAB_OBJECTIVE_MISSING or METALAB_OBJECTIVE_AMBIGUOUS
 */
export function bestPoints(
  results: AnyResults,
  count: number | undefined,
  names: readonly string[],
  choose: (params: Point) => Point | undefined,
): readonly Point[] {
  const { metric, direction } = singleObjective(results);
  const sign = direction === "minimize" ? 1 : -1;
  const all = joinFolds(selectionOf(results.parts));
  const { values } = createMetricReader(all)(metric);
  const positions = positionsWhere(all, (position) => !Number.isNaN(values[position]!));
  const valued = pick(all, positions);
  const groups = groupsByParams(valued, names);
  const sums = new Float64Array(groups.count);
  const runs = new Int32Array(groups.count);
  for (const [at, group] of groups.of.entries()) {
    sums[group]! += values[positions[at]!]!;
    runs[group]! += 1;
  }
  const valuedRuns = createResults<unknown, unknown>(partsOf(valued));
  const trials: Trial[] = [];
  for (const [group, position] of groups.first.entries()) {
    const point = choose(valuedRuns.at(position)!.params as Point);
    if (point !== undefined) trials.push({ point, loss: (sign * sums[group]!) / runs[group]! });
  }
  trials.sort((a, b) => a.loss - b.loss);
  return trials.slice(0, count ?? Math.max(3, Math.round(trials.length / 10))).map(({ point }) => point);
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
