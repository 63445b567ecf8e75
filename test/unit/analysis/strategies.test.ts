import { compareStrategies } from "metalab";
import { describe, expect, test } from "vitest";
import { maximize, minimize } from "../../../src/search/objective.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";

/** Results whose replicates found these values, trial by trial; `undefined` is a failed run. */
function found(
  name: string,
  repeats: readonly (readonly (number | undefined)[])[],
  objective = minimize("y"),
) {
  const runs = repeats.flatMap((values, replicate) =>
    values.map((y, trial): RunSketch => {
      const base = { trial, replicate, params: { trial } };
      return y === undefined ? { ...base, status: "failed" } : { ...base, metrics: { y } };
    }),
  );
  return madeResults(runs, { name, objectives: [objective] });
}

describe("strategies", () => {
  test("are curves of the best value so far, whatever the order of the runs", async () => {
    const a = await found("a", [
      [5, 7, 2, 3],
      [undefined, 4, Number.NaN, 1],
    ]);
    const b = await found("b", [
      [6, 6, 6, 6],
      [3, 9, 9, 2],
    ]);
    const result = compareStrategies([a, b]);
    expect(result).toMatchObject({ metric: "y", direction: "minimize", budget: 4, from: 2 });
    expect(result.strategies.map(({ name, repeats }) => [name, repeats])).toEqual([
      ["a", 2],
      ["b", 2],
    ]);
    expect(result.strategies[0]!.curves.map((curve) => [...curve])).toEqual([
      [5, 5, 2, 2],
      [Number.POSITIVE_INFINITY, 4, 4, 1],
    ]);
    expect([...result.strategies[0]!.mean]).toEqual([Number.POSITIVE_INFINITY, 4.5, 3, 1.5]);
    expect([...result.strategies[1]!.median]).toEqual([4.5, 4.5, 4.5, 4]);
    expect([...result.strategies[1]!.q25]).toEqual([3.75, 3.75, 3.75, 3]);
    // Means over the trials from the second on.
    expect(result.strategies[0]!.area.mean).toBeCloseTo(3, 12);
    expect(result.strategies[1]!.area.mean).toBeCloseTo((6 + 8 / 3) / 2, 12);
    // After two trials: 5 and 4 against 6 and 3.
    expect([...result.pairs[0]!.beats]).toEqual([0.25, 0.5, 0.75, 0.875]);
    expect(result.beats("b", "a", 4)).toBe(0.125);
    expect(result.beats("a", "a", 1)).toBe(0.5);
    expect(result.warnings[1]).toBe("Areas begin after 2 trials, when every repeat has a value.");
  });

  test("of a maximum are the same, mirrored", async () => {
    const values = [
      [1, 3, 2],
      [2, 2, 5],
    ];
    const turned = values.map((row) => row.map((y) => -y));
    const up = compareStrategies([
      await found("a", values, maximize("y")),
      await found("b", [[4, 4, 4]], maximize("y")),
    ]);
    const down = compareStrategies([await found("a", turned), await found("b", [[-4, -4, -4]])]);
    expect([...up.pairs[0]!.beats]).toEqual([...down.pairs[0]!.beats]);
    expect([...up.strategies[0]!.mean]).toEqual([...down.strategies[0]!.mean].map((y) => -y));
  });

  test("are told apart by exact tests, corrected by Holm", async () => {
    const good = Array.from({ length: 5 }, (_, at) => [10, 1 + at / 10]);
    const bad = Array.from({ length: 5 }, (_, at) => [10, 5 + at / 10]);
    const { pairs, strategies } = compareStrategies(
      [await found("g", good), await found("h", bad), await found("i", bad)],
      { names: ["good", "bad", "same"] },
    );
    // 5 of 10 ranks at one end: 2 / C(10, 5).
    expect(pairs[0]!.final.p).toBeCloseTo(2 / 252, 12);
    expect(pairs[0]!.final.pHolm).toBeCloseTo(6 / 252, 12);
    expect(pairs[0]!.area.p).toBeCloseTo(2 / 252, 12);
    expect(pairs[2]!.final.p).toBe(1);
    expect(strategies[0]!.final.mean).toBeCloseTo(1.2, 12);
    // R: t.test(c(1, 1.1, 1.2, 1.3, 1.4))$conf.int
    expect(strategies[0]!.final.low).toBeCloseTo(1.003676, 5);
    expect(strategies[0]!.final.high).toBeCloseTo(1.396324, 5);
  });

  test("are lists of results with one repeat each, cut to what all have or stretched to a budget", async () => {
    const list = [await found("a1", [[3, 2]]), await found("a2", [[4, 3, 1, 0]])];
    const other = await found("b", [[5, 5, 5]]);
    const cut = compareStrategies([list, other], { names: ["a", "b"] });
    expect(cut.budget).toBe(2);
    expect(cut.strategies[0]!.curves.map((curve) => [...curve])).toEqual([
      [3, 2],
      [4, 3],
    ]);
    expect(cut.warnings.join(" ")).toContain("2 repeats went on after 2 trials");
    const long = compareStrategies([list, other], { names: ["a", "b"], budget: 4 });
    expect([...long.strategies[0]!.curves[0]!]).toEqual([3, 2, 2, 2]);
    expect(long.warnings.join(" ")).toContain("2 repeats ended before 4 trials and stay at their best.");
  });

  test("count the trials that are left after a filter", async () => {
    const results = (await found("a", [[3, 9, 2, 1]])).filter((one) => one.trial % 2 === 0);
    expect([...compareStrategies([results]).strategies[0]!.curves[0]!]).toEqual([3, 2]);
  });

  test("without runs, values or rivals are a sentence", async () => {
    const none = compareStrategies([await found("a", [])]);
    expect(none.warnings).toEqual([
      "a: there are no runs.",
      "There is one strategy: nothing to compare it with.",
    ]);
    const failed = compareStrategies([await found("a", [[undefined]]), await found("b", [[1]])]);
    expect(failed.strategies[0]!.area.mean).toBeNaN();
    expect(failed.warnings.join(" ")).toContain("Some repeats found no value at all");
    expect(String(failed)).toContain("Best y (minimize) so far, over 1 trial");
  });

  test("refuse names and budgets that do not fit", async () => {
    const a = await found("a", [[1, 2]]);
    for (const wrong of [[], a]) {
      expect(() => compareStrategies(wrong as never)).toThrow(
        /^compareStrategies\(\): strategies is a list with the results of each/,
      );
    }
    expect(() => compareStrategies([a, undefined as never])).toThrow(/takes results, got undefined/);
    expect(() => compareStrategies([[Promise.resolve(a) as never]])).toThrow(/Write await before it\.$/);
    expect(() => compareStrategies([a, a], { names: ["x"] })).toThrow(
      /a list of 2 different names, .* got \["x"\]/,
    );
    expect(() => compareStrategies([a], { budget: 0 })).toThrow(/budget is a positive whole number/);
    expect(() => compareStrategies([a]).beats("a", "c", 1)).toThrow(/one of a, got "c"/);
    expect(() => compareStrategies([a]).beats("a", "a", 1)).not.toThrow();
    const two = compareStrategies([a, a], { names: ["x", "y"] });
    expect(() => two.beats("x", "y", 3)).toThrow(/a whole number from 1 to 2, got 3/);
  });
});
