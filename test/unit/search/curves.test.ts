import { describe, expect, test } from "vitest";
import { createRng } from "../../../src/math/random.ts";
import { CurveHistory, curvePoints, firstFrom } from "../../../src/search/curves.ts";
import { SortedLosses } from "../../../src/search/sorted-losses.ts";

describe("curvePoints", () => {
  test("orients the metric and makes the worst of NaN", () => {
    const { steps, losses } = curvePoints([0, 2, 5], [1, Number.NaN, 3], "maximize");
    expect([...steps]).toEqual([0, 2, 5]);
    expect([...losses]).toEqual([-1, Number.POSITIVE_INFINITY, -3]);
  });

  test("puts steps in order, and keeps of equal ones what was reported last", () => {
    const { steps, losses } = curvePoints([4, 1, 4, 0, 1], [10, 20, 30, 40, 50], "minimize");
    expect([...steps]).toEqual([0, 1, 4]);
    expect([...losses]).toEqual([40, 50, 30]);
  });

  test("is empty for no points", () => {
    expect(curvePoints([], [], "minimize").steps).toHaveLength(0);
  });
});

test("firstFrom finds the first step at or after a given one", () => {
  const steps = Float64Array.of(1, 3, 5);
  expect([0, 1, 2, 5, 6].map((step) => firstFrom(steps, step))).toEqual([0, 0, 1, 2, 3]);
});

describe("a history of curves", () => {
  const curve = (trial: number, losses: number[]) => ({
    trial,
    replicate: 0,
    steps: Float64Array.from(losses, (_, at) => at),
    losses: Float64Array.from(losses),
    isComplete: true,
  });

  test("looks at each curve once for each who asks", () => {
    const history = new CurveHistory();
    const key = {};
    let looks = 0;
    const trials = () =>
      history.fold<number[]>(
        key,
        () => [],
        (state, { trial }) => {
          looks += 1;
          return [...state, trial];
        },
      );
    for (let trial = 0; trial < 5; trial += 1) {
      history.add(curve(trial, [1]));
      trials();
    }
    expect(trials()).toEqual([0, 1, 2, 3, 4]);
    expect(looks).toBe(5);
    expect(
      history.fold(
        {},
        () => 0,
        (count) => count + 1,
      ),
    ).toBe(5);
  });

  test("leaves out a curve without points", () => {
    const history = new CurveHistory();
    history.add(curve(0, []));
    history.add(curve(1, [2]));
    expect([history.length, history.at(-1)?.trial]).toEqual([1, 1]);
  });
});

test("sorted losses have the ranks and quantiles of a sorted array", () => {
  const rng = createRng("sorted");
  const sorted = new SortedLosses();
  const all: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const loss = rng.int(0, 50) === 0 ? Number.POSITIVE_INFINITY : rng.int(-20, 20);
    sorted.add(loss);
    all.push(loss);
    all.sort((a, b) => (a === b ? 0 : a - b));
    expect(Array.from(all, (_, at) => sorted.at(at))).toEqual(all);
    expect(sorted.countBelow(3)).toBe(all.filter((one) => one < 3).length);
  }
  expect([sorted.quantile(0), sorted.quantile(1)]).toEqual([all[0], all.at(-1)]);
  const half = sorted.quantile(0.5);
  expect(half).toBe((all[99]! + all[100]!) / 2);
  expect(new SortedLosses().quantile(0.5)).toBeNaN();
});
