import { expect, test } from "vitest";
import { createRunSeeds, isSeedPlan, seeds } from "../../../src/experiment/seeds.ts";

test("the defaults are base 0 and one replicate", () => {
  expect(seeds()).toMatchObject({ base: 0, replicates: 1 });
  expect(Object.isFrozen(seeds())).toBe(true);
  expect(isSeedPlan(seeds())).toBe(true);
});

test("raising replicates keeps the seeds of those that were there", () => {
  const few = seeds({ base: 42, replicates: 3 });
  const many = seeds({ base: 42, replicates: 100 });
  for (let replicate = 0; replicate < 3; replicate++) expect(many.root(replicate)).toBe(few.root(replicate));
});

test("roots are 32 hex digits and differ between replicates, bases and kinds of base", () => {
  const roots = [0, 1, 42, -1, "42", "a", ""].flatMap((base) => {
    const plan = seeds({ base, replicates: 50 });
    return Array.from({ length: 50 }, (_, replicate) => plan.root(replicate));
  });
  expect(new Set(roots).size).toBe(roots.length);
  for (const root of roots) expect(root).toMatch(/^[0-9a-f]{32}$/);
});

test("minus zero is zero", () => {
  expect(seeds({ base: -0 }).root(0)).toBe(seeds({ base: 0 }).root(0));
});

test("preprocessing shares no seed with any replicate", () => {
  const plan = seeds({ base: 42, replicates: 1000 });
  const roots = new Set(Array.from({ length: 1000 }, (_, replicate) => plan.root(replicate)));
  for (const name of [undefined, "default", "split", "0", "replicate", ""]) {
    expect(roots.has(plan.preprocessing(name).root)).toBe(false);
  }
  expect(plan.preprocessing().root).toBe(plan.preprocessing("default").root);
  expect(plan.preprocessing("a").root).not.toBe(plan.preprocessing("b").root);
  expect(plan.preprocessing("a").rng().next()).toBe(seeds({ base: 42 }).preprocessing("a").rng().next());
});

test("each call of rng starts its stream anew", () => {
  const run = createRunSeeds(seeds({ base: 1 }).root(0), 0);
  const stream = run.rng("init");
  const first = [stream.next(), stream.next(), stream.next()];
  const again = run.rng("init");
  expect([again.next(), again.next(), again.next()]).toEqual(first);
  expect(run.rng().next()).toBe(run.rng("default").next());
});

test("streams of different names, and rng and derive of one name, are unrelated", () => {
  const run = createRunSeeds(seeds({ base: 1 }).root(0), 0);
  const names = ["default", "a", "aa", "aaa", "1", "11", "init", ""];
  expect(new Set(names.map((name) => run.rng(name).next())).size).toBe(names.length);
  expect(new Set(names.map((name) => run.derive(name))).size).toBe(names.length);
  for (const name of names) expect(Math.floor(run.rng(name).next() * 2 ** 32)).not.toBe(run.derive(name));
});

test("two streams of one run are uncorrelated", () => {
  const run = createRunSeeds(seeds({ base: 7 }).root(0), 0);
  const pairs: readonly (readonly [string, string])[] = [
    ["a", "b"],
    ["1", "11"],
    ["init", "data"],
  ];
  for (const [left, right] of pairs) {
    expect(Math.abs(correlation(20_000, run.rng(left), run.rng(right)))).toBeLessThan(0.03);
  }
});

test("the same stream of neighbouring replicates is uncorrelated", () => {
  const plan = seeds({ base: 7, replicates: 4 });
  for (let replicate = 0; replicate < 3; replicate++) {
    const left = createRunSeeds(plan.root(replicate), replicate).rng();
    const right = createRunSeeds(plan.root(replicate + 1), replicate + 1).rng();
    expect(Math.abs(correlation(20_000, left, right))).toBeLessThan(0.03);
  }
});

test("derive gives unsigned 32-bit integers spread over the range", () => {
  const run = createRunSeeds(seeds().root(0), 0);
  const values = Array.from({ length: 4000 }, (_, index) => run.derive(`model-${index}`));
  for (const value of values) expect(value >= 0 && value < 2 ** 32 && Number.isInteger(value)).toBe(true);
  const mean = values.reduce((sum, value) => sum + value / 2 ** 32, 0) / values.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
});

test("run seeds need nothing but the root", () => {
  const root = seeds({ base: "x" }).root(5);
  const run = createRunSeeds(root, 5);
  expect(run).toMatchObject({ root, replicate: 5 });
  expect(Object.isFrozen(run)).toBe(true);
  expect(createRunSeeds(root, 0).rng("a").next()).toBe(run.rng("a").next());
});

test.each([
  [{ replicates: 0 }, "METALAB_SEEDS_REPLICATES"],
  [{ replicates: -1 }, "METALAB_SEEDS_REPLICATES"],
  [{ replicates: 1.5 }, "METALAB_SEEDS_REPLICATES"],
  [{ replicates: Number.NaN }, "METALAB_SEEDS_REPLICATES"],
  [{ replicates: "3" }, "METALAB_SEEDS_REPLICATES"],
  [{ base: 1.5 }, "METALAB_SEEDS_BASE"],
  [{ base: 2 ** 53 }, "METALAB_SEEDS_BASE"],
  [{ base: null }, "METALAB_SEEDS_BASE"],
  [{ base: 10n }, "METALAB_SEEDS_BASE"],
  [{ replicate: 3 }, "METALAB_UNKNOWN_OPTION"],
  [{ seed: 3 }, "METALAB_UNKNOWN_OPTION"],
  [3, "METALAB_OPTIONS"],
])("options %o are refused with %s", (options, code) => {
  expect(() => seeds(options as never)).toThrowError(
    expect.objectContaining({ code, message: expect.stringMatching(/^seeds\(\): .*got .*\. .+/) }),
  );
});

test("golden: the seeds of base 42", () => {
  const plan = seeds({ base: 42, replicates: 2 });
  expect([plan.root(0), plan.root(1), plan.preprocessing().root]).toEqual([
    "94c9fed607cea0f03178ab3025319b4d",
    "d7278dec8422f03801a6a3e2616cb4b1",
    "38f0677ee99efb32559506d63dbe1ac5",
  ]);
  const run = createRunSeeds(plan.root(0), 0);
  expect([run.derive("model"), run.rng().next(), run.rng("init").next()]).toEqual([
    4223935221, 0.5128380114546625, 0.1658110735571835,
  ]);
});

interface Stream {
  next(): number;
}

/** Pearson correlation of the first n values of two streams. */
function correlation(n: number, left: Stream, right: Stream): number {
  let sumLeft = 0;
  let sumRight = 0;
  let squaresLeft = 0;
  let squaresRight = 0;
  let products = 0;
  for (let index = 0; index < n; index++) {
    const a = left.next();
    const b = right.next();
    sumLeft += a;
    sumRight += b;
    squaresLeft += a * a;
    squaresRight += b * b;
    products += a * b;
  }
  const covariance = products / n - (sumLeft / n) * (sumRight / n);
  return (
    covariance / Math.sqrt((squaresLeft / n - (sumLeft / n) ** 2) * (squaresRight / n - (sumRight / n) ** 2))
  );
}
