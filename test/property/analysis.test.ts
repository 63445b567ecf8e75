import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare } from "../../src/analysis/compare.ts";
import { importance } from "../../src/analysis/importance/importance.ts";
import { compareStrategies } from "../../src/analysis/strategies/strategies.ts";
import { summarizeGroups } from "../../src/analysis/summarize-groups.ts";
import { holm } from "../../src/math/holm.ts";
import { createRng } from "../../src/math/random.ts";
import { hypervolume } from "../../src/search/hypervolume.ts";
import { maximize, minimize } from "../../src/search/objective.ts";
import { dominates, paretoFront } from "../../src/search/pareto.ts";
import { madeResults, type RunSketch } from "../helpers/made-results.ts";

/** A value as a run may have it: mostly plain numbers, now and then what spoils them. */
const metric = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -40, max: 40 }).map((whole) => whole / 8) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e30) },
  { weight: 1, arbitrary: fc.constantFrom("low", undefined) },
);

/** Runs of up to four groups, of which some replicates may be missing or have failed. */
const groups: fc.Arbitrary<readonly RunSketch[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom("a", "b", "c", "d"),
      replicate: fc.nat({ max: 6 }),
      y: metric,
      hasFailed: fc.nat({ max: 9 }).map((n) => n === 0),
    }),
    { minLength: 2, maxLength: 24 },
  )
  .map((list) => {
    const seen = new Set<string>();
    const distinct = list.filter(({ kind, replicate }) => {
      const key = `${kind}${replicate}`;
      return !seen.has(key) && seen.add(key);
    });
    return distinct.map(({ kind, replicate, y, hasFailed }): RunSketch => {
      const about = { params: { kind }, trial: kind.charCodeAt(0), replicate };
      if (hasFailed) return { ...about, status: "failed" };
      return { ...about, metrics: y === undefined ? {} : { y: y as number } };
    });
  });

const objectives = [minimize("y")];
const shuffled = <T>(list: readonly T[], seed: number) => createRng("order", seed).shuffle([...list]);
/** Everything that can be compared: numbers that JSON lacks as text. */
const plain = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === "number" ? String(one) : one)),
  ) as unknown;

describe("a comparison of any runs", () => {
  test("does not depend on their order", async () => {
    await fc.assert(
      fc.asyncProperty(groups, fc.nat(), async (runs, seed) => {
        const [one, other] = await Promise.all(
          [runs, shuffled(runs, seed)].map((list) => madeResults(list, { objectives })),
        );
        const by = { by: "kind", metric: "y", direction: "min", resamples: 200 } as const;
        expect(plain(compare(other!, by))).toEqual(plain(compare(one!, by)));
        const summary = { by: "kind", metric: "y" } as const;
        expect(plain(summarizeGroups(other!, summary))).toEqual(plain(summarizeGroups(one!, summary)));
      }),
      { numRuns: 40 },
    );
  });

  test("is the same turned round: differences and effects change their sign, p values stay", async () => {
    const turn: Readonly<Record<string, string>> = { a: "d", b: "c", c: "b", d: "a" };
    await fc.assert(
      fc.asyncProperty(groups, async (runs) => {
        const turned = runs.map((run) => ({ ...run, params: { kind: turn[run.params!["kind"] as string] } }));
        const [one, other] = await Promise.all(
          [runs, turned].map((list) => madeResults(list, { objectives })),
        );
        const by = { by: "kind", metric: "y", direction: "min", resamples: 50 } as const;
        const back = compare(other!, by).pairs;
        for (const pair of compare(one!, by).pairs) {
          const same = back.find(({ a, b }) => a === turn[pair.b] && b === turn[pair.a])!;
          const close = (x: number, y: number) =>
            Number.isFinite(x) ? expect(y).toBeCloseTo(x, 9) : expect(String(y)).toBe(String(x));
          expect(same.design).toBe(pair.design);
          expect([...same.n].reverse()).toEqual([...pair.n]);
          close(pair.difference, -same.difference);
          close(pair.low, -same.high);
          close(pair.high, -same.low);
          close(pair.effect.value, -same.effect.value);
          close(pair.superiority, 1 - same.superiority);
          for (const name of ["t", "rank"] as const) {
            close(pair[name].p, same[name].p);
            close(pair[name].pHolm, same[name].pHolm);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test("has intervals around its means and differences, and chances that sum to 1", async () => {
    await fc.assert(
      fc.asyncProperty(groups, async (runs) => {
        const results = await madeResults(runs, { objectives });
        const found = compare(results, { by: "kind", metric: "y", direction: "min", resamples: 100 });
        const slack = (value: number) => 1e-9 * Math.max(1, Math.abs(value));
        for (const { low, mean, high } of found.groups) {
          if (Number.isNaN(low)) continue;
          expect(low).toBeLessThanOrEqual(mean + slack(mean));
          expect(high).toBeGreaterThanOrEqual(mean - slack(mean));
        }
        for (const { low, difference, high, t, rank, superiority } of found.pairs) {
          if (!Number.isNaN(low)) {
            expect(low).toBeLessThanOrEqual(difference + slack(difference));
            expect(high).toBeGreaterThanOrEqual(difference - slack(difference));
          }
          for (const { p, pHolm } of [t, rank]) {
            if (Number.isNaN(p)) continue;
            expect(p).toBeGreaterThanOrEqual(0);
            expect(pHolm).toBeGreaterThanOrEqual(p);
            expect(pHolm).toBeLessThanOrEqual(1);
          }
          if (!Number.isNaN(superiority)) expect(Math.abs(superiority - 0.5)).toBeLessThanOrEqual(0.5);
        }
        const chances = found.groups.map(({ pBest }) => pBest).filter((chance) => !Number.isNaN(chance));
        if (chances.length > 0) expect(chances.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 25 },
    );
  });
});

test("Holm's correction keeps the order, lowers nothing, and is what Bonferroni's is for the least", () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(p, { minLength: 1, maxLength: 12 }), (given) => {
      const corrected = holm(given);
      const order = [...given.keys()].sort((a, b) => given[a]! - given[b]!);
      for (const [at, index] of order.entries()) {
        expect(corrected[index]).toBeGreaterThanOrEqual(given[index]!);
        expect(corrected[index]).toBeLessThanOrEqual(1);
        if (at > 0) expect(corrected[index]).toBeGreaterThanOrEqual(corrected[order[at - 1]!]!);
      }
      expect(corrected[order[0]!]).toBe(Math.min(1, given.length * given[order[0]!]!));
    }),
  );
});

test("the chance that one strategy beats another is that of the other, turned round, and curves never get worse", async () => {
  const value = metric.map((y) => y ?? Number.NaN);
  const repeats = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(repeats, repeats, fc.boolean(), async (first, second, isMaximum) => {
      const made = (name: string, lists: typeof first) => {
        const runs = lists.flatMap((values, replicate) =>
          values.map((y, trial) => ({ trial, replicate, params: { trial }, metrics: { y: y as number } })),
        );
        return madeResults(runs, { name, objectives: [isMaximum ? maximize("y") : minimize("y")] });
      };
      const found = compareStrategies([await made("a", first), await made("b", second)], {
        metric: "y",
        direction: isMaximum ? "max" : "min",
      });
      for (const trials of [1, 2, 3]) {
        expect(found.beats("a", "b", trials)).toBeCloseTo(1 - found.beats("b", "a", trials), 12);
        expect(Math.abs(found.beats("a", "b", trials) - 0.5)).toBeLessThanOrEqual(0.5);
      }
      for (const { curves } of found.strategies) {
        for (const curve of curves) {
          const steps = [...curve].map((value) => (isMaximum ? -value : value));
          for (const [at, value] of steps.entries())
            if (at > 0) expect(value).toBeLessThanOrEqual(steps[at - 1]!);
        }
      }
    }),
    { numRuns: 25 },
  );
});

describe("importance of any params", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom("p", "q", "r"), fc.boolean());
  const trials = fc.array(
    fc.record({ a: value, b: value, c: fc.option(value, { nil: undefined }), y: metric }),
    {
      minLength: 1,
      maxLength: 40,
    },
  );
  const runsOf = (list: readonly { a: unknown; b: unknown; c?: unknown; y: unknown }[]) =>
    list.map(
      ({ a, b, c, y }, trial): RunSketch => ({
        trial,
        params: { a, b, ...(c === undefined ? {} : { c }), fixed: 1 },
        metrics: { ...(y === undefined ? {} : { y: y as number }), other: 1 },
      }),
    );

  test.each(["fanova", "pedanova", "permutation"] as const)(
    "by %s sums to 1 at most, is 0 of a constant, and does not depend on the order of runs",
    async (method) => {
      const options = { metric: "y", direction: "min", method, trees: 8 } as const;
      await fc.assert(
        fc.asyncProperty(trials, fc.nat(), async (list, seed) => {
          const runs = runsOf([...list, { a: 1, b: 2, y: 3 }]);
          const found = importance(await madeResults(runs), options);
          const shares = found.params.map(({ share }) => share);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9);
          expect(found.params.find(({ name }) => name === "fixed")!.importance).toBe(0);
          if (method !== "permutation") {
            const parts = [...found.params, ...found.interactions].map((one) => one.importance);
            expect(parts.every((part) => part >= 0)).toBe(true);
            expect(parts.reduce((sum, part) => sum + part, 0)).toBeLessThanOrEqual(1 + 1e-9);
          }
          for (const { low, high } of found.params) expect(low).toBeLessThanOrEqual(high);
          const again = importance(await madeResults(shuffled(runs, seed)), options);
          expect(again.params.map(({ name }) => name)).toEqual(found.params.map(({ name }) => name));
          for (const [at, one] of again.params.entries()) {
            expect(one.importance).toBeCloseTo(found.params[at]!.importance, 9);
          }
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe("fronts of any points", () => {
  const loss = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 30 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300) },
  );
  const points = (size: number) =>
    fc.array(fc.array(loss, { minLength: size, maxLength: size }), {
      minLength: 1,
      maxLength: 300,
      size: "max",
    });

  test.each([1, 2, 3])("hold what nothing beats, with %d objectives", (size) => {
    fc.assert(
      fc.property(points(size), (given) => {
        const brute = [...given.keys()].filter((at) => !given.some((other) => dominates(other, given[at]!)));
        expect(paretoFront(given)).toEqual(brute);
      }),
      { numRuns: 40 },
    );
  });

  test.each([2, 3])(
    "have a hypervolume that only grows, of their front alone, with %d objectives",
    (size) => {
      const finite = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: size, maxLength: size });
      fc.assert(
        fc.property(fc.array(finite, { minLength: 1, maxLength: 12 }), finite, (given, more) => {
          const reference = new Array<number>(size).fill(10);
          const volume = hypervolume(given, reference);
          expect(hypervolume([...given, more], reference)).toBeGreaterThanOrEqual(volume - 1e-9);
          expect(hypervolume([...given].reverse(), reference)).toBeCloseTo(volume, 9);
          const front = paretoFront(given).map((at) => given[at]!);
          expect(hypervolume(front, reference)).toBeCloseTo(volume, 9);
          // By counting cells of size 1.
          let cells = 0;
          for (let cell = 0; cell < 10 ** size; cell++) {
            const corner = Array.from({ length: size }, (_, at) => Math.floor(cell / 10 ** at) % 10);
            if (given.some((point) => point.every((one, at) => one <= corner[at]!))) cells++;
          }
          expect(volume).toBeCloseTo(cells, 9);
        }),
        { numRuns: 25 },
      );
    },
  );
});
