import { describe, expect, test } from "vitest";
import { refineSpaceAround } from "../../../src/analysis/refine.ts";
import { GridSearch } from "../../../src/compat/grid-search.ts";
import { RandomSearch } from "../../../src/compat/random-search.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { search } from "../../../src/experiment/search-source.ts";
import { seeds } from "../../../src/experiment/seeds.ts";
import { grid, manual, random } from "../../../src/experiment/sources.ts";
import { run } from "../../../src/run/run.ts";
import { minimize } from "../../../src/search/objective.ts";
import { tpe } from "../../../src/search/samplers/tpe.ts";
import {
  choice,
  contains,
  type Distribution,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  uniform,
} from "../../../src/space/distribution.ts";
import type { ListedSpace } from "../../../src/space/listed.ts";
import { resolveSpace, type Space, spaceContains } from "../../../src/space/space.ts";
import { isWhen, type When, when } from "../../../src/space/when.ts";
import { memoryStore } from "../../../src/store/memory.ts";

/** Results of these points, each with its position as the loss. */
function ranked(points: readonly Readonly<Record<string, unknown>>[]) {
  const experiment = new Experiment({
    name: "ranked",
    params: manual(points),
    operation: ({ trial }) => ({ loss: trial.number }),
    objective: minimize("loss"),
  });
  return run(experiment, { store: memoryStore(), progress: "none" }).result();
}

async function refined(
  points: readonly Readonly<Record<string, unknown>>[],
  space: ListedSpace,
  shrink: number,
) {
  return refineSpaceAround(await ranked(points), { space, shrink, top: points.length });
}

const drawn = (space: Space, seed: number) =>
  new Experiment({
    name: "drawn",
    params: random({ space, trials: 40, seed }),
    operation: ({ seeds, trial }) => ({ loss: (trial.number * 7919) % 41, noise: seeds.rng().next() }),
    objective: minimize("loss"),
  });

describe("refineSpaceAround()", () => {
  test("halves a range around the best trials, on its own scale", async () => {
    const points = [
      { x: 4, lr: 1e-3 },
      { x: 5, lr: 1e-4 },
      { x: 6, lr: 1e-5 },
    ];
    const space = await refined(points, { x: uniform(0, 10), lr: loguniform(1e-6, 1) }, 0.5);
    expect(space["x"]).toEqual(uniform(2.5, 7.5));
    const lr = space["lr"] as { low: number; high: number; type: string };
    // Half of six decades around 1e-4, moved inside: 1e-5.5 to 1e-2.5.
    expect(lr.type).toBe("loguniform");
    expect(Math.log10(lr.low)).toBeCloseTo(-5.5, 10);
    expect(Math.log10(lr.high)).toBeCloseTo(-2.5, 10);
  });

  test("stays inside of the old range and holds the best trial", async () => {
    const space = await refined([{ x: 0.2 }, { x: 0 }, { x: 0.1 }], { x: uniform(0, 10) }, 0.25);
    expect(space["x"]).toEqual(uniform(0, 2.5));
    // The best trial is far from the others, which do not draw the window away from it.
    const far = await refined([{ x: 9 }, { x: 1 }, { x: 2 }, { x: 1.5 }], { x: uniform(0, 10) }, 0.2);
    expect(far["x"]).toEqual(uniform(8, 10));
  });

  test("keeps integers and steps", async () => {
    const space = await refined(
      [{ n: 6, units: 96, batch: 64 }],
      { n: int(1, 12), units: int(32, 256, { step: 32 }), batch: logint(16, 1024) },
      0.5,
    );
    // Of 12 values 6 and a half around 6, of 8 values 4 and a half around the third.
    expect(space["n"]).toEqual(int(3, 9));
    expect(space["units"]).toEqual(int(32, 160, { step: 32 }));
    const { low, high, type } = space["batch"] as { low: number; high: number; type: string };
    expect(type).toBe("logint");
    expect(Number.isInteger(low) && Number.isInteger(high)).toBe(true);
    expect(high / low).toBeGreaterThan(6);
    expect(high / low).toBeLessThan(10);
  });

  test("keeps the choices that occur among the best, in their order", async () => {
    const space = await refined(
      [
        { o: "sgd", list: [1, 2] },
        { o: "adam", list: [1, 2] },
      ],
      { o: choice(["adam", "rmsprop", "sgd"]), list: [[1], [1, 2]] },
      0.5,
    );
    expect(space).toEqual({ o: choice(["adam", "sgd"]), list: choice([[1, 2]]) });
  });

  test("moves a normal distribution, with less spread", async () => {
    const space = await refined(
      [{ a: 1, b: 2.5 }],
      { a: normal(0, 2), b: lognormal(0, 1, { step: 0.5 }) },
      0.25,
    );
    const a = space["a"] as { mean: number; sd: number };
    expect(a.mean).toBeCloseTo(1, 10);
    expect(a.sd).toBe(0.5);
    const b = space["b"] as { mu: number; sigma: number; step: number };
    expect(b.mu).toBeCloseTo(Math.log(2.5), 10);
    expect([b.sigma, b.step]).toEqual([0.25, 0.5]);
  });

  test("keeps conditions, and leaves out what can exist no longer", async () => {
    const space = {
      o: choice(["adam", "sgd", "lion"]),
      momentum: when({ o: ["sgd", "lion"] }, uniform(0, 1)),
      nesterov: when({ o: "sgd", momentum: 0.5 }, choice([true, false])),
      beta: when({ o: "lion" }, uniform(0, 1)),
      deep: when({ beta: 0.5 }, uniform(0, 1)),
    };
    const found = await refined([{ o: "sgd", momentum: 0.5, nesterov: true }, { o: "adam" }], space, 0.5);
    expect(found).toEqual({
      o: choice(["adam", "sgd"]),
      momentum: when({ o: ["sgd"] }, uniform(0.25, 0.75)),
      nesterov: when({ o: "sgd", momentum: 0.5 }, choice([true])),
    });
  });

  test("takes the space from results of random sources, searches and grids", async () => {
    const space = { x: uniform(0, 8), o: choice([Number.NaN, "b"]), y: when({ o: "b" }, int(1, 9)) };
    const quiet = { store: memoryStore(), progress: "none" } as const;
    for (const params of [
      random({ space, trials: 30, seed: 1 }),
      search({ space, trials: 30, sampler: tpe(), seed: 1 }),
    ]) {
      const experiment = new Experiment({
        name: params.kind,
        params,
        operation: ({ params }) => ({ loss: (params.x - 4) ** 2 + (params.y ?? 20) }),
        objective: minimize("loss"),
      });
      const found = refineSpaceAround(await run(experiment, quiet).result(), { top: 3 });
      expect(Object.keys(found)).toEqual(["x", "o", "y"]);
      expect(found["o"]).toEqual(choice(["b"]));
    }
    const experiment = new Experiment({
      name: "grid",
      params: grid({ lr: [0.1, 0.01, 0.001], o: ["a", "b"], m: when({ o: "b" }, [1, 2]) }),
      operation: ({ params }) => ({ loss: params.lr + (params.m ?? 0) }),
      objective: minimize("loss"),
    });
    expect(refineSpaceAround(await run(experiment, quiet).result(), { top: 2 })).toEqual({
      lr: choice([0.01, 0.001]),
      o: choice(["a"]),
    });
  });

  test.each([1, 2, 3, 4, 5])(
    "is a part of the old space that holds the best trial (seed %i)",
    async (seed) => {
      const wide: Space = {
        a: uniform(-3, 3),
        b: uniform(0, 1, { step: 0.1 }),
        c: loguniform(1e-5, 10),
        d: loguniform(1, 100, { step: 3 }),
        e: int(-4, 4),
        f: logint(1, 500),
        g: choice(["p", "q", "r"]),
        h: when({ g: ["p", "q"] }, uniform(5, 6)),
      };
      const results = await run(drawn(wide, seed), { store: memoryStore(), progress: "none" }).result();
      for (const shrink of [0.05, 0.3, 0.7, 1]) {
        const narrow = refineSpaceAround(results, { shrink });
        expect(spaceContains(resolveSpace(narrow, "test"), results.best().params)).toBe(true);
        const points = random({ space: narrow, trials: 200, seed });
        const old = resolveSpace(wide, "test");
        for (let at = 0; at < 200; at += 1) expect(spaceContains(old, points.at(at))).toBe(true);
        for (const [name, entry] of Object.entries(narrow)) {
          const [now, before] = [entry, wide[name]!].map((one) =>
            isWhen(one) ? one.of : one,
          ) as Distribution[];
          expect(now!.type).toBe(before!.type);
          if (!("low" in now!) || !("low" in before!)) continue;
          expect(contains(before, now.low) && contains(before, now.high)).toBe(true);
          if (shrink === 1) expect(now).toEqual(before);
        }
      }
    },
  );

  test("takes means over replicates, not the luckiest run", async () => {
    const experiment = new Experiment({
      name: "noisy",
      params: manual([{ x: 1 }, { x: 9 }]),
      seeds: seeds({ replicates: 2 }),
      // At 1 once 0 and once 10, at 9 always 4.
      operation: ({ params, trial }) => ({ loss: params.x === 9 ? 4 : trial.replicate * 10 }),
      objective: minimize("loss"),
    });
    const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
    const space = refineSpaceAround(results, { space: { x: uniform(0, 10) }, top: 1, shrink: 0.2 });
    expect(space["x"]).toEqual(uniform(8, 10));
  });

  test("takes what run() returned, and a copy of it with the space", async () => {
    const base = { training: { lr: 0.1 }, name: "cnn" };
    const space = { "training.lr": loguniform(1e-5, 1), kind: ["a", "b"] };
    const coarse = new RandomSearch(base, space, { nTrials: 20 });
    const best = await coarse.run(
      ({ training, kind }) => ({ val_loss: training.lr + (kind === "a" ? 0 : 1) }),
      {
        progress: "none",
      },
    );
    expect(refineSpaceAround(best)).toEqual(refineSpaceAround(coarse.results));
    expect(refineSpaceAround(best)["kind"]).toEqual(choice(["a"]));
    const copy = structuredClone(best) as [object, number];
    expect(() => refineSpaceAround(copy)).toThrow("add the space");
    const around = refineSpaceAround(copy, { space }) as Record<string, Distribution | When<Distribution>>;
    expect(contains(around["training.lr"] as Distribution, best[0].training.lr)).toBe(true);
    expect(around["kind"]).toEqual(choice(["a"]));
  });

  test("refuses what it cannot refine", async () => {
    const points = await ranked([{ x: 1 }]);
    expect(() => refineSpaceAround(points)).toThrow("Add the space");
    expect(() => refineSpaceAround(points, { space: { x: uniform(2, 3) } })).toThrow(
      "a successful trial in the space",
    );
    expect(() => refineSpaceAround(points, { shrink: 0, space: { x: uniform(0, 3) } })).toThrow("shrink");
    expect(() => refineSpaceAround(points, { top: 0.5, space: { x: uniform(0, 3) } })).toThrow("top");
    expect(() => refineSpaceAround(undefined as never)).toThrow("takes results");
    const none = new GridSearch({ x: 1 }, { x: [1, 2] });
    await none
      .run(
        () => {
          throw new Error("always");
        },
        { progress: "none" },
      )
      .catch(() => undefined);
    expect(() => refineSpaceAround(none.results)).toThrow("a successful trial in the space");
  });
});
