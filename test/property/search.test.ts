import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Experiment } from "../../src/experiment/experiment.ts";
import { search } from "../../src/experiment/search-source.ts";
import { replay } from "../../src/run/replay.ts";
import { run } from "../../src/run/run.ts";
import { maximize, minimize } from "../../src/search/objective.ts";
import { type Optimizer, optimizer, type Told } from "../../src/search/optimizer.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { resolveSpace, type Space, spaceContains } from "../../src/space/space.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { type Fate, fates, SEARCHERS, spaces, toldOf } from "../helpers/searches.ts";

type Point = Readonly<Record<string, unknown>>;

const TRIALS = 11;

interface Made {
  readonly space: Space;
  readonly seed: number | string;
  readonly lag: number;
  readonly fate: Fate;
}

const searches: fc.Arbitrary<Made> = fc.record({
  space: spaces,
  seed: fc.oneof(fc.nat(), fc.string({ maxLength: 5 })),
  lag: fc.integer({ min: 1, max: 4 }),
  fate: fates,
});

function experimentOf(
  { space, seed, lag, fate }: Made,
  sampler: Sampler,
  trials: number,
  called: () => void,
) {
  return new Experiment({
    name: "any",
    params: search({ space, sampler, seed, lag, trials }),
    operation: async ({ params, capture, trial }) => {
      called();
      // Runs in flight end in another order than they began.
      for (let turn = (trial.number * 7) % 5; turn > 0; turn -= 1) await Promise.resolve();
      const told = toldOf(params, fate);
      if (told === "failed") throw new Error("failed");
      if (told === "infeasible") return { loss: Number.NaN };
      if (typeof told === "number") return { loss: told };
      capture.metric("loss", (told as { value: number }).value, { step: 1 });
      trial.prune();
    },
    objective: minimize("loss", { captured: true }),
  });
}

/** The points of an optimizer's trials, each told when `lag` says that it may be known. */
function loop(
  asked: Optimizer,
  trials: number,
  lag: number,
  tellOf: (params: Point) => Told,
): readonly Point[] {
  const points: Point[] = [];
  const told = asked.trials.filter(({ number }) => number >= 0).length;
  for (let number = 0; number < trials; number += 1) {
    const before = number - lag;
    if (before >= 0) asked.tell(before + told, tellOf(points[before]!));
    points.push(asked.ask().params);
  }
  return points;
}

describe.each(SEARCHERS)("any search by %s", (_, make, numRuns) => {
  test("has the trials of an optimizer, all in the space, whatever is in flight, and continues when raised", async () => {
    await fc.assert(
      fc.asyncProperty(searches, async (made) => {
        const { space, seed, lag, fate } = made;
        const asked = optimizer({
          space,
          seed,
          sampler: make(),
          objective: minimize("loss"),
          trials: TRIALS,
        });
        const points = loop(asked, TRIALS, lag, (params) => toldOf(params, fate));
        const resolved = resolveSpace(space, "test");
        for (const point of points) expect([point, spaceContains(resolved, point)]).toEqual([point, true]);

        for (const concurrency of [1, 5]) {
          const store = memoryStore();
          let calls = 0;
          const sweep = async (trials: number) => {
            const handle = run(
              experimentOf(made, make(), trials, () => calls++),
              { store, concurrency, progress: "none" },
            );
            const results = await handle.result();
            const { total, done } = handle.progress;
            expect([total, done]).toEqual([results.length, results.length]);
            return results;
          };
          const results = await sweep(TRIALS);
          const distinct = [...new Map(points.map((point) => [JSON.stringify(point), point])).values()];
          expect(Array.from(results, ({ params }) => params)).toEqual(distinct);
          const longer = await sweep(TRIALS + 3);
          expect(Array.from(longer, ({ params }) => params).slice(0, distinct.length)).toEqual(distinct);
          expect(calls).toBe(longer.length);
          expect(await replay(longer)).toEqual({ trials: TRIALS + 3, difference: undefined });
        }
      }),
      { numRuns },
    );
  });

  test("goes on from what was saved with the same trials as if it had not stopped", () => {
    fc.assert(
      fc.property(searches, fc.integer({ min: 0, max: TRIALS }), ({ space, seed, lag, fate }, cut) => {
        const options = { space, seed, objective: minimize("loss"), trials: TRIALS } as const;
        const asked = optimizer({ ...options, sampler: make() });
        let other = optimizer({ ...options, sampler: make() });
        const waiting: (readonly [number, Told])[] = [];
        for (let number = 0; number < TRIALS; number += 1) {
          if (number === cut) {
            const state: unknown = JSON.parse(JSON.stringify(asked));
            other = optimizer({ ...options, sampler: make(), state });
          }
          const trial = asked.ask();
          if (number >= cut) expect(other.ask()).toEqual(trial);
          waiting.push([number, toldOf(trial.params, fate)]);
          if (waiting.length < lag) continue;
          const [oldest, told] = waiting.shift()!;
          asked.tell(oldest, told);
          if (number >= cut) other.tell(oldest, told);
        }
      }),
      { numRuns },
    );
  });

  test("has the same trials when what is minimized is negated and maximized", () => {
    fc.assert(
      fc.property(searches, ({ space, seed, lag, fate }) => {
        const points = (isNegated: boolean) => {
          const objective = isNegated ? maximize("loss") : minimize("loss");
          const asked = optimizer({ space, seed, sampler: make(), objective, trials: TRIALS });
          return loop(asked, TRIALS, lag, (params) => {
            const told = toldOf(params, fate);
            if (!isNegated || typeof told === "string") return told;
            if (typeof told === "number") return -told;
            return { ...told, value: -(told as { value: number }).value };
          });
        };
        expect(points(true)).toEqual(points(false));
      }),
      { numRuns },
    );
  });
});
