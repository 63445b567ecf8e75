import type { ObservedTrial } from "../../history.ts";
import type { Layout } from "../../layout.ts";
import { Surrogate, type SurrogatePoint } from "../../surrogate.ts";

/** Trials that a model needs at least. */
const FEWEST = 6;

/** Models of the objectives and constraints that tell which of some children is the most promising. */
export class Screen {
  readonly #layout: Layout;
  readonly #objectives: readonly Surrogate[];
  readonly #constraints: readonly Surrogate[];
  /** What the models expect of the population. */
  readonly #members: readonly Float64Array[];

  private constructor(
    layout: Layout,
    objectives: readonly Surrogate[],
    constraints: readonly Surrogate[],
    members: readonly Float64Array[],
  ) {
    this.#layout = layout;
    this.#objectives = objectives;
    this.#constraints = constraints;
    this.#members = members.map((units) => this.#expected(pointOf(layout, units)));
  }

  /**
   * Fits the models.
   *
   * @param trials - what they learn from; only complete trials count.
   * @param members - vectors that a child should improve on and be away from.
   * @returns undefined when there are too few trials.
   */
  static fit(
    layout: Layout,
    trials: readonly ObservedTrial[],
    members: readonly Float64Array[],
    objectives: number,
    constraints: number,
  ): Screen | undefined {
    const complete = trials.filter(({ state }) => state === "complete");
    if (complete.length < FEWEST) return undefined;
    const points = complete.map(({ units }) => pointOf(layout, units));
    const modelOf = (targets: Float64Array) => Surrogate.fit(points, targets, layout.counts);
    const models: Surrogate[] = [];
    for (let at = 0; at < objectives + constraints; at += 1) {
      const isLoss = at < objectives;
      const values = complete.map(({ losses, violations }) =>
        isLoss ? losses[at]! : (violations?.[at - objectives] ?? 0),
      );
      const model = modelOf(isLoss ? ranksOf(values) : squeezed(values));
      if (model === undefined) return undefined;
      models.push(model);
    }
    return new Screen(layout, models.slice(0, objectives), models.slice(objectives), members);
  }

  /**
   * How promising a child is: the larger the better. The least amount by which some objective is better than that of
   * a member, over the members (maximin fitness: Balling 2003, "The maximin fitness function", EMO, eq. 1), so that
   * children are liked that dominate, and those that are away from the others. Below all of that if a constraint is
   * expected to be violated.
   */
  score(units: Float64Array): number {
    const point = pointOf(this.#layout, units);
    let violation = 0;
    for (const constraint of this.#constraints) violation += Math.max(0, constraint.at(point));
    if (violation > 0) return -1e6 * (1 + violation);
    const expected = this.#expected(point);
    let least = 1e6;
    for (const member of this.#members) {
      let most = Number.NEGATIVE_INFINITY;
      for (let at = 0; at < expected.length; at += 1) most = Math.max(most, member[at]! - expected[at]!);
      least = Math.min(least, most);
    }
    return least;
  }

  #expected(point: SurrogatePoint): Float64Array {
    return Float64Array.from(this.#objectives, (objective) => objective.at(point));
  }
}

function pointOf(layout: Layout, units: Float64Array): SurrogatePoint {
  const { numbers, picks } = layout.read(units);
  // From −2 to 2, so that the ridge weighs as it does for standard normals.
  return { z: numbers.map((unit) => (Number.isNaN(unit) ? 0 : 4 * unit - 2)), picks };
}

/** Ranks from −1 to 1; equal values share the lowest. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => compare(values[a]!, values[b]!));
  const ranks = new Float64Array(values.length);
  order.forEach((at, position) => {
    const before = order[position - 1];
    const isTied = before !== undefined && values[before] === values[at];
    ranks[at] = isTied ? ranks[before]! : (2 * position + 1) / values.length - 1;
  });
  return ranks;
}

/** Violations in units of their median size, at most 2 either way: what matters is the sign. */
function squeezed(values: readonly number[]): Float64Array {
  const sizes = values.map(Math.abs).filter(Number.isFinite).sort(compare);
  const unit = sizes[sizes.length >> 1] || 1;
  return Float64Array.from(values, (value) =>
    Number.isNaN(value) ? 2 : Math.max(-2, Math.min(2, value / unit)),
  );
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
