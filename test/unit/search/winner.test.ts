import { describe, expect, test } from "vitest";
import { createRng } from "../../../src/math/random.ts";
import { winnerInterval } from "../../../src/search/winner.ts";

interface Told {
  readonly truth: number;
  readonly values: readonly number[];
}

/** The winner of a search over trials with noise of standard deviation 1, against what is true. */
function search(key: string, truths: readonly number[], replicates: number) {
  const rng = createRng("winner", key);
  const trials: Told[] = truths.map((truth) => ({
    truth,
    values: Array.from({ length: replicates }, () => truth + rng.normal()),
  }));
  const mean = (trial: Told) => trial.values.reduce((sum, value) => sum + value, 0) / replicates;
  const winner = trials.reduce((best, trial) => (mean(trial) < mean(best) ? trial : best));
  const rivals = trials
    .filter((trial) => trial !== winner)
    .map((trial) => {
      const sd = Math.sqrt(
        trial.values.reduce((sum, value) => sum + (value - mean(trial)) ** 2, 0) / (replicates - 1),
      );
      return { mean: mean(trial), error: sd / Math.sqrt(replicates), count: replicates };
    });
  return { truth: winner.truth, interval: winnerInterval({ values: winner.values, rivals }) };
}

describe("the winner of a search", () => {
  const alike = (count: number) => Array<number>(count).fill(7);
  const spread = (round: number) => {
    const rng = createRng("truths", round);
    return Array.from({ length: 40 }, () => -Math.log(1 - rng.next()));
  };

  test.each([
    ["among equal trials", () => alike(40)],
    ["among different trials", spread],
  ])("is reported without the winner's curse %s", (name, truths) => {
    let naive = 0;
    let corrected = 0;
    let covered = 0;
    const rounds = 200;
    for (let round = 0; round < rounds; round += 1) {
      const { truth, interval } = search(`${name} ${round}`, truths(round), 4);
      naive += (interval.mean - truth) / rounds;
      corrected += (interval.corrected - truth) / rounds;
      if (interval.low <= truth && truth <= interval.high) covered += 1;
      expect(interval).toMatchObject({ count: 4, compared: 40 });
    }
    // In standard errors of 0.5: the mean is off by more than one and a half.
    expect(naive).toBeLessThan(-0.7);
    expect(Math.abs(corrected)).toBeLessThan(0.35 * Math.abs(naive));
    expect(covered / rounds).toBeGreaterThanOrEqual(0.95);
  });

  test("keeps its mean when it is far ahead", () => {
    const rivals = [50, 60, 70].map((mean) => ({ mean, error: 0.1, count: 5 }));
    const { mean, corrected } = winnerInterval({ values: [1, 1.1, 0.9], rivals });
    expect(corrected).toBe(mean);
  });

  test("has Student's interval when there was nothing to choose", () => {
    // Mean 2, standard deviation 1, t(0.975; 2) = 4.302652729749462.
    const { low, high, compared } = winnerInterval({ values: [1, 2, 3], rivals: [] });
    expect(high).toBeCloseTo(2 + 4.302652729749462 / Math.sqrt(3), 10);
    expect(low).toBeCloseTo(2 - 4.302652729749462 / Math.sqrt(3), 10);
    expect(compared).toBe(1);
  });

  test("says that nothing is known of a single replicate, unless others tell of the noise", () => {
    const alone = winnerInterval({ values: [3], rivals: [{ mean: 4, error: Number.NaN, count: 1 }] });
    expect(alone).toEqual({
      mean: 3,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      corrected: Number.NaN,
      count: 1,
      compared: 2,
    });
    const rivals = [4, 5, 6].map((mean, at) => ({ mean, error: 0.3 + at / 10, count: 4 }));
    const told = winnerInterval({ values: [3], rivals });
    expect(Number.isFinite(told.low) && Number.isFinite(told.corrected)).toBe(true);
  });

  test("may have been chosen from more trials than a call can have arguments", () => {
    const rivals = Array.from({ length: 130_000 }, (_, at) => ({
      mean: 5 + (at % 100) / 100,
      error: 0.3,
      count: 4,
    }));
    const { mean, corrected } = winnerInterval({ values: [4.7, 5.3, 4.4, 5.2], rivals });
    expect(mean).toBeLessThan(corrected);
    expect(corrected).toBeLessThan(5.5);
  });
});
