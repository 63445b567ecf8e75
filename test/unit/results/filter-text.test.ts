import { beforeAll, describe, expect, test } from "vitest";
import { MetalabError } from "../../../src/errors.ts";
import type { Results } from "../../../src/results/results.ts";
import { madeResults } from "../../helpers/made-results.ts";

let results: Results;

beforeAll(async () => {
  results = await madeResults(
    [
      { params: { lr: 0.1, optimizer: "adam" }, metrics: { loss: 0.5 } },
      { params: { lr: 0.01, optimizer: "sgd", momentum: 0.9 }, metrics: { loss: Number.NaN } },
      {
        params: { lr: 1, optimizer: "adamw", flag: true },
        status: "failed",
        metrics: {},
        durationMs: 7_200_000,
      },
      { params: { lr: 10, optimizer: null, layers: [64, 32], mixed: 3 }, metrics: { loss: Infinity } },
      { params: { lr: 0.001, optimizer: "adam", mixed: "three" }, metrics: { loss: -1 } },
    ] as never,
    { tags: ["grid", "team:blue"], metadata: { owner: "ann" }, defaults: { momentum: 0 } },
  );
});

const found = (text: string) => [...results.filter(text)].map((run) => run.trial);

describe("results.filter(text)", () => {
  test.each([
    ["lr < 0.1", [1, 4]],
    ["params.lr >= 1 or lr = 1e-3", [2, 3, 4]],
    ["optimizer = 'adam'", [0, 4]],
    ["optimizer != 'adam'", [1, 2, 3]],
    ["optimizer ~ 'adam*'", [0, 2, 4]],
    ["optimizer !~ 'adam*'", [1, 3]],
    ["optimizer contains 'dam'", [0, 2, 4]],
    ["optimizer in ('sgd', null)", [1, 3]],
    ["optimizer is null", [3]],
    ["optimizer is missing", []],
    ["flag is missing", [0, 1, 3, 4]],
    ["has flag and flag = true", [2]],
    ["loss is missing", [2]],
    ["loss is nan", [1]],
    ["loss = Infinity", [3]],
    // Missing and NaN are neither less nor more, and so they are what is not less.
    ["loss < 1", [0, 4]],
    ["not loss < 1", [1, 2, 3]],
    ["loss != 0.5", [1, 2, 3, 4]],
    ["loss >= -Infinity", [0, 3, 4]],
    ["layers = 32", [3]],
    ["layers > 40 and layers < 40", [3]],
    ["layers != 32", [0, 1, 2, 4]],
    ["tag = 'grid'", [0, 1, 2, 3, 4]],
    ["tags != 'grid'", []],
    ["team = 'blue' and owner = 'ann'", [0, 1, 2, 3, 4]],
    ["status = 'failed'", [2]],
    ["status in ('success', 'failed') and trial > 2", [3, 4]],
    ["momentum = 0", [0, 2, 3, 4]],
    ["durationMs >= 2h", [2]],
    ["started < 2024-01-01T00:00:00.002Z", [0, 1]],
    ["started >= '2024-01-02'", []],
    ["mixed = 3", [3]],
    ["mixed = 'three'", [4]],
    ["mixed > 2", [3]],
    ["not not lr = 1", [2]],
    ["not (lr = 1 or lr = 10) and loss is not missing", [0, 1, 4]],
  ])("%s", (text, trials) => {
    expect(found(text)).toEqual(trials);
  });

  test("an id is found by how it begins", () => {
    const id = results.at(3)!.id;
    expect(found(`id ~ '${id.slice(0, 10)}*'`)).toEqual([3]);
  });

  test.each([
    ["lr < 1 and opimizer = 'a'", 11, "METALAB_NAME_UNKNOWN", /Did you mean "optimizer"/],
    ["params.x = 2", 0, "METALAB_NAME_UNKNOWN", /named "params.x"/],
    ["lr < 'a'", 5, "METALAB_FILTER_TYPE", /"lr" is a number in every run, got a text "a"/],
    ["lr = '0.1'", 5, "METALAB_FILTER_TYPE", /would match no run/],
    [
      "optimizer in ('a', 3)",
      19,
      "METALAB_FILTER_TYPE",
      /"optimizer" is a text in every run, got a number 3/,
    ],
    ["lr < 2h", 5, "METALAB_FILTER_TYPE", /Durations are for durationMs/],
    ["lr > 2024-01-01", 5, "METALAB_FILTER_TYPE", /got a time/],
    ["started > 'yesterday'", 10, "METALAB_FILTER_TYPE", /Write a day as 2026-02-28/],
    ["lr ~ 'a*'", 5, "METALAB_FILTER_TYPE", /"lr" is a number/],
    ["flag = 1", 7, "METALAB_FILTER_TYPE", /"flag" is true or false in every run/],
    ["status = 'sucess'", 9, "METALAB_FILTER_INVALID", /Did you mean "success"/],
    ["lr <", 4, "METALAB_FILTER_TEXT", /^filter\(\): expected a value/],
  ])("%s is refused", (text, at, code, message) => {
    let thrown: unknown;
    try {
      results.filter(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(MetalabError);
    const error = thrown as MetalabError;
    expect([error.code, error.details.at]).toEqual([code, at]);
    expect(error.message).toMatch(message);
    expect(error.message.endsWith(`\n  ${text}\n  ${" ".repeat(at as number)}^`)).toBe(true);
  });

  test("of no runs every name is as good as another", async () => {
    const none = await madeResults([]);
    expect(none.filter("anything < 3").length).toBe(0);
  });

  test("works over several experiments", async () => {
    const other = await madeResults([{ params: { lr: "high", other: 1 } }], { name: "other" });
    const both = results.concat(other as never);
    expect([...both.filter("lr = 'high' or lr = 10")].map((run) => run.experiment.name)).toEqual([
      "booth",
      "other",
    ]);
    expect(both.filter("other is missing").length).toBe(5);
    expect(both.filter("momentum = 0").length).toBe(4);
  });
});

describe("the error of a run", () => {
  const failed = (trial: number, message: string, code?: string) => ({
    trial,
    status: "failed" as const,
    metrics: {},
    error: {
      class: "exception" as const,
      name: "RangeError",
      message,
      ...(code === undefined ? {} : { code }),
    },
  });
  const runs = [failed(0, "out of memory", "E1"), failed(1, "no luck"), { trial: 2, metrics: { loss: 1 } }];

  test.each([
    ['error ~ "RangeError: *"', [0, 1]],
    ['error contains "memory"', [0]],
    ['error.message = "no luck"', [1]],
    ['error.class = "exception" and not error.name = "TypeError"', [0, 1]],
    ['error.code = "E1"', [0]],
    ["has error", [0, 1]],
    ["error is missing", [2]],
  ])("%s", async (text, trials) => {
    const made = await madeResults(runs as never);
    expect([...made.filter(text)].map((run) => run.trial)).toEqual(trials);
  });

  test("hides no metric, param or tag of that name", async () => {
    const made = await madeResults([
      { trial: 0, params: { "error.class": 2 }, metrics: { error: 0.5 } },
      { trial: 1, params: { "error.class": 3 }, metrics: { error: 0.1 } },
    ] as never);
    expect([...made.filter("error < 0.2")].map((run) => run.trial)).toEqual([1]);
    expect([...made.filter("error.class = 2")].map((run) => run.trial)).toEqual([0]);
  });
});
