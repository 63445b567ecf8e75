import { describe, expect, test } from "vitest";
import { createRng } from "../../../src/math/random.ts";
import type { VarianceEstimate } from "../../../src/math/variance-prior.ts";
import { race, raceDecision, raceNoise } from "../../../src/search/race.ts";
import { NOISES } from "../../helpers/noise.ts";

/** Share of candidates that are stopped, and their mean number of replicates. */
function raced(input: {
  readonly key: string;
  readonly rounds: number;
  readonly max: number;
  readonly alpha: number;
  /** Losses of candidate and incumbent in one replicate. */
  readonly draw: (rng: ReturnType<typeof createRng>) => readonly [number, number];
  readonly noise?: VarianceEstimate;
}): { readonly stopped: number; readonly replicates: number } {
  const rng = createRng("race", input.key, input.max);
  let stopped = 0;
  let replicates = 0;
  for (let round = 0; round < input.rounds; round += 1) {
    const candidate: number[] = [];
    const incumbent: number[] = [];
    for (let at = 0; at < input.max; at += 1) {
      const [a, b] = input.draw(rng);
      candidate.push(a);
      incumbent.push(b);
    }
    for (let spent = 1; ; spent += 1) {
      const { action } = raceDecision({ ...input, candidate: candidate.slice(0, spent), incumbent });
      if (action === "continue") continue;
      if (action === "stop") stopped += 1;
      replicates += spent;
      break;
    }
  }
  return { stopped: stopped / input.rounds, replicates: replicates / input.rounds };
}

describe("a candidate as good as the best trial", () => {
  const rounds = 3_000;

  test.each(Object.keys(NOISES))("is stopped no more often than stated, with %s noise", (kind) => {
    const noise = NOISES[kind]!;
    for (const alpha of [0.05, 0.1, 0.2]) {
      for (const max of [3, 5, 10]) {
        const { stopped } = raced({
          key: kind,
          rounds,
          max,
          alpha,
          draw: (rng) => [3 + noise(rng), 3 + noise(rng)],
        });
        expect(stopped).toBeLessThanOrEqual(alpha);
      }
    }
  });

  test.each(Object.keys(NOISES))("nor when its variance is known from others, with %s noise", (kind) => {
    const noise = NOISES[kind]!;
    const draw = (rng: ReturnType<typeof createRng>) => [3 + noise(rng), 3 + noise(rng)] as const;
    const searches = 60;
    for (const max of [3, 5, 10]) {
      let stopped = 0;
      for (let search = 0; search < searches; search += 1) {
        const rng = createRng("race.others", kind, search);
        const earlier = Array.from({ length: 20 }, () =>
          Array.from({ length: 4 }, () => noise(rng) - noise(rng)),
        );
        const key = `${kind} ${search}`;
        const given = { key, rounds: rounds / searches, max, alpha: 0.1, draw, noise: raceNoise(earlier) };
        stopped += raced(given).stopped / searches;
      }
      expect(stopped).toBeLessThanOrEqual(0.1);
    }
  });

  test("nor when common random numbers leave little noise, and less often when it is better", () => {
    const draw = (better: number) => (rng: ReturnType<typeof createRng>) => {
      const common = 10 * rng.normal();
      return [common + 0.1 * rng.normal() - better, common + 0.1 * rng.normal()] as const;
    };
    const equal = raced({ key: "common", rounds, max: 5, alpha: 0.1, draw: draw(0) });
    const better = raced({ key: "common", rounds, max: 5, alpha: 0.1, draw: draw(0.1) });
    expect(equal.stopped).toBeLessThanOrEqual(0.1);
    expect(equal.stopped).toBeGreaterThan(0.06);
    expect(better.stopped).toBeLessThan(0.02);
  });

  test("nor with a metric of few values", () => {
    const draw = (rng: ReturnType<typeof createRng>) => [rng.int(0, 1), rng.int(0, 1)] as const;
    expect(raced({ key: "coin", rounds, max: 5, alpha: 0.1, draw }).stopped).toBeLessThanOrEqual(0.1);
    expect(raced({ key: "coin", rounds, max: 10, alpha: 0.1, draw }).stopped).toBeLessThanOrEqual(0.1);
  });
});

describe("a worse candidate", () => {
  const worse =
    (by: number) =>
    (rng: ReturnType<typeof createRng>): readonly [number, number] => [by + rng.normal(), rng.normal()];

  test("costs the fewer replicates the worse it is", () => {
    const spent = [0, 1, 2, 5, 20].map(
      (by) => raced({ key: "power", rounds: 500, max: 10, alpha: 0.1, draw: worse(by) }).replicates,
    );
    expect(spent).toEqual([...spent].sort((a, b) => b - a));
    expect(spent[3]).toBeLessThan(4);
    expect(spent[4]).toBeLessThan(2.5);
  });

  test("costs one replicate when it is far off and the noise is known", () => {
    const known = { variance: 2, df: 50 };
    const result = raced({ key: "known", rounds: 500, max: 5, alpha: 0.1, draw: worse(8), noise: known });
    expect(result.stopped).toBe(1);
    expect(result.replicates).toBeLessThan(1.1);
  });
});

describe("raceDecision", () => {
  const incumbent = [1, 1.2, 0.9, 1.1, 1];

  test("decides nothing on one replicate of unknown noise", () => {
    const decision = raceDecision({ candidate: [1e9], incumbent, max: 5, alpha: 0.1 });
    expect(decision).toMatchObject({ action: "continue", pairs: 1, pValue: 1, level: 0 });
  });

  test("compares in pairs, as far as both have replicates", () => {
    const decision = raceDecision({ candidate: [2, 2.2, 1.9, 2.1], incumbent: [1, 1.3], max: 5, alpha: 0.1 });
    expect(decision.pairs).toBe(2);
    expect(decision.difference).toBeCloseTo(0.95, 12);
  });

  test("stops what diverged, unless the best one did too", () => {
    const infinite = Number.POSITIVE_INFINITY;
    const decide = (candidate: number[], other = incumbent) =>
      raceDecision({ candidate, incumbent: other, max: 5, alpha: 0.1 }).action;
    expect(decide([infinite])).toBe("stop");
    expect(decide([1, Number.NaN])).toBe("stop");
    expect(decide([infinite, infinite], [infinite, infinite])).toBe("continue");
    expect(decide([1, 1, 1], [infinite, 1, 1])).toBe("continue");
  });

  test("takes a constant gap for what a test of signs makes of it", () => {
    const decide = (count: number) =>
      raceDecision({ candidate: Array(count).fill(1), incumbent: Array(20).fill(0), max: 20, alpha: 0.1 });
    expect(decide(2)).toMatchObject({ action: "continue", pValue: 0.25 });
    expect(decide(10)).toMatchObject({ action: "stop", pValue: 2 ** -10 });
  });

  test("has nothing left to decide when all replicates are spent", () => {
    expect(raceDecision({ candidate: [9, 9, 9, 9.1, 9], incumbent, max: 5, alpha: 0.1 }).action).toBe(
      "complete",
    );
    expect(raceDecision({ candidate: [9], incumbent: [1], max: 1, alpha: 0.1 }).action).toBe("complete");
  });

  test("looks at most at 50 of many replicates, the last but one among them", () => {
    const levels = Array.from(
      { length: 999 },
      (_, at) =>
        raceDecision({
          candidate: new Float64Array(at + 1),
          incumbent: new Float64Array(1_000),
          max: 1_000,
          alpha: 0.1,
        }).level,
    );
    expect(levels.filter((level) => level > 0)).toHaveLength(50);
    expect(levels[998]).toBeGreaterThan(0);
  });
});

describe("race()", () => {
  test("learns the noise from earlier trials, or does not", () => {
    const input = { candidate: [9], incumbent: [1, 1], max: 5, noise: { variance: 1, df: 30 } };
    expect(race().decide(input).action).toBe("stop");
    expect(race({ noise: "own" }).decide(input).action).toBe("continue");
    expect(race({ alpha: 0.1, noise: "own" }).describe()).toEqual({ name: "race", alpha: 0.1, noise: "own" });
  });

  test.each([
    [
      { alpha: 0 },
      "METALAB_RACE_OPTION",
      "race(): alpha is a probability in (0, 0.5], got 0. Leave it out for 0.2.",
    ],
    [{ alpha: "0.1" }, "METALAB_RACE_OPTION", `got "0.1"`],
    [{ noise: "known" }, "METALAB_RACE_OPTION", `race(): noise is "own" or "shared", got "known"`],
    [{ alpa: 0.1 }, "METALAB_UNKNOWN_OPTION", `Did you mean "alpha"?`],
    [{ replicates: 5 }, "METALAB_UNKNOWN_OPTION", "Give it to the experiment"],
  ])("refuses %j", (options, code, text) => {
    expect(() => race(options as object)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    );
  });
});
