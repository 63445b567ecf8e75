import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseSweep } from "../../../../src/sweep/flags/sweep.ts";
import { MersenneTwister } from "../../../../src/sweep/numpy/mersenne-twister.ts";

interface Golden {
  readonly inOneStream: { readonly seed: number; readonly values: readonly (readonly number[])[] };
  readonly cases: readonly {
    readonly call: string;
    readonly seed: number;
    readonly values: readonly number[];
  }[];
}

/** What NumPy 2.4 gave, written by numpy-draws.py beside it. */
const golden = JSON.parse(
  readFileSync(new URL("../../../golden/numpy-draws.json", import.meta.url), "utf8"),
) as Golden;

function drawn(call: string, numpySeed: number): readonly number[] {
  const { source } = parseSweep(["--x", call], { numpySeed });
  return Array.from({ length: source.length }, (_, index) => source.at(index)["x"] as number);
}

describe("draws after numpy.random.seed", () => {
  test.each(golden.cases)("$call with seed $seed", ({ call, seed, values }) => {
    const ours = drawn(call, seed);
    expect(ours).toHaveLength(values.length);
    values.forEach((value, at) => {
      if (Number.isSafeInteger(value)) expect(ours[at]).toBe(value);
      else expect(Math.abs(ours[at]! - value)).toBeLessThanOrEqual(1e-15 * Math.abs(value));
    });
  });

  test("every scalar distribution of RandomState has a golden vector", () => {
    const names = new Set(golden.cases.map(({ call }) => call.slice(0, call.indexOf("("))));
    expect([...names].sort()).toEqual(
      `beta binomial chisquare choice exponential f gamma geometric gumbel hypergeometric laplace logistic lognormal
      logseries negative_binomial noncentral_chisquare noncentral_f normal pareto poisson power rand randint randn random
      random_integers random_sample rayleigh standard_cauchy standard_exponential standard_gamma standard_normal standard_t
      triangular uniform vonmises wald weibull zipf`.split(/\s+/),
    );
  });

  test("gives the numbers of the reference call", () => {
    const shown = drawn("uniform(1e-5, 1e-1, 3)", 0).map((value) => value.toFixed(8));
    expect(shown).toEqual(["0.05488586", "0.07152178", "0.06028031"]);
  });

  test("several flags draw from one stream, in the order in which they are written", () => {
    const { seed, values } = golden.inOneStream;
    const argv = ["--a", "normal(0, 1, 3)", "--b", "uniform(0, 1, 2)", "--c", "normal(0, 1, 2)"];
    const { flags } = parseSweep(argv, { numpySeed: seed });
    // Asked for in another order than they are written.
    const read = [2, 0, 1].map((flag) => {
      const axis = flags[flag]!.values;
      return Array.from({ length: axis.length }, (_, at) => axis.at(at));
    });
    expect([read[1], read[2], read[0]]).toEqual(values);
  });

  test.each(["np.random.", "numpy.random.", "random.", ""])("the prefix %j is the same", (prefix) => {
    expect(drawn(`${prefix}normal(0, 1, 3)`, 1)).toEqual(drawn("normal(0, 1, 3)", 1));
  });

  test("no size is one value, and a size of one axis is its length", () => {
    expect(drawn("normal(0, 1)", 3)).toEqual(drawn("normal(0, 1, 1)", 3));
    expect(drawn("normal(0, 1, size=None)", 3)).toHaveLength(1);
    expect(drawn("normal(0, 1, (4,))", 3)).toEqual(drawn("normal(scale=1, size=4)", 3));
  });
});

describe("the Mersenne Twister", () => {
  test("gives the authors' reference output for their key", () => {
    // The first words of mt19937ar.out: init_by_array({0x123, 0x234, 0x345, 0x456}).
    const twister = new MersenneTwister([0x123, 0x234, 0x345, 0x456]);
    const words = Array.from({ length: 5 }, () => twister.uint32());
    expect(words).toEqual([1067595299, 955945823, 477289528, 4107218783, 4228976476]);
  });

  test("draws integers that are all alike, up to both ends", () => {
    const twister = new MersenneTwister(1);
    const seen = new Map<number, number>();
    for (let round = 0; round < 6000; round += 1) {
      const value = twister.upTo(5);
      seen.set(value, (seen.get(value) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe("loguniform, which NumPy does not have", () => {
  test("is within its bounds, its logarithm uniform", () => {
    const values = drawn("loguniform(1e-5, 1e-1, 4000)", 0).map(Math.log10);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-5);
    expect(Math.max(...values)).toBeLessThanOrEqual(-1);
    // Standard errors: 1.155 / √4000 = 0.018 for the mean, and 0.019 for the variance of 4² / 12.
    expect(Math.abs(mean + 3)).toBeLessThan(0.08);
    expect(Math.abs(variance - 16 / 12)).toBeLessThan(0.08);
  });
});

describe("draws without a seed of NumPy", () => {
  const values = (argv: readonly string[], flag: string, seed?: number) => {
    const { flags } = parseSweep(argv, seed === undefined ? {} : { seed });
    const axis = flags.find(({ word }) => word.name === flag)!.values;
    return Array.from({ length: axis.length }, (_, at) => axis.at(at));
  };

  test("are the same each time, and others for another seed or flag", () => {
    const first = values(["--x", "uniform(0, 1, 3)"], "x");
    expect(values(["--x", "uniform(0, 1, 3)"], "x")).toEqual(first);
    expect(values(["--x", "uniform(0, 1, 3)"], "x", 1)).not.toEqual(first);
    expect(values(["--y", "uniform(0, 1, 3)"], "y")).not.toEqual(first);
  });

  test("do not depend on the other flags, and stay when more are drawn", () => {
    const first = values(["--x", "normal(0, 1, 3)"], "x");
    expect(values(["--a", "normal(0, 1, 9)", "--x", "normal(0, 1, 3)"], "x")).toEqual(first);
    expect(values(["--x", "normal(0, 1, 5)"], "x").slice(0, 3)).toEqual(first);
  });
});

describe("calls that NumPy refuses as well", () => {
  test.each([
    ["uniform(0, 1, 3, 4)", 17, "uniform takes low, high, size, got one more"],
    ["uniform(0, 1, sizes=3)", 14, 'Did you mean "size"?'],
    ["uniform(0, 1, low=3)", 14, 'takes each argument once, got "low" twice'],
    ["uniform(low=0, 1)", 15, "arguments without a name come first"],
    ["normal(0, -1, 3)", 10, "scale of normal is a finite number from 0, got -1"],
    ["normal(0, 1, 0)", 13, "size is an integer from 1, got 0"],
    ["normal(0, 1, 2.5)", 13, "size is an integer from 1, got 2.5"],
    ["normal(0, 1, (2, 3))", 13, "size is one integer, got the shape of a table"],
    ["randn(2, 3)", 9, "randn takes d0, got one more"],
    ["gamma()", 6, "gamma needs shape, got none"],
    ["randint(3, 3)", 11, "high of randint must be above low"],
    ["randint(1.5)", 8, "low of randint is an integer"],
    ["triangular(0, 5, 3)", 17, "right of triangular must be at least mode"],
    ["hypergeometric(2, 2, 5)", 21, "nsample of hypergeometric must be at most ngood + nbad"],
    ["zipf(1)", 5, "a of zipf is a finite number above 1"],
    ["binomial(3, 1.1)", 12, "p of binomial is a number from 0 to 1"],
    ["choice()", 7, "choice needs what to choose from"],
    ["choice([])", 7, "choice takes a list of values or an integer from 1"],
    ["choice([1, 2], 3, False)", 15, "without replacement there are 2 to choose"],
    ["choice([1, 2], 3, p=[0.5])", 20, "p has a probability for each of the 2"],
    ["choice([1, 2], 3, p=[0.5, 0.6])", 20, "probabilities add up to 1"],
    ["dirichlet([1, 2], 3)", 0, "whose draws are vectors"],
    ["np.random.multinomial(3, [0.5, 0.5])", 0, "whose draws are vectors"],
  ])("%s", (call, at, message) => {
    const parse = () => parseSweep(["--x", call]).source.at(0);
    expect(parse).toThrow(message);
    expect(parse).toThrow(
      expect.objectContaining({ code: "METALAB_FLAG", details: { flag: "--x", text: call, at } }),
    );
  });
});
