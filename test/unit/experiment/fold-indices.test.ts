import { describe, expect, test } from "vitest";
import { foldIndices } from "../../../src/experiment/fold-indices.ts";

function validation(length: number, count: number, options: object = {}): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, fold) => [
    ...foldIndices(length, { fold, count, ...options }).validation,
  ]);
}

describe("fold indices", () => {
  test("are these; changing them changes what every cross-validation is made of", () => {
    expect(validation(10, 3, { seed: 42 })).toEqual([
      [0, 2, 6, 8],
      [3, 5, 7],
      [1, 4, 9],
    ]);
    const stratify = [..."aababbaaba"];
    expect([...foldIndices(10, { fold: 0, count: 3, seed: 42, stratify }).validation]).toEqual([1, 2, 3, 5]);
  });

  test("differ by seed, whose default is 0", () => {
    expect(validation(50, 5)).toEqual(validation(50, 5, { seed: 0 }));
    expect(validation(50, 5)).not.toEqual(validation(50, 5, { seed: 1 }));
    expect(validation(50, 5, { seed: 1 })).not.toEqual(validation(50, 5, { seed: "1" }));
  });

  test("are shuffled: every pair of items is together as often as chance has it", () => {
    // Of 6 items in 3 folds, an item shares its fold with each of the 5 others with probability 1/5.
    const rounds = 4000;
    const together = new Map<number, number>();
    for (let seed = 0; seed < rounds; seed++) {
      const mate = validation(6, 3, { seed })
        .find((items) => items.includes(0))!
        .find((item) => item !== 0)!;
      together.set(mate, (together.get(mate) ?? 0) + 1);
    }
    // Four standard deviations of a binomial count.
    const margin = 4 * Math.sqrt((rounds * 4) / 25);
    for (const mate of [1, 2, 3, 4, 5]) {
      expect(Math.abs(together.get(mate)! - rounds / 5)).toBeLessThan(margin);
    }
  });

  test("keep a rare label in as many folds as it has items", () => {
    const stratify = Array.from({ length: 100 }, (_, item) => (item < 3 ? "rare" : "common"));
    const rare = validation(100, 5, { stratify }).map((items) => items.filter((item) => item < 3).length);
    expect(rare.sort()).toEqual([0, 0, 1, 1, 1]);
  });

  test("take labels from a typed array, and leave one out where there are as many folds as items", () => {
    const stratify = Uint8Array.from([0, 1, 0, 1]);
    for (const items of validation(4, 2, { stratify })) {
      expect(items.map((item) => stratify[item]).sort()).toEqual([0, 1]);
    }
    expect(validation(4, 4).flat().sort()).toEqual([0, 1, 2, 3]);
    expect(validation(4, 4).map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  test.each<[string, number, object, string, RegExp]>([
    ["no fold", 10, { fold: undefined }, "METALAB_FOLDS", /folds\(\{ count: 5 \}\)/],
    ["a fold too many", 10, { fold: 5 }, "METALAB_FOLDS", /from 0 to 4, got 5/],
    ["a negative fold", 10, { fold: -1 }, "METALAB_FOLDS", /got -1/],
    ["a single fold", 10, { count: 1 }, "METALAB_FOLDS", /at least 2, got 1/],
    ["fewer items than folds", 4, {}, "METALAB_FOLDS", /from 5, .*got 4/],
    ["a length that is none", 7.5, {}, "METALAB_FOLDS", /got 7\.5/],
    ["more items than can be", 2 ** 31, {}, "METALAB_FOLDS", /2\^31 - 1/],
    ["labels of too few", 10, { stratify: ["a"] }, "METALAB_FOLDS", /10 items, got 1 labels/],
    ["a text for labels", 5, { stratify: "aabbc" }, "METALAB_FOLDS", /got "aabbc"/],
    ["a label that is none", 5, { stratify: [1, 2, {}, 1, 2] }, "METALAB_FOLDS", /for item 2/],
    ["a hole in the labels", 5, { stratify: new Array(5) }, "METALAB_FOLDS", /undefined for item 0/],
    ["a seed that is none", 10, { seed: 0.5 }, "METALAB_SEED", /safe integer/],
    ["another name", 10, { random_state: 1 }, "METALAB_UNKNOWN_OPTION", /Use "seed"/],
  ])("are refused for %s", (_name, length, options, code, message) => {
    const split = () => foldIndices(length, { fold: 0, count: 5, ...options });
    expect(split).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
