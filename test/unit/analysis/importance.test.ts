import { choice, importance, int, loguniform, type Space, uniform, when } from "metalab";
import { beforeAll, describe, expect, test } from "vitest";
import { createRng } from "../../../src/math/random.ts";
import type { Results } from "../../../src/results/results.ts";
import { maximize } from "../../../src/search/objective.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";

type Point = Readonly<Record<string, number>>;

/** Results of a function at random points of a cube. */
function sampled(
  names: readonly string[],
  [low, high]: readonly [number, number],
  trials: number,
  f: (point: Point) => number,
): Promise<Results> {
  const rng = createRng("importance", names.length, trials);
  const runs = Array.from({ length: trials }, (): RunSketch => {
    const params = Object.fromEntries(names.map((name) => [name, rng.uniform(low, high)]));
    return { params, metrics: { y: f(params) } };
  });
  return madeResults(runs);
}

const byName = ({ params }: ReturnType<typeof importance>) =>
  Object.fromEntries(params.map(({ name, importance }) => [name, importance]));

describe("importance of the Ishigami function", () => {
  // Sobol, Levitan 1999, with a = 7 and b = 0.1: S1 = 0.3139, S2 = 0.4424, S3 = 0, S13 = 0.2437.
  let results: Results;
  beforeAll(async () => {
    results = await sampled(["x1", "x2", "x3"], [-Math.PI, Math.PI], 1_000, ({ x1, x2, x3 }) => {
      return Math.sin(x1!) + 7 * Math.sin(x2!) ** 2 + 0.1 * x3! ** 4 * Math.sin(x1!);
    });
  });

  test("by fANOVA is near its Sobol indices, interaction included", () => {
    const found = importance(results, { metric: "y" });
    const main = byName(found);
    expect(Math.abs(main["x1"]! - 0.3139)).toBeLessThan(0.08);
    expect(Math.abs(main["x2"]! - 0.4424)).toBeLessThan(0.15);
    expect(main["x3"]).toBeLessThan(0.04);
    expect(found.interactions[0]!.names).toEqual(["x1", "x3"]);
    expect(Math.abs(found.interactions[0]!.importance - 0.2437)).toBeLessThan(0.06);
    expect(found.interactions.slice(1).every(({ importance }) => importance < 0.08)).toBe(true);
    expect(found).toMatchObject({ trials: 1_000, method: "fanova", warnings: [] });
    expect(found.score).toBeGreaterThan(0.85);
    const shares = found.params.reduce((sum, { share }) => sum + share, 0);
    expect(shares).toBeCloseTo(1, 12);
  });

  test("by permutation is near its total indices: 0.5576, 0.4424, 0.2437", () => {
    const total = byName(importance(results, { metric: "y", method: "permutation" }));
    expect(Math.abs(total["x1"]! - 0.5576)).toBeLessThan(0.1);
    expect(Math.abs(total["x2"]! - 0.4424)).toBeLessThan(0.15);
    expect(Math.abs(total["x3"]! - 0.2437)).toBeLessThan(0.08);
  });

  test("is the same each time, and another with another seed", () => {
    const first = importance(results, { metric: "y", trees: 4 });
    expect(importance(results, { metric: "y", trees: 4 }).params).toEqual(first.params);
    expect(importance(results, { metric: "y", trees: 4, seed: 9 }).params).not.toEqual(first.params);
  });

  test("does not depend on the scale of the metric or of the params", async () => {
    const turned = await madeResults(
      Array.from(results, ({ params, metrics }): RunSketch => {
        const scaled = Object.fromEntries(
          Object.entries(params).map(([name, x]) => [name, Math.exp(x as number)]),
        );
        return { params: scaled, metrics: { y: 100 - 8 * (metrics["y"] as number) } };
      }),
    );
    const [a, b] = [results, turned].map((one) => byName(importance(one, { metric: "y", trees: 8 })));
    for (const name of ["x1", "x2", "x3"]) expect(a![name]).toBeCloseTo(b![name]!, 3);
  });
});

test("importance of the Sobol g function is near its indices", async () => {
  // Saltelli, Sobol 1995: with a = 0, 1, 4.5, 9, 99, 99 the shares are V_i / V with V_i = 1 / (3 (1 + a_i)²).
  const a = [0, 1, 4.5, 9, 99, 99];
  const names = a.map((_, at) => `x${at}`);
  const results = await sampled(names, [0, 1], 800, (point) =>
    a.reduce((product, ai, at) => (product * (Math.abs(4 * point[`x${at}`]! - 2) + ai)) / (1 + ai), 1),
  );
  const found = importance(results, { metric: "y" });
  expect(found.params.slice(0, 2).map(({ name }) => name)).toEqual(["x0", "x1"]);
  expect(Math.abs(found.params[0]!.importance - 0.716)).toBeLessThan(0.05);
  expect(Math.abs(found.params[1]!.importance - 0.179)).toBeLessThan(0.07);
  expect(found.interactions[0]!.names).toEqual(["x0", "x1"]);
  const ped = importance(results, { metric: "y", method: "pedanova", direction: "min" });
  expect(ped.params.slice(0, 2).map(({ name }) => name)).toEqual(["x0", "x1"]);
});

describe("of very many trials", () => {
  // Variances of the terms are as 9 to 1; both params together count for nothing.
  const f = ({ a, b }: Point) => 3 * a! + b!;

  test("a part is drawn by the seed, evenly, and it is said", async () => {
    const results = await sampled(["a", "b"], [0, 1], 5_500, f);
    const found = importance(results, { metric: "y" });
    expect(found).toMatchObject({
      trials: 2_000,
      warnings: ["Worked out from 2,000 of 5,500 trials, drawn at random."],
    });
    expect(Math.abs(byName(found)["a"]! - 0.9)).toBeLessThan(0.02);
    expect(importance(results, { metric: "y" })).toEqual(found);
    expect(byName(importance(results, { metric: "y", seed: 1 }))).not.toEqual(byName(found));
    const ranked = importance(results, { metric: "y", method: "pedanova", direction: "min" });
    expect(ranked).toMatchObject({
      trials: 5_000,
      warnings: [expect.stringContaining("5,000 of 5,500 trials")],
    });
  });

  test("those without a number are counted over all, and replicates stay together", async () => {
    const runs = Array.from({ length: 2_600 }, (_, trial) =>
      [0, 1].map((replicate): RunSketch => {
        const params = { a: trial / 2_600, b: trial % 7 };
        if (trial % 13 === 0) return { trial, replicate, params, status: "cancelled" };
        return { trial, replicate, params, metrics: { y: trial % 100 === 1 ? Infinity : trial + replicate } };
      }),
    ).flat();
    const { trials, warnings } = importance(await madeResults(runs), { metric: "y" });
    expect(trials).toBe(2_000);
    expect(warnings.slice(0, 3)).toEqual([
      "y has no value in 200 trials, left out: failed, unfinished, missing or NaN.",
      'y is infinite in 24 trials, left out; method "pedanova" counts them.',
      "Worked out from 2,000 of 2,376 trials, drawn at random.",
    ]);
  });
});

test("fANOVA is that of Optuna on the same points", async () => {
  const runs = Array.from({ length: 400 }, (_, at): RunSketch => {
    const [x0, x1, x2, x3] = [2, 3, 5, 7].map((root) => ((at + 1) * Math.sqrt(root)) % 1) as [
      number,
      number,
      number,
      number,
    ];
    return { params: { x0, x1, x2, x3 }, metrics: { y: x0 ** 2 + x1 * x2 + 0.1 * x3 } };
  });
  const unit = uniform(0, 1);
  const found = importance(await madeResults(runs), {
    metric: "y",
    space: { x0: unit, x1: unit, x2: unit, x3: unit },
  });
  // FanovaImportanceEvaluator of Optuna 5.0.0, not normalized: the mean of its seeds 0, 1 and 2, which differ by 0.004.
  const optuna = { x0: 0.6419, x1: 0.1217, x2: 0.128, x3: 0.0012 };
  for (const [name, value] of Object.entries(optuna)) {
    expect(Math.abs(byName(found)[name]! - value)).toBeLessThan(name === "x3" ? 0.001 : 0.01);
  }
  // By integration: 1/144 of 0.13833.
  expect(found.interactions[0]!.names).toEqual(["x1", "x2"]);
  expect(Math.abs(found.interactions[0]!.importance - 0.0502)).toBeLessThan(0.015);
});

/** 200 points of a space with a log scale, integers, a choice and a conditional param; the same as Optuna was given. */
function mixedRuns(): RunSketch[] {
  return Array.from({ length: 200 }, (_, at): RunSketch => {
    const u = [2, 3, 5, 7, 11].map((q) => ((at + 1) * Math.sqrt(q)) % 1);
    const k = ["p", "q", "r"][Math.floor(3 * u[3]!)]!;
    const a = -1 + 2 * u[0]!;
    const lr = 1e-4 * 1000 ** u[1]!;
    const n = 1 + Math.floor(8 * u[2]!);
    const m = k === "p" ? {} : { m: u[4]! };
    const offset = k === "p" ? 0.3 : k === "q" ? 0 : 0.6;
    const y = a ** 2 + (Math.log10(lr) + 2.5) ** 2 / 3 + n / 10 + offset + (k === "p" ? 0 : u[4]!);
    return { params: { a, lr, n, k, ...m }, metrics: { y } };
  });
}

const space: Space = {
  ...{ a: uniform(-1, 1), lr: loguniform(1e-4, 1e-1), n: int(1, 8), k: choice(["p", "q", "r"]) },
  m: when({ k: ["q", "r"] }, uniform(0, 1)),
};

describe("PED-ANOVA", () => {
  // PedAnovaImportanceEvaluator(target_quantile=…) of Optuna 5.0.0, as shares of its sum.
  test.each([
    [0.1, { a: 0.2729278646, m: 0.2602673735, n: 0.2571687435, lr: 0.1401059236, k: 0.0695300948 }],
    [0.3, { a: 0.2614798595, n: 0.1966999842, lr: 0.1917846475, m: 0.1818438774, k: 0.1681916313 }],
  ])("with a quantile of %d is Optuna's, conditional params included", async (quantile, optuna) => {
    const results = await madeResults(mixedRuns());
    const rule = { metric: "y", direction: "min", method: "pedanova", quantile, space } as const;
    const found = importance(results, rule);
    expect(found.params.map(({ name }) => name)).toEqual(Object.keys(optuna));
    for (const [name, value] of Object.entries(optuna)) expect(byName(found)[name]).toBeCloseTo(value, 9);
    expect(found.interactions).toEqual([]);
    const best = found.params[0]!;
    expect(best.low).toBeLessThan(best.importance);
    expect(best.high).toBeGreaterThan(best.importance);
  });

  test("takes the space from the experiment, and its direction from the objective", async () => {
    const runs = mixedRuns().map((run) => ({ ...run, metrics: { y: -(run.metrics!["y"] as number) } }));
    const results = await madeResults(runs, {
      params: { kind: "random", space: JSON.parse(JSON.stringify(described(space))) },
      objectives: [maximize("y")],
    });
    expect(byName(importance(results, { method: "pedanova" }))["a"]).toBeCloseTo(0.2729278646, 9);
  });
});

/** A space as a manifest has it. */
function described(given: Space): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(given).map(([name, entry]) => [name, name === "m" ? { ...entry, type: "when" } : entry]),
  );
}

describe("a forest", () => {
  test("looks at choices without an order, and at what is inactive as a region of its own", async () => {
    const rng = createRng("conditional");
    const runs = Array.from({ length: 400 }, (): RunSketch => {
      const kind = rng.choice(["b", "a", "d", "c"]);
      const extra = kind === "a" || kind === "c" ? { extra: rng.next() } : {};
      const noise = { noise: rng.next(), tag: rng.choice(["u", "v", "w", "x", "y", "z"]) };
      // 0 or 1 by a choice whose names have no order, and a slope where the param is there.
      const y = (kind === "a" || kind === "d" ? 1 : 0) + ("extra" in extra ? extra.extra! : 0.5);
      return { params: { kind, ...extra, ...noise }, metrics: { y } };
    });
    const results = await madeResults(runs);
    for (const method of ["fanova", "permutation"] as const) {
      const found = byName(importance(results, { metric: "y", method }));
      // Variances 1/4 of the choice, and 1/24 of the param by itself: 0.143 of all. By fANOVA between a quarter of
      // that, where the forest learns that it does nothing for two of the kinds, and all of it.
      expect(found["kind"]).toBeGreaterThan(0.8);
      expect(found["extra"]).toBeGreaterThan(method === "fanova" ? 0.03 : 0.12);
      expect(found["extra"]).toBeLessThan(0.16);
      expect(Math.abs(found["noise"]!)).toBeLessThan(0.02);
      expect(Math.abs(found["tag"]!)).toBeLessThan(0.02);
    }
  });

  test("averages replicates, so that trials are counted and not runs", async () => {
    const runs = Array.from({ length: 40 }, (_, at) =>
      [0, 1, 2].map(
        (replicate): RunSketch => ({ params: { x: at }, replicate, metrics: { y: at + replicate } }),
      ),
    ).flat();
    expect(importance(await madeResults(runs), { metric: "y" })).toMatchObject({ trials: 40 });
  });
});

describe("what has no importance is said", () => {
  const runs = (values: readonly unknown[]): RunSketch[] =>
    values.map((y, at): RunSketch => ({ params: { x: at, fixed: 1 }, metrics: { y: y as number } }));

  test("constant params and metrics, few trials", async () => {
    const flat = importance(await madeResults(runs([2, 2, 2])), { metric: "y" });
    expect(flat.params.map(({ importance }) => importance)).toEqual([0, 0]);
    expect(flat.warnings).toEqual([
      "The same in all trials, so without importance here: fixed.",
      "y is the same in all trials: nothing matters to it.",
    ]);
    const few = importance(await madeResults(runs([1, 2, 3, 4])), { metric: "y" });
    expect(few.warnings).toContain("4 trials are few: 30 or more are better.");
    expect(few.params.find(({ name }) => name === "fixed")!.importance).toBe(0);
  });

  test("failed, NaN and infinite trials, and one that drowns the rest", async () => {
    const values = [
      ...Array.from({ length: 40 }, (_, at) => at % 7),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1e9,
    ];
    const found = importance(await madeResults(runs(values)), { metric: "y" });
    expect(found.trials).toBe(41);
    const said = found.warnings.join(" ");
    expect(said).toContain("y has no value in 1 trial, left out");
    expect(said).toContain('y is infinite in 1 trial, left out; method "pedanova" counts them.');
    expect(said).toContain("One trial holds most of the variance");
    const ped = importance(await madeResults(runs(values)), {
      metric: "y",
      direction: "min",
      method: "pedanova",
    });
    expect(ped.trials).toBe(42);
    expect(ped.params.every(({ importance }) => Number.isFinite(importance))).toBe(true);
  });

  test("a metric that has nothing to do with the params", async () => {
    const rng = createRng("noise");
    const values = Array.from({ length: 100 }, () => rng.next());
    const found = importance(await madeResults(runs(values)), { metric: "y" });
    expect(found.score).toBeLessThan(0.3);
    expect(found.warnings.join(" ")).toContain("the importances say little");
  });

  test("a metric of words", async () => {
    const words = importance(await madeResults(runs(["low", "high", "low"])), { metric: "y" });
    expect(String(words)).toBe(
      "y is not a number in 3 trials, left out.\nThere are no trials with a value: nothing has an importance.",
    );
    const mixed = importance(await madeResults(runs(["low", 1, 2, Number.NaN])), { metric: "y" });
    expect(mixed.trials).toBe(2);
    expect(mixed.warnings.slice(0, 2)).toEqual([
      "y has no value in 1 trial, left out: failed, unfinished, missing or NaN.",
      "y is not a number in 1 trial, left out.",
    ]);
  });

  test("no runs, no params", async () => {
    for (const method of ["fanova", "permutation", "pedanova"] as const) {
      const none = importance(await madeResults([]), { metric: "y", direction: "min", method });
      expect(none.warnings).toEqual(["There are no trials with a value: nothing has an importance."]);
      const bare = await madeResults([{ metrics: { y: 1 } }]);
      expect(importance(bare, { metric: "y", direction: "min", method }).params).toEqual([]);
    }
  });

  test("wrong options", async () => {
    const results = await madeResults(runs([1, 2]));
    expect(() => importance(results, { metric: "y", method: "shap" as never })).toThrow(/got "shap"/);
    expect(() => importance(results, { metric: "y", trees: 1 })).toThrow(/a whole number from 2 on, got 1/);
    expect(() => importance(results, { metric: "y", method: "pedanova" })).toThrow(/Add "min" or "max"/);
    expect(() => importance(results, { metric: "z" })).toThrow(/no run has a metric named "z"/);
  });
});

describe("results of several experiments", () => {
  /** Ten trials of an optimizer; each loss is that of the rate, if there is one. */
  const tried = (optimizer: string | number, y: (rate: number) => number | undefined): readonly RunSketch[] =>
    Array.from({ length: 10 }, (_, rate): RunSketch => {
      const loss = y(rate);
      const params = { optimizer, rate };
      return loss === undefined
        ? { params, status: "failed", error: { name: "Error", message: "no", class: "error" } }
        : { params, metrics: { y: loss } };
    });
  const seen = (results: Results) => {
    const { trials, warnings } = importance(results, { metric: "y", trees: 2 });
    return { trials, warnings };
  };

  test.each([
    ["diverge", Number.NaN],
    ["fail", undefined],
  ])("know their trials apart when those of one value %s", async (_name, bad) => {
    const first = [...tried("bad", () => bad), ...tried("adam", (rate) => rate)];
    // Here the first value that is met is another one, and one is a number.
    const second = [...tried("sgd", (rate) => 2 * rate), ...tried(0, (rate) => 3 * rate)];
    const apart = (await madeResults(first)).concat(await madeResults(second, { name: "other" }));
    const together = seen(await madeResults([...first, ...second]));
    expect(together).toMatchObject({ trials: 30 });
    expect(together.warnings.join(" ")).toContain("10 trials");
    expect(seen(apart)).toEqual(together);
  });

  test("take a default for the value that it is", async () => {
    const failed: RunSketch = { status: "failed", error: { name: "Error", message: "no", class: "error" } };
    const rates = [1, 2, 3, 4];
    const bare = rates.map((rate): RunSketch => ({ params: { rate }, ...failed }));
    const full = rates.map((rate): RunSketch => ({ params: { rate, decay: 0.5 }, metrics: { y: rate } }));
    const first = await madeResults(bare, { defaults: { decay: 0.5 } });
    const both = first.concat(await madeResults(full, { name: "other" }));
    expect(seen(both)).toEqual(seen(await madeResults(full)));
  });
});
