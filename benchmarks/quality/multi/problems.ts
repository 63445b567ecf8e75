import { hypervolume } from "../../../src/search/hypervolume.ts";
import { uniform } from "../../../src/space/distribution.ts";
import { resolveSpace } from "../../../src/space/space.ts";
import { UnitSpace } from "../../../src/space/units.ts";
import type { Point } from "../problem.ts";

/** What one evaluation gives. */
export interface Outcome {
  /** To be minimised, both. */
  readonly losses: readonly [number, number];
  /** At most 0 where a constraint is met. */
  readonly violations: readonly number[];
}

/** A problem of two objectives. */
export interface MultiProblem {
  readonly id: string;
  /** Name, low and high of each parameter. */
  readonly box: readonly (readonly [name: string, low: number, high: number])[];
  /** Number of constraints. */
  readonly constraints: number;
  /** Point that the hypervolume is measured from. */
  readonly reference: readonly [number, number];
  /** A point of the best front, or one that is dominated by the front, for each `t` in `[0, 1]`. */
  front(t: number): readonly [number, number];
  evaluate(x: Point): Outcome;
}

const { PI, cos, sin, sqrt } = Math;

/** Zitzler, Deb, Thiele 2000, "Comparison of multiobjective evolutionary algorithms", section 4, eq. 7 to 9. */
function zdt(id: string, size: number, shape: (first: number, rest: number) => number): MultiProblem {
  const names = Array.from({ length: size }, (_, at) => `x${at + 1}`);
  return {
    id,
    box: names.map((name) => [name, 0, 1]),
    constraints: 0,
    reference: [11, 11],
    front: (t) => [t, shape(t, 1)],
    evaluate(point) {
      const [first = 0, ...others] = names.map((name) => point[name] as number);
      const rest = 1 + (9 * others.reduce((total, v) => total + v, 0)) / others.length;
      return { losses: [first, rest * shape(first, rest)], violations: [] };
    },
  };
}

const convex = (first: number, rest: number) => 1 - sqrt(first / rest);
const concave = (first: number, rest: number) => 1 - (first / rest) ** 2;
const broken = (first: number, rest: number) =>
  1 - sqrt(first / rest) - (first / rest) * sin(10 * PI * first);

/** Binh, Korn 1997, "MOBES: a multiobjective evolution strategy for constrained optimization problems". */
const binhKorn: MultiProblem = {
  id: "binh_korn",
  box: [
    ["x1", 0, 5],
    ["x2", 0, 3],
  ],
  constraints: 2,
  reference: [140, 50],
  front: (t) => binhKorn.evaluate({ x1: 5 * t, x2: Math.min(3, 5 * t) }).losses,
  evaluate(point) {
    const [a, b] = [point["x1"] as number, point["x2"] as number];
    return {
      losses: [4 * a ** 2 + 4 * b ** 2, (a - 5) ** 2 + (b - 5) ** 2],
      violations: [(a - 5) ** 2 + b ** 2 - 25, 7.7 - (a - 8) ** 2 - (b + 3) ** 2],
    };
  },
};

/** Deb 2001, "Multi-objective optimization using evolutionary algorithms", section 7.6: half of its front lies on a constraint. */
const constrEx: MultiProblem = {
  id: "constr_ex",
  box: [
    ["x1", 0.1, 1],
    ["x2", 0, 5],
  ],
  constraints: 2,
  reference: [1.1, 10],
  front(t) {
    const first = 7 / 18 + (11 / 18) * t;
    return [first, (1 + Math.max(0, 6 - 9 * first)) / first];
  },
  evaluate(point) {
    const [a, b] = [point["x1"] as number, point["x2"] as number];
    return { losses: [a, (1 + b) / a], violations: [6 - b - 9 * a, 1 + b - 9 * a] };
  },
};

/**
 * C1-DTLZ1 of Jain, Deb 2014, "An evolutionary many-objective optimization algorithm using reference-point based
 * nondominated sorting approach, part II", section IV: feasible only in a thin shell about the front. With one
 * parameter for the distance, near its best value, which is not in the middle: else hardly any search finds a feasible point.
 */
const c1dtlz1: MultiProblem = {
  id: "c1_dtlz1",
  box: [
    ["x1", 0, 1],
    ["x2", 0.42, 0.62],
  ],
  constraints: 1,
  reference: [1, 1],
  front: (t) => [0.5 * t, 0.5 * (1 - t)],
  evaluate(point) {
    const first = point["x1"] as number;
    const off = (point["x2"] as number) - 0.5;
    const far = 1 + 100 * (1 + off ** 2 - cos(20 * PI * off));
    const losses = [0.5 * first * far, 0.5 * (1 - first) * far] as const;
    return { losses, violations: [losses[0] / 0.5 + losses[1] / 0.6 - 1] };
  },
};

export const MULTI: readonly MultiProblem[] = [
  zdt("zdt1_6", 6, convex),
  zdt("zdt2_6", 6, concave),
  zdt("zdt3_6", 6, broken),
  zdt("zdt1_30", 30, convex),
  zdt("zdt2_30", 30, concave),
  zdt("zdt3_30", 30, broken),
  binhKorn,
  constrEx,
  c1dtlz1,
];

export function spaceOf({ box }: MultiProblem): UnitSpace {
  const entries = Object.fromEntries(box.map(([name, low, high]) => [name, uniform(low, high)]));
  return new UnitSpace(resolveSpace(entries, "quality"));
}

/** Hypervolume of the best front: of 100,000 points of it. */
export function bestVolume({ front, reference }: MultiProblem): number {
  const points = Array.from({ length: 100_001 }, (_, at) => front(at / 100_000));
  return hypervolume(points, reference);
}
