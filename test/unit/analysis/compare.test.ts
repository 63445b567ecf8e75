import { compare } from "metalab";
import { describe, expect, test } from "vitest";
import { maximize, minimize } from "../../../src/search/objective.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";
import { FIRST_DRUG, ORANGE, SECOND_DRUG, VITAMIN } from "../math/samples.ts";

/** Runs of one value of a param: one for each replicate. */
function runsOf(params: Readonly<Record<string, unknown>>, values: readonly unknown[]): RunSketch[] {
  return values.map((y, replicate): RunSketch => ({ params, replicate, metrics: { y: y as number } }));
}

const objectives = [maximize("y")];

describe("a comparison", () => {
  test("over common seeds is that of SciPy on Student's sleep data", async () => {
    const runs = [...runsOf({ drug: 1 }, FIRST_DRUG), ...runsOf({ drug: 2 }, SECOND_DRUG)];
    const found = compare(await madeResults(runs, { objectives }), { by: "params.drug" });
    const [pair] = found.pairs;
    expect(pair).toMatchObject({ a: "1", b: "2", design: "paired", n: [10, 10] });
    expect(pair!.difference).toBeCloseTo(-1.58, 12);
    expect(pair!.low).toBeCloseTo(-2.459885763276983, 11);
    expect(pair!.high).toBeCloseTo(-0.7001142367230175, 11);
    expect(pair!.t.name).toBe("paired t");
    expect(pair!.t.p).toBeCloseTo(0.002832890197384273, 13);
    expect(pair!.t.pHolm).toBe(pair!.t.p);
    // Nine differences that are not 0, all of one sign: 2 / 2^9.
    expect(pair!.rank.p).toBeCloseTo(0.00390625, 14);
    expect(pair!.effect).toMatchObject({ name: "Cohen's d_z" });
    expect(pair!.effect.value).toBeCloseTo(-1.2845575625910546, 12);
    // Solving SciPy's noncentral t for a power of 0.8 asks for 6.91.
    expect(pair!.replicatesNeeded).toBe(7);
    // Nine patients slept longer with the second, one the same.
    expect(pair!.superiority).toBeCloseTo(0.05, 14);
    expect(found.best).toBe("2");
    expect(found.note).toMatch(
      /^2 has the highest mean y, 2\.33, and is better than 1 \(by 1\.58; p = 0\.0028 corrected/,
    );
    expect(found.warnings).toEqual([]);
  });

  test("without common seeds is Welch's and Mann and Whitney's on R's ToothGrowth", async () => {
    const runs = [
      ...runsOf({ supplement: "OJ" }, ORANGE),
      ...runsOf({ supplement: "VC" }, VITAMIN).map((run, at) => ({ ...run, replicate: 10 + at })),
    ];
    const { pairs, warnings } = compare(await madeResults(runs, { objectives }), { by: "supplement" });
    expect(pairs[0]).toMatchObject({ design: "unpaired", n: [10, 10] });
    expect(pairs[0]!.t).toMatchObject({ name: "Welch's t" });
    expect(pairs[0]!.t.p).toBeCloseTo(0.00635860676409682, 13);
    expect(pairs[0]!.t.df).toBeCloseTo(14.968753710695397, 10);
    expect(pairs[0]!.rank.statistic).toBe(80.5);
    expect(pairs[0]!.effect.value).toBeCloseTo(1.3575093894490455, 11);
    expect(pairs[0]!.superiority).toBeCloseTo(0.805, 14);
    expect(warnings).toEqual([
      expect.stringMatching(/^The groups are compared unpaired: too few runs of both have/),
    ]);
  });

  test("turned round is the same, mirrored", async () => {
    const runs = [...runsOf({ drug: 1 }, FIRST_DRUG), ...runsOf({ drug: 2 }, SECOND_DRUG)];
    const results = await madeResults(runs);
    const up = compare(results, { by: "drug", metric: "y", direction: "max" });
    const down = compare(results, { by: "drug", metric: "y", direction: "min" });
    expect(up.groups.map(({ pBest }) => pBest)).toEqual(down.groups.map(({ pBest }) => pBest).reverse());
    expect(up.pairs[0]!.superiority).toBeCloseTo(1 - down.pairs[0]!.superiority, 14);
    expect(down.best).toBe("1");
  });

  test("pairs runs of equal seeds and other params, whatever their order and number", async () => {
    const noise = [0.3, -0.2, 0.9, 0.1];
    const runs = noise.flatMap((seed, replicate) =>
      [0.1, 0.01].flatMap((lr) =>
        ["a", "b"].map((kind): RunSketch => {
          const y = seed + 100 * lr + (kind === "a" ? 0 : 1 + seed / 100);
          return { params: { lr, kind }, replicate, metrics: { y } };
        }),
      ),
    );
    const { pairs, warnings } = compare(await madeResults(runs.reverse(), { objectives }), { by: "kind" });
    expect(pairs[0]).toMatchObject({ design: "paired", n: [8, 8] });
    expect(pairs[0]!.difference).toBeCloseTo(-1.00275, 10);
    expect(pairs[0]!.high - pairs[0]!.low).toBeLessThan(0.02);
    expect(warnings.join(" ")).toContain("Pairs are of 4 seeds in several settings of other params");
  });

  test("of two configurations pairs by the seed alone, though all their params differ", async () => {
    const runs = [
      ...runsOf({ kind: "a", lr: 0.1 }, [1, 2, 4, 3]),
      ...runsOf({ kind: "b", lr: 0.5, momentum: 0.9 }, [2, 3, 5, 4.5]),
    ];
    const results = await madeResults(runs, { objectives });
    expect(compare(results, { by: "kind" }).pairs[0]).toMatchObject({ design: "paired", n: [4, 4] });
    const apart = compare(results, { by: "kind", paired: false });
    expect(apart.pairs[0]!.design).toBe("unpaired");
    expect(apart.warnings[0]).toBe("The groups are compared unpaired, as asked.");
    // Each replicate is better with b, but not by as much as replicates differ.
    expect(compare(results, { by: "kind" }).groups[1]!.pBest).toBe(1);
    expect(apart.groups[1]!.pBest).toBeLessThan(0.95);
  });

  test("does not pair runs of other base seeds", async () => {
    const [first, second] = await Promise.all(
      [1, 2].map((base) =>
        madeResults(runsOf({ base }, [1, 2, 3]), {
          name: `base-${base}`,
          objectives,
          seeds: { base, replicates: 3 },
        }),
      ),
    );
    const joined = first!.concat(second!);
    expect(compare(joined, { by: "experiment" }).pairs[0]!.design).toBe("unpaired");
    expect(compare(joined, { by: "experiment", pairBy: "replicate" }).pairs[0]!.design).toBe("paired");
  });

  test("joins the folds of a replicate as the experiment says", async () => {
    const runs = ["a", "b"].flatMap((kind) =>
      [0, 1].flatMap((replicate) =>
        [1, 2, 9].map((y): RunSketch => {
          return { params: { kind }, replicate, metrics: { y: y + replicate + (kind === "b" ? 1 : 0) } };
        }),
      ),
    );
    const folds = { count: 3, aggregate: "median" };
    const { groups } = compare(await madeResults(runs, { objectives, folds }), { by: "kind" });
    expect(groups.map(({ n, mean }) => [n, mean])).toEqual([
      [2, 2.5],
      [2, 3.5],
    ]);
  });

  test("corrects for the number of pairs, and says what is not told apart", async () => {
    const base = [0.1, -0.4, 0.2, 0.5, -0.3, 0, 0.25, -0.2, 0.15, -0.1];
    const turned = [...base].reverse();
    const runs = [
      ...runsOf({ kind: "a" }, base),
      ...runsOf(
        { kind: "b" },
        turned.map((y) => y + 0.05),
      ),
      ...runsOf(
        { kind: "c" },
        base.map((y, at) => y + 5 + turned[at]! / 9),
      ),
    ];
    const results = await madeResults(runs, { objectives: [minimize("y")] });
    const found = compare(results, { by: "kind" });
    const p = found.pairs.map(({ t }) => t.p);
    expect(found.pairs.map(({ a, b }) => a + b)).toEqual(["ab", "ac", "bc"]);
    expect(found.pairs[0]!.t.pHolm).toBeCloseTo(p[0]!, 14);
    expect(found.pairs[1]!.t.pHolm).toBeCloseTo(3 * Math.min(p[1]!, p[2]!), 14);
    expect(found.note).toMatch(
      /^a has the lowest mean y, 0\.02, but is not told apart from b \(p = .* pairs\)\.$/,
    );
    const chances = found.groups.map(({ pBest }) => pBest);
    expect(chances[0]! + chances[1]!).toBeCloseTo(1, 12);
    expect(chances[2]).toBe(0);
  });

  test("by the bootstrap agrees with the normal curve on who is best, and is the same each time", async () => {
    const n = 40;
    const values = Array.from({ length: n }, (_, at) => Math.sin(3 * at) + 0.2);
    const runs = [...runsOf({ kind: "a" }, values), ...runsOf({ kind: "b" }, new Array(n).fill(0))];
    const results = await madeResults(runs, { objectives });
    const [a, b] = compare(results, { by: "kind" }).groups;
    // Mean 0.2132…, standard error 0.1132…: P(mean > 0) = Φ(mean / sem).
    const z = a!.mean / a!.sem;
    expect(a!.pBest).toBeGreaterThan(0.9);
    expect(Math.abs(a!.pBest - normal(z))).toBeLessThan(0.01);
    expect(a!.pBest + b!.pBest).toBeCloseTo(1, 12);
    expect(compare(results, { by: "kind" }).groups[0]!.pBest).toBe(a!.pBest);
    expect(compare(results, { by: "kind", seed: 5 }).groups[0]!.pBest).not.toBe(a!.pBest);
  });
});

/** Φ by Simpson's rule. */
function normal(z: number): number {
  const steps = 2_000;
  let sum = 0;
  for (let at = 0; at <= steps; at += 1) {
    const weight = at === 0 || at === steps ? 1 : at % 2 === 0 ? 2 : 4;
    sum += weight * Math.exp(-(((at * z) / steps) ** 2) / 2);
  }
  return 0.5 + (sum * z) / steps / 3 / Math.sqrt(2 * Math.PI);
}

describe("what cannot be compared is said", () => {
  test("diverged, failed and odd runs", async () => {
    const runs: RunSketch[] = [
      ...runsOf({ kind: "a" }, [1, 2, Number.NaN, 3]),
      ...runsOf({ kind: "b" }, [2, "high", 3, 5]),
      { params: { kind: "b" }, replicate: 4, status: "failed" },
    ];
    const { pairs, warnings, groups } = compare(await madeResults(runs, { objectives }), { by: "kind" });
    expect(pairs[0]!.n).toEqual([2, 2]);
    expect(groups.map(({ n, nan, failed }) => [n, nan, failed])).toEqual([
      [3, 1, 0],
      [3, 0, 1],
    ]);
    expect(warnings[0]).toBe("a: of 4 runs, 1 is NaN; these are left out, which flatters it.");
    expect(warnings[1]).toMatch(/^b: of 5 runs, 1 has failed, 1 is without a number/);
    expect(warnings[2]).toMatch(/^With 2 pairs a t test leans on .* cannot give less than p = 0\.5\.$/);
  });

  test("one group, one replicate, no runs, all failed", async () => {
    const one = compare(await madeResults(runsOf({ kind: "a" }, [1, 2]), { objectives }), { by: "kind" });
    expect(one.note).toBe("a has the highest mean y, 1.5; there is no other group to compare it with.");
    const single = [...runsOf({ kind: "a" }, [1]), ...runsOf({ kind: "b" }, [2])];
    const alone = compare(await madeResults(single, { objectives }), { by: "kind" });
    expect(alone.note).toContain("not told apart from a (too few values to test)");
    expect(alone.groups.every(({ pBest }) => Number.isNaN(pBest))).toBe(true);
    expect(alone.warnings.join(" ")).toContain("nothing can be tested without replicates");
    const none = await madeResults([], { objectives });
    expect(compare(none, { by: "kind" }).note).toBe("There are no runs to compare.");
    const failed = await madeResults([{ params: { kind: "a" }, status: "failed" }], { objectives });
    const lost = compare(failed, { by: "kind" });
    expect(lost.note).toBe("No group has a value of y to compare.");
    expect(lost.groups[0]!.pBest).toBeNaN();
    const words = [...runsOf({ kind: "a" }, ["x", "y"]), ...runsOf({ kind: "b" }, ["z", "x"])];
    const told = compare(await madeResults(words, { objectives }), { by: "kind" });
    expect(told.warnings).toEqual([
      "a: of 2 runs, 2 are without a number.",
      "b: of 2 runs, 2 are without a number.",
    ]);
    expect(String(told)).not.toContain("Differences");
    for (const found of [one, alone, compare(none, { by: "kind" })])
      expect(String(found)).toContain(found.note);
  });

  test("infinite values, and values that do not vary", async () => {
    const runs = [...runsOf({ kind: "a" }, [1, 2, Infinity]), ...runsOf({ kind: "b" }, [1, 1, 1])];
    const infinite = compare(await madeResults(runs, { objectives: [minimize("y")] }), { by: "kind" });
    expect(infinite.warnings[0]).toContain("a: infinite values; only the rank tests count");
    expect(infinite.pairs[0]!.low).toBeNaN();
    // Of the differences 0, 1 and ∞ two have a sign, and both the same: 2 · 2⁻².
    expect(infinite.pairs[0]!.rank.p).toBe(0.5);
    const flat = [...runsOf({ kind: "a" }, [1, 1, 1]), ...runsOf({ kind: "b" }, [2, 2, 2])];
    const same = compare(await madeResults(flat, { objectives }), { by: "kind" });
    expect(same.warnings.join(" ")).toContain("the metric does not depend on the seed");
  });

  test("differences that vary by rounding alone do not vary", async () => {
    const values = [0.1, 0.2, 0.3, 0.7, 1.1];
    const runs = [
      ...runsOf({ kind: "a" }, values),
      ...runsOf(
        { kind: "b" },
        values.map((y) => y + 0.1),
      ),
    ];
    const { pairs, warnings, note } = compare(await madeResults(runs, { objectives }), { by: "kind" });
    expect(new Set(values.map((y) => y + 0.1 - y)).size).toBeGreaterThan(1);
    expect(pairs[0]!.effect.value).toBe(-Infinity);
    expect(note).toMatch(/corrected, no spread\)\.$/);
    // All differences are equal, so all ranks are: only the signs count, 2 · 2⁻⁵.
    expect(pairs[0]!.rank.p).toBeCloseTo(0.0625, 12);
    expect(warnings.join(" ")).toContain("the metric does not depend on the seed");
  });

  test("one seed in several settings is said to be one", async () => {
    const runs = [1, 2, 3, 4].flatMap((lr): RunSketch[] => [
      { params: { kind: "a", lr }, metrics: { y: lr } },
      { params: { kind: "b", lr }, metrics: { y: 1.5 * lr } },
    ]);
    const { warnings } = compare(await madeResults(runs, { objectives }), { by: "kind" });
    expect(warnings.join(" ")).toContain("All pairs are of one seed, in several settings of other params");
  });

  test("wrong names and options", async () => {
    const results = await madeResults(runsOf({ kind: "a" }, [1, 2]));
    expect(() => compare(results, { by: "kinds", metric: "y", direction: "min" })).toThrow(
      /Did you mean "kind"/,
    );
    expect(() => compare(results, { by: "kind", metric: "z" })).toThrow(/no run has a metric named "z"/);
    expect(() => compare(results, { by: "kind", metric: "y" })).toThrow(/Add "min" or "max"/);
    expect(() => compare(results, { by: [], metric: "y" })).toThrow(
      /by is a name, or a list of names, got \[\]/,
    );
    expect(() => compare(results, { by: "kind", confidence: 95 })).toThrow(/confidence is a probability/);
    expect(() => compare(results, { by: "kind", alpha: 0.05 } as never)).toThrow(/Use "confidence"/);
    const many = await madeResults(
      Array.from({ length: 60 }, (_, at) => ({ params: { at }, metrics: { y: at } })),
    );
    expect(() => compare(many, { by: "at", metric: "y", direction: "min" })).toThrow(/at most 50 groups/);
  });
});

describe("many groups", () => {
  const runs = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      [0, 1, 2].map((replicate): RunSketch => {
        const metrics = { y: 0.1 * replicate - (at - 4) ** 2, noise: at + replicate / 7, kind: at % 3 };
        return { trial: at, replicate, params: { at }, metrics, durationMs: at + replicate / 3 };
      }),
    ).flat();

  test("print the pairs of the best with what is nearest to it, and how many more there are", async () => {
    const found = compare(await madeResults(runs(20), { objectives }), { by: "at" });
    expect(found.pairs.length).toBe(190);
    expect(found.note).toMatch(
      /^4 has the highest mean y, 0\.1, and is better than all 19 others \(nearest is [35], 1 away/,
    );
    const lines = String(found).split("\n");
    const shown = lines.filter((line) => / − /.test(line)).slice(1);
    expect(shown.length).toBe(15);
    expect(shown.slice(0, 4).map((line) => line.slice(0, 5))).toEqual(["3 − 4", "4 − 5", "2 − 4", "4 − 6"]);
    expect(lines.find((line) => line.startsWith("…"))).toMatch(/^… 175 more pairs: .* all are in pairs/);
    const few = String(compare(await madeResults(runs(6), { objectives }), { by: "at" }));
    expect(few).not.toContain("more pair");
    expect(few.match(/ − /g)!.length).toBe(16);
  });

  test.each(["noise", "metrics.noise", "durationMs"])(
    "are not made by %s, a number that runs do not share",
    async (by) => {
      const results = await madeResults(runs(12), { objectives });
      expect(() => compare(results, { by })).toThrow(
        `compare(): by is what several runs have in common, got "${by}", of which 36 runs have 36 values.`,
      );
      expect(compare(results.filter("at < 3"), { by }).groups.length).toBe(9);
    },
  );

  test("are made by a number that many runs share, and by params", async () => {
    const results = await madeResults(runs(12), { objectives });
    expect(compare(results, { by: "metrics.kind" }).groups.length).toBe(3);
    expect(compare(results, { by: "trial" }).groups.length).toBe(12);
  });
});

test("a comparison prints its tables", async () => {
  const runs = [...runsOf({ drug: 1 }, FIRST_DRUG), ...runsOf({ drug: 2 }, SECOND_DRUG)];
  const text = String(compare(await madeResults(runs, { objectives }), { by: "params.drug" }));
  expect(text).toContain("y (maximize) by params.drug");
  expect(text).toMatch(/1 − 2\s+10\s+-1\.58\s+-2\.46 … -0\.7\s+0\.003\s+0\.004\s+-1\.28\s+0\.05\s+7/);
});
