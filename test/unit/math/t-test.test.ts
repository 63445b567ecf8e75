import { describe, expect, test } from "vitest";
import { cohensDz, hedgesG } from "../../../src/math/effect-size.ts";
import { holm } from "../../../src/math/holm.ts";
import { noncentralTCdf } from "../../../src/math/noncentral-t.ts";
import { replicatesNeeded, tTestPower } from "../../../src/math/power.ts";
import { summarize } from "../../../src/math/stats.ts";
import { pairedTTest, tInterval, welchTTest } from "../../../src/math/t-test.ts";
import { FIRST_DRUG, ORANGE, SECOND_DRUG, SLEEP_DIFFERENCES, VITAMIN } from "./samples.ts";

describe("Student's t test", () => {
  test("of paired differences is SciPy's ttest_rel on Student's sleep data", () => {
    const { difference, sem, statistic, df, twoSided } = pairedTTest(SLEEP_DIFFERENCES);
    expect(statistic).toBeCloseTo(-4.062127683382037, 12);
    expect(twoSided).toBeCloseTo(0.002832890197384273, 14);
    const [low, high] = tInterval(difference, sem, df, 0.95);
    expect(low).toBeCloseTo(-2.459885763276983, 12);
    expect(high).toBeCloseTo(-0.7001142367230175, 12);
  });

  test("in Welch's form is SciPy's ttest_ind on the same data, unpaired", () => {
    const { statistic, df, twoSided } = welchTTest(summarize(FIRST_DRUG), summarize(SECOND_DRUG));
    expect(statistic).toBeCloseTo(-1.8608134674868526, 12);
    expect(df).toBeCloseTo(17.776473516178488, 11);
    expect(twoSided).toBeCloseTo(0.0793941401873583, 13);
  });

  test("says of what does not vary what there is to say", () => {
    expect(pairedTTest([0, 0, 0]).twoSided).toBe(1);
    expect(pairedTTest([2, 2, 2])).toMatchObject({ statistic: Number.POSITIVE_INFINITY, twoSided: 0 });
    expect(pairedTTest([2]).twoSided).toBeNaN();
    expect(welchTTest(summarize([1]), summarize([2, 3])).twoSided).toBeNaN();
  });
});

describe("the noncentral t distribution", () => {
  test.each([
    [2, 9, 1.5, 0.6558759139985497],
    [-1, 3, 0.5, 0.09212120981435942],
    [0, 5, 2, 0.02275013194817922],
    [12, 4, 9, 0.6861659101727009],
    [3, 1, 0.2, 0.8704668539102804],
    [1.96, 200, 2.8, 0.20089203329402186],
    [30, 15, 25, 0.7888492025656224],
  ])("below %d with %d degrees of freedom and δ = %d is SciPy's", (t, df, delta, expected) => {
    expect(noncentralTCdf(t, df, delta)).toBeCloseTo(expected, 11);
  });
});

describe("effect sizes", () => {
  test("of pairs have the interval of SciPy's noncentral t, inverted", () => {
    const { value, low, high } = cohensDz(SLEEP_DIFFERENCES, 0.95);
    expect(value).toBeCloseTo(-1.2845575625910546, 12);
    expect(low).toBeCloseTo(-2.1180165139815914, 8);
    expect(high).toBeCloseTo(-0.4146277563804569, 8);
  });

  test("of two samples are corrected for their size", () => {
    const { value, low, high } = hedgesG(summarize(ORANGE), summarize(VITAMIN), 0.95);
    expect(value).toBeCloseTo(1.3575093894490455, 12);
    expect(low).toBeCloseTo(0.3949217569759871, 8);
    expect(high).toBeCloseTo(2.2905971633619613, 8);
  });

  test("of what does not vary have no interval", () => {
    expect(cohensDz([1, 1, 1], 0.95)).toEqual({
      value: Number.POSITIVE_INFINITY,
      low: Number.NaN,
      high: Number.NaN,
    });
    expect(cohensDz([0, 0], 0.95).value).toBe(0);
  });
});

describe("power", () => {
  test("is that of R's power.t.test(n = 20, delta = 1, sd = 1)", () => {
    expect(tTestPower({ design: "unpaired", effect: 1, alpha: 0.05 }, 20)).toBeCloseTo(0.868953, 6);
  });

  test.each([
    // R: power.t.test(power = .8, delta = 1) asks for 16.71477, with type = "paired" for 9.93785.
    ["unpaired", 1, 17],
    ["paired", 1, 10],
    // For 393.4057, 63.76561 and 25.52458, the rows of Cohen 1988, table 2.4.1.
    ["unpaired", 0.2, 394],
    ["unpaired", 0.5, 64],
    ["unpaired", 0.8, 26],
  ] as const)("of four in five, %s, with an effect of %d needs %d replicates", (design, effect, expected) => {
    expect(replicatesNeeded({ design, effect, alpha: 0.05 }, 0.8)).toBe(expected);
    expect(replicatesNeeded({ design, effect: -effect, alpha: 0.05 }, 0.8)).toBe(expected);
  });

  test("is out of reach without a difference, and never below two", () => {
    expect(replicatesNeeded({ design: "paired", effect: 0, alpha: 0.05 }, 0.8)).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(replicatesNeeded({ design: "paired", effect: 1e9, alpha: 0.05 }, 0.8)).toBe(2);
    const few = replicatesNeeded({ design: "paired", effect: 0.003, alpha: 0.05 }, 0.8);
    expect(few / ((1.959964 + 0.841621) / 0.003) ** 2).toBeCloseTo(1, 4);
  });
});

test("Holm's correction is R's p.adjust, and does not count NaN", () => {
  // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  const corrected = holm([0.01, 0.04, Number.NaN, 0.03, 0.005]);
  expect(corrected.map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, Number.NaN, 0.06, 0.02]);
});
