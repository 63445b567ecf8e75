import { describe, expect, test } from "vitest";
import { type Curve, CurveHistory, curvePoints } from "../../../../src/search/curves.ts";
import type { Direction } from "../../../../src/search/objective.ts";
import { isPruner, type Pruner } from "../../../../src/search/pruner.ts";
import { hyperband } from "../../../../src/search/pruners/hyperband.ts";
import { median } from "../../../../src/search/pruners/median.ts";
import { patient } from "../../../../src/search/pruners/patient.ts";
import { percentile } from "../../../../src/search/pruners/percentile.ts";
import { successiveHalving } from "../../../../src/search/pruners/successive-halving.ts";
import { threshold } from "../../../../src/search/pruners/threshold.ts";
import { wilcoxon } from "../../../../src/search/pruners/wilcoxon.ts";
import { prunedSearch } from "../../../helpers/pruned-search.ts";

const ALL: readonly Pruner[] = [
  median({ startupTrials: 2 }),
  percentile(30, { startupTrials: 3, warmupSteps: 2, intervalSteps: 3 }),
  successiveHalving({ reductionFactor: 2 }),
  successiveHalving({ minResource: 2, minEarlyStoppingRate: 1, reductionFactor: 3 }),
  hyperband(),
  hyperband({ minResource: 2, maxResource: 20 }),
  patient({ pruner: median(), patience: 1 }),
  threshold({ upper: 2 }),
  wilcoxon({ pThreshold: 0.3 }),
];

function value(trial: number, step: number): number {
  return ((trial * 0.754877666) % 1) * 2 + 2 / (step + 1) + 0.2 * Math.sin(11 * trial + 5 * step);
}

const STEPS = Array.from({ length: 25 }, (_, at) => at);

function peersOf(curves: readonly (Partial<Curve> & { losses: Float64Array })[]): CurveHistory {
  const peers = new CurveHistory();
  for (const [trial, curve] of curves.entries()) {
    const steps = Float64Array.from(curve.losses, (_, at) => at);
    peers.add({ trial, replicate: 0, steps, isComplete: true, ...curve });
  }
  return peers;
}

function ask(
  pruner: Pruner,
  values: readonly number[],
  given: { peers?: CurveHistory; direction?: Direction; steps?: readonly number[]; trial?: number } = {},
): boolean {
  const { peers = new CurveHistory(), direction = "minimize", trial = 100 } = given;
  const steps = given.steps ?? values.map((_, at) => at);
  return pruner.shouldPrune({
    trial,
    replicate: 0,
    direction,
    peers,
    ...curvePoints(steps, values, direction),
  });
}

describe("every pruner", () => {
  test.each(ALL.map((pruner) => [JSON.stringify(pruner.describe()), pruner] as const))("%s", (_, pruner) => {
    expect(isPruner(pruner) && Object.isFrozen(pruner)).toBe(true);
    const search = { pruner, count: 60, steps: STEPS, value };
    const { reports, peers } = prunedSearch(search);
    // It stops some and not all.
    expect(reports.some((made) => made < STEPS.length)).toBe(true);
    expect(reports.some((made) => made === STEPS.length)).toBe(true);
    // Negated and maximized it does the same, but where the unit of the metric matters.
    if (pruner.name !== "threshold") {
      expect(prunedSearch({ ...search, direction: "maximize" }).reports).toEqual(reports);
    }
    // What it learned one by one it learns at once, as on resume.
    const again = new CurveHistory();
    for (const curve of peers) again.add(curve);
    for (let trial = 60; trial < 80; trial += 1) {
      const values = STEPS.map((step) => value(trial, step));
      const advice = (from: CurveHistory) =>
        STEPS.map((_, made) => ask(pruner, values.slice(0, made + 1), { peers: from, trial }));
      expect(advice(again)).toEqual(advice(peers));
    }
    // It says nothing of a run that has reported nothing, and never stops the first one that is in order.
    expect(ask(pruner, [], { peers })).toBe(false);
    expect(ask(pruner, [1, 0.5])).toBe(false);
  });
});

describe("median", () => {
  const flat = (loss: number, length = 10) => ({ losses: new Float64Array(length).fill(loss) });

  test("takes the last value before a step that others did not report", () => {
    const sparse = { steps: Float64Array.of(0, 10), losses: Float64Array.of(1, 9) };
    const peers = peersOf([sparse, sparse]);
    const pruner = median({ startupTrials: 1 });
    expect(ask(pruner, [2], { peers, steps: [5] })).toBe(true);
    expect(ask(pruner, [2], { peers, steps: [10] })).toBe(false);
    expect(ask(pruner, [20], { peers, steps: [11] })).toBe(false);
  });

  test("counts trials and not their replicates as its start", () => {
    const replicates = Array.from({ length: 9 }, (_, replicate) => ({ ...flat(1), trial: 0, replicate }));
    expect(ask(median({ startupTrials: 2 }), [5], { peers: peersOf(replicates) })).toBe(false);
    expect(ask(median({ startupTrials: 1 }), [5], { peers: peersOf(replicates) })).toBe(true);
  });

  test("learns nothing from pruned runs", () => {
    const peers = peersOf(Array.from({ length: 9 }, () => ({ ...flat(1), isComplete: false })));
    expect(ask(median({ startupTrials: 0 }), [5], { peers })).toBe(false);
  });

  test("stops what was never anything but NaN", () => {
    const peers = peersOf([flat(Number.POSITIVE_INFINITY), flat(Number.POSITIVE_INFINITY)]);
    expect(ask(median({ startupTrials: 2 }), [Number.NaN, Number.NaN], { peers })).toBe(true);
  });
});

describe("successiveHalving", () => {
  test("judges at the rung that was reached, also when rungs were jumped over", () => {
    const pruner = successiveHalving({ minResource: 1, reductionFactor: 3 });
    const peers = peersOf([
      { losses: Float64Array.from(STEPS, () => 1) },
      { losses: Float64Array.from(STEPS, () => 1) },
    ]);
    expect(ask(pruner, [2], { peers, steps: [0] })).toBe(false);
    expect(ask(pruner, [2], { peers, steps: [20] })).toBe(true);
    expect(ask(pruner, [0.5], { peers, steps: [20] })).toBe(false);
    expect(ask(pruner, [2], { peers, steps: [27] })).toBe(false);
  });

  test("begins at a hundredth of the first complete run, and knows the runs before", () => {
    const pruner = successiveHalving({ reductionFactor: 2 });
    const long = Float64Array.from({ length: 501 }, () => 1);
    const pruned = { losses: long.subarray(0, 8), isComplete: false };
    expect(ask(pruner, Array(6).fill(9), { peers: peersOf([pruned, pruned]) })).toBe(false);
    const peers = peersOf([pruned, pruned, { losses: long }]);
    expect(ask(pruner, Array(5).fill(9), { peers })).toBe(false);
    expect(ask(pruner, Array(6).fill(9), { peers })).toBe(true);
  });

  test("stops a run that is NaN at its rung", () => {
    expect(ask(successiveHalving({ minResource: 1 }), [1, Number.NaN])).toBe(true);
  });
});

describe("hyperband", () => {
  test("gives each bracket its share of the trials, at any time", () => {
    // Shares 27 : 12 : 6 : 4 of brackets whose first rungs are at 1, 3, 9 and 27: of a hopeless run, the step at
    // which it is stopped tells the bracket.
    const pruner = hyperband({ maxResource: 27 });
    const good = { losses: Float64Array.from({ length: 28 }, () => 0) };
    const peers = peersOf(Array.from({ length: 100 }, () => good));
    const counts = new Map<number, number>();
    for (let trial = 100; trial < 590; trial += 1) {
      const made = [1, 3, 9, 27].find((step) =>
        ask(
          pruner,
          Array.from({ length: step + 1 }, () => 1),
          { peers, trial },
        ),
      );
      counts.set(made ?? 0, (counts.get(made ?? 0) ?? 0) + 1);
      const told = trial - 99;
      expect(Math.abs((counts.get(1) ?? 0) - (told * 27) / 49)).toBeLessThan(5);
    }
    for (const [step, share] of [
      [1, 27],
      [3, 12],
      [9, 6],
      [27, 4],
    ] as const) {
      expect(Math.abs((counts.get(step) ?? 0) - share * 10)).toBeLessThan(6);
    }
  });
});

describe("patient", () => {
  test("decides alone where there is no other pruner", () => {
    const pruner = patient({ patience: 2 });
    expect(ask(pruner, [1, 1, 1])).toBe(false);
    expect(ask(pruner, [1, 1, 1, 1])).toBe(true);
    expect(ask(pruner, [1, 2, 3, 0.9])).toBe(false);
    expect(ask(patient({ patience: 2, minDelta: 0.5 }), [1, 1.4, 1.3, 1.4])).toBe(false);
    expect(ask(patient({ patience: 2, minDelta: 0.5 }), [1, 1.6, 1.5, 1.7])).toBe(true);
  });
});

describe("threshold", () => {
  test("is in the unit of the metric, whichever way is better", () => {
    const pruner = threshold({ lower: 0.1, upper: 0.9 });
    for (const direction of ["minimize", "maximize"] as const) {
      expect([0.05, 0.1, 0.5, 0.9, 0.95].map((one) => ask(pruner, [one], { direction }))).toEqual([
        true,
        false,
        false,
        false,
        true,
      ]);
      expect(ask(threshold({ lower: 0 }), [Number.NaN], { direction })).toBe(true);
    }
  });
});

describe("wilcoxon", () => {
  test("stops replicates of a trial that loses to the best one in pairs", () => {
    const incumbent = Float64Array.of(1, 5, 2, 9, 4, 7);
    const peers = peersOf([{ losses: incumbent }, { losses: incumbent.map((loss) => loss + 1) }]);
    const worse = [...incumbent].map((loss) => loss + 0.1);
    const advice = worse.map((_, at) => ask(wilcoxon(), worse.slice(0, at + 1), { peers }));
    expect(advice).toEqual([false, false, false, true, true, true]);
    const better = [...incumbent].map((loss) => loss - 0.1);
    expect(ask(wilcoxon(), better, { peers })).toBe(false);
    expect(ask(wilcoxon({ startupSteps: 6 }), worse.slice(0, 5), { peers })).toBe(false);
  });
});

describe("options", () => {
  test.each([
    [() => median({ startupTrials: -1 }), `median(): startupTrials is an integer from 0, got -1.`],
    [() => median({ intervalSteps: 0 }), "median(): intervalSteps is an integer from 1, got 0."],
    [() => percentile(101), "percentile(): its first argument is a number in [0, 100], got 101."],
    [() => successiveHalving({ reductionFactor: 1 }), "reductionFactor is an integer from 2, got 1."],
    [() => successiveHalving({ minResource: 0 }), `minResource is a step above 0 or "auto", got 0.`],
    [() => hyperband({ maxResource: 0.5 }), `maxResource is a step from minResource (1) or "auto", got 0.5.`],
    [() => patient({} as never), "patient(): patience is an integer from 0, got undefined."],
    [() => patient({ patience: 1, pruner: {} as never }), "pruner is a pruner such as median(), got {}."],
    [() => threshold({}), "threshold(): lower or upper is a number, at least one of both, got undefined."],
    [() => threshold({ lower: 2, upper: 1 }), "upper is a number from lower (2), got 1."],
    [() => wilcoxon({ pThreshold: 1 }), "wilcoxon(): pThreshold is a probability in (0, 1), got 1."],
  ])("are refused with what is expected: %#", (make, text) => {
    const message = expect.stringContaining(text);
    expect(make).toThrow(expect.objectContaining({ code: "METALAB_PRUNER_OPTION", message }));
  });

  test("name the nearest when they are unknown", () => {
    expect(() => median({ n_startup_trials: 5 } as never)).toThrow(`Did you mean "startupTrials"?`);
    expect(() => hyperband({ max_resource: 5 } as never)).toThrow(`Did you mean "maxResource"?`);
  });
});
