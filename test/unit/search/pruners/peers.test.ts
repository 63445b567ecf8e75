import { describe, expect, test } from "vitest";
import { median } from "../../../../src/search/pruners/median.ts";
import { patient } from "../../../../src/search/pruners/patient.ts";
import { percentile } from "../../../../src/search/pruners/percentile.ts";
import { successiveHalving } from "../../../../src/search/pruners/successive-halving.ts";
import { threshold } from "../../../../src/search/pruners/threshold.ts";
import { wilcoxon } from "../../../../src/search/pruners/wilcoxon.ts";
import { prunedSearch } from "../../../helpers/pruned-search.ts";

/** A family of learning curves that cross. */
function learning(trial: number, step: number): number {
  const base = (trial * 0.618033988749895) % 1;
  const rate = 0.05 + 0.4 * ((trial * 0.414213562373095) % 1);
  return 2 * base + 3 * Math.exp(-rate * step) + 0.1 * Math.sin(5 * trial + 3 * step);
}

/** Losses on problem instances that are equally hard: on others it compares over the common steps only. */
function instance(trial: number, step: number): number {
  return 2 * ((trial * 0.618033988749895) % 1) + Math.sin(5 * trial + 3 * step);
}

/** Reports of each trial, from the indices of the last reports of those that were stopped (−1: not stopped). */
function told(indices: readonly number[], steps: number): number[] {
  return indices.map((index) => (index < 0 ? steps : index + 1));
}

const curves = { count: 40, steps: Array.from({ length: 28 }, (_, at) => at), value: learning };

// Indices worked out with Optuna 5.0.0 (its pruners of these names) on the same curves, one trial after the other.
describe("stops the same trials at the same steps as Optuna:", () => {
  test.each([
    [
      "median",
      median(),
      "minimize",
      [
        -1, -1, -1, -1, -1, 2, 0, -1, 0, 0, 1, 0, -1, -1, 0, 1, 0, 0, -1, 0, 0, 0, 0, 2, 0, 0, -1, 0, 0, 0, 0,
        -1, 0, 0, 1, 0, 0, 0, 0, 1,
      ],
    ],
    [
      "median with a warm-up and an interval, maximizing",
      median({ startupTrials: 3, warmupSteps: 3, intervalSteps: 4 }),
      "maximize",
      [
        -1, -1, -1, 3, 27, -1, 3, -1, 3, 19, -1, 3, 23, -1, 15, 3, 3, 3, -1, 3, 3, 3, 3, -1, 3, 3, -1, 3, 3,
        3, 3, -1, 3, 3, 3, 3, -1, 3, 3, 3,
      ],
    ],
    [
      "percentile",
      percentile(25, { startupTrials: 4, warmupSteps: 2 }),
      "minimize",
      [
        -1, -1, -1, -1, 2, 2, 2, -1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, -1, 2, 2, 2, 2, -1,
        2, 2, 2, 2, 2, 2, 2, 2,
      ],
    ],
    [
      "successive halving",
      successiveHalving({ minResource: 1, reductionFactor: 3 }),
      "minimize",
      [
        -1, 1, -1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 3, 1, 1, 1, 1, 3, 1, 1, -1, 1, 3, 1, 1, 9, 1,
        3, 3, 1, 9, 1, 1, 1,
      ],
    ],
    [
      "threshold",
      threshold({ lower: 0.2, upper: 3.5, warmupSteps: 1, intervalSteps: 2 }),
      "minimize",
      [
        -1, 1, -1, 1, -1, -1, 1, -1, 1, -1, -1, 1, -1, 17, -1, -1, 1, 1, -1, -1, -1, 1, 1, -1, 1, -1, 11, 1,
        -1, 1, 1, -1, 1, -1, -1, 1, -1, 1, -1, -1,
      ],
    ],
    [
      "patient",
      patient({ pruner: median(), patience: 2, minDelta: 0.05 }),
      "minimize",
      [
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 27, -1, -1, -1, -1, 27, -1, -1, -1, -1, 25,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
      ],
    ],
  ] as const)("%s", (_, pruner, direction, indices) => {
    expect(prunedSearch({ ...curves, pruner, direction }).reports).toEqual(told(indices, 28));
  });

  test("Wilcoxon, with the instances in another order", () => {
    const steps = Array.from({ length: 20 }, (_, at) => (at * 7) % 20);
    const indices = [
      -1, 3, 16, 4, 5, 3, 3, 4, 3, 3, 3, 3, 4, -1, 3, 3, 3, 4, -1, 3, 3, 3, 4, 12, 3, 3, -1, 4, 6, 3, 3, -1,
      4, 6, -1, 3, 10, 4, 5, 4,
    ];
    const { reports } = prunedSearch({ pruner: wilcoxon(), count: 40, steps, value: instance });
    expect(reports).toEqual(told(indices, 20));
  });
});
