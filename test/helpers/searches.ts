import fc from "fast-check";
import { canonicalText } from "../../src/identity/canonical.ts";
import { sha256Hex } from "../../src/identity/sha256.ts";
import type { Told } from "../../src/search/optimizer.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { auto } from "../../src/search/samplers/auto.ts";
import { cmaes } from "../../src/search/samplers/cmaes.ts";
import { gp } from "../../src/search/samplers/gp.ts";
import { grid } from "../../src/search/samplers/grid.ts";
import { nsga2 } from "../../src/search/samplers/nsga2.ts";
import { random } from "../../src/search/samplers/random.ts";
import { sobol } from "../../src/search/samplers/sobol.ts";
import { tpe } from "../../src/search/samplers/tpe.ts";
import {
  choice,
  type Distribution,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  uniform,
} from "../../src/space/distribution.ts";
import { type Space, when } from "../../src/space/space.ts";

/** Every sampler, set so that short searches reach its model, and how many random searches it is worth. */
export const SEARCHERS: readonly (readonly [name: string, make: () => Sampler, runs: number])[] = [
  ["random", random, 12],
  ["sobol", sobol, 12],
  ["grid", () => grid({ points: 3 }), 12],
  ["tpe", () => tpe({ startupTrials: 3, candidates: 8 }), 10],
  ["gp", () => gp({ initialPoints: 3 }), 4],
  ["cmaes", () => cmaes({ startupTrials: 4, population: 3 }), 6],
  ["nsga2", () => nsga2({ population: 4 }), 8],
  ["auto", auto, 4],
];

const dimension: fc.Arbitrary<Distribution> = fc.constantFrom<Distribution>(
  uniform(-5, 5),
  uniform(0, 1, { step: 0.25 }),
  loguniform(1e-6, 1e3),
  int(-3, 3),
  int(0, 10_000),
  logint(1, 1_000),
  normal(10, 2),
  lognormal(0, 1),
  choice(["a", "b", "c"]),
  choice([true, false]),
  choice([1, null, "one"]),
  choice(["only"]),
  uniform(2, 2),
);

/** Spaces of numbers, integers and choices, some of them of few points, some with conditions in two levels. */
export const spaces: fc.Arbitrary<Space> = fc
  .record({
    plain: fc.array(dimension, { minLength: 1, maxLength: 3 }),
    branches: fc.option(fc.tuple(dimension, dimension), { nil: undefined }),
    isDeep: fc.boolean(),
  })
  .map(({ plain, branches, isDeep }) => {
    const space: Record<string, Space[string]> = {};
    for (const [at, own] of plain.entries()) space[`p${at}`] = own;
    if (branches === undefined) return space;
    space["kind"] = choice(["left", "right"]);
    space["left"] = when({ kind: "left" }, branches[0]);
    if (!isDeep) return { ...space, right: when({ kind: "right" }, branches[1]) };
    space["inner"] = when({ kind: "right" }, choice([0, 1]));
    return { ...space, deep: when({ inner: 1 }, branches[1]) };
  });

/** How trials may end in one search. */
export type Fate = "losses" | "failures" | "extremes" | "equal";

export const fates: fc.Arbitrary<Fate> = fc.constantFrom("losses", "failures", "extremes", "equal");

/** What a point gives: a function of the params alone, without pattern. */
export function toldOf(params: Readonly<Record<string, unknown>>, fate: Fate): Told {
  const hash = Number.parseInt(sha256Hex(canonicalText(params, "params")).slice(0, 8), 16);
  const loss = (hash % 1_000) / 100 - 5;
  if (fate === "equal") return 1;
  if (fate === "losses") return loss;
  const place = hash % 7;
  if (fate === "extremes") {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, 1e-300];
    return values[place] ?? loss;
  }
  if (place === 0) return "failed";
  if (place === 1) return "infeasible";
  return place === 2 ? { state: "pruned", value: loss } : loss;
}
