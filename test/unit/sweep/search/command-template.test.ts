import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRunSeeds, seeds } from "../../../../src/experiment/seeds.ts";
import type { ProgramRun } from "../../../../src/sweep/program.ts";
import {
  type CommandTemplate,
  checkTemplate,
  commandFor,
  withPlaces,
} from "../../../../src/sweep/search/command-template.ts";

const PARAMS = { "optimizer.lr": 1e-7, "training.batch_size": 32, amp: true };

function command(
  words: readonly string[],
  given: Partial<CommandTemplate> = {},
  params: ProgramRun["params"] = PARAMS,
): readonly string[] {
  const run: ProgramRun = {
    id: "0".repeat(64),
    params,
    seeds: createRunSeeds(seeds().root(0), 0),
    trial: { number: 3, replicate: 0, shouldPrune: async () => false, prune: () => undefined as never },
    fold: 2,
    files: { folder: "/run", params: "/run/params.json", metrics: "/run/metrics.jsonl", stop: "/run/stop" },
  };
  const template = {
    words,
    style: undefined,
    settings: {},
    configName: "config.yaml",
    names: [...Object.keys(PARAMS), "optimizer.momentum"],
    ...given,
  };
  return commandFor(template, run);
}

const SETTINGS = { epochs: 12, "optimizer.name": "sgd", "optimizer.lr": 0.01 };
/** Of a shell. */
const VARIABLE = ["$", "{HOME}"].join("");
const CONFIG = join("/run", "config.yaml");
const FLAGS = ["--optimizer.lr", "1e-7", "--training.batch_size", "32", "--amp"];

describe("commandFor", () => {
  test("params where there are no settings, the config where there are, both where a style is asked for", () => {
    expect(command(["train"])).toEqual(["train", ...FLAGS]);
    expect(command(["train"], { settings: SETTINGS })).toEqual(["train", "--config", CONFIG]);
    expect(command(["train"], { settings: SETTINGS, style: "flags" })).toEqual([
      "train",
      "--config",
      CONFIG,
      ...FLAGS,
    ]);
    expect(command(["train"], { style: "json" })).toEqual(["train", "--config", CONFIG]);
    expect(command(["train"], { style: "assign" })).toEqual([
      "train",
      "optimizer.lr=1e-7",
      "training.batch_size=32",
      "amp=true",
    ]);
  });

  test("places are filled, and nothing else is added", () => {
    expect(command(["train", "-c", "{config}"], { settings: SETTINGS })).toEqual(["train", "-c", CONFIG]);
    expect(command(["train", "{params}", "end"])).toEqual(["train", ...FLAGS, "end"]);
    expect(command(["train", "--lr={lr}", "{training.batch_size}"])).toEqual(["train", "--lr=1e-7", "32"]);
  });

  test("settings reach a program that is not given the config", () => {
    expect(command(["train", "{params}"], { settings: SETTINGS, shown: ["amp"] })).toEqual([
      ...["train", "--epochs", "12", "--optimizer.name", "sgd"],
      ...FLAGS,
    ]);
    expect(command(["train", "{params}", "-c{config}"], { settings: SETTINGS })).toEqual([
      "train",
      ...FLAGS,
      `-c${CONFIG}`,
    ]);
    expect(command(["train", "-e{epochs}", "--lr={lr}"], { settings: SETTINGS })).toEqual([
      "train",
      "-e12",
      "--lr=1e-7",
    ]);
  });

  test("facts of the run do not stand for the params", () => {
    expect(command(["train", "{trial}", "{fold}", "{run_dir}"], { settings: SETTINGS })).toEqual([
      "train",
      "3",
      "2",
      "/run",
      "--config",
      CONFIG,
    ]);
  });

  test("doubled braces are braces", () => {
    expect(command(["train", "{{lr}}", "{{other}} {lr} {{{lr}}}", '{"a":{"lr":{lr}}}', "{config}"])).toEqual([
      "train",
      "{lr}",
      "{other} 1e-7 {{lr}}",
      '{"a":{"lr":1e-7}}',
      CONFIG,
    ]);
    expect(command(["train", "{{config}}"])).toEqual(["train", "{config}", ...FLAGS]);
  });

  test("other braces stay, and a param that is not there is empty", () => {
    expect(command(["train", '{"a": 1}', VARIABLE, "{}", "{config}"])).toEqual([
      "train",
      '{"a": 1}',
      VARIABLE,
      "{}",
      CONFIG,
    ]);
    expect(command(["train", "m={momentum}"])).toEqual(["train", "m="]);
  });

  test("only the params that are shown", () => {
    expect(command(["train"], { shown: ["amp", "gone"] })).toEqual(["train", "--amp"]);
  });
});

describe("checkTemplate", () => {
  const check = (...words: readonly string[]) =>
    checkTemplate({
      words: ["train", ...words],
      names: ["optimizer.lr", "decay.lr", "amp"],
      settings: { epochs: 3, "optimizer.name": "sgd" },
    });

  test.each([
    "{config}",
    "{params}",
    "--amp={amp}",
    "{epochs}{optimizer.lr}{name}",
    "{seed}{fold}{trial}{run_dir}",
    "{{nosuch}} {{{lr}}}",
    '{"a": {"b": 1}} {} {a b}',
    VARIABLE,
  ])("%j is one", (word) => {
    expect(() => check(word)).not.toThrow();
  });

  test.each([
    ["{nosuch}", 'command: a place is named by a param, a setting or a fact of the run, got "{nosuch}".'],
    ["--e={epoch}", 'got "{epoch}". Did you mean {epochs}?'],
    ["x{foldd}", "Did you mean {fold}?"],
    ["{nosuch}", "There are {config}, {params}, {seed}, {fold}, {trial}, {run_dir}, {optimizer.lr}, "],
    ["{nosuch}", "For the braces themselves write {{nosuch}}."],
    ["{lr}", 'got "{lr}", which may be {optimizer.lr} or {decay.lr}. Write the whole name.'],
    ["--all={params}", "{params} stands for several arguments, so it is one of its own"],
    ["a\0b", "a program is given text without the character NUL"],
  ])("%j is none: %s", (word, told) => {
    expect(() => check(word)).toThrow(told);
  });

  test("settings are refused that no program can be given", () => {
    const settings = { "note.text": "a\0b" };
    expect(() => checkTemplate({ words: ["train"], names: [], settings })).toThrow(
      'note.text: a program is given text without the character NUL, got "a\\u0000b".',
    );
  });
});

test("a command without places gets those that it has by default", () => {
  const common = { names: ["lr"], style: undefined, hasSettings: false };
  expect(withPlaces({ ...common, words: ["a"] })).toEqual(["a", "{params}"]);
  expect(withPlaces({ ...common, words: ["a", "{lr}"] })).toEqual(["a", "{lr}"]);
  expect(withPlaces({ ...common, words: ["a", "{trial}"] })).toEqual(["a", "{trial}", "{params}"]);
  expect(withPlaces({ ...common, words: ["a", "{{lr}}"] })).toEqual(["a", "{{lr}}", "{params}"]);
  expect(withPlaces({ ...common, words: ["a"], hasSettings: true })).toEqual(["a"]);
  expect(withPlaces({ ...common, words: ["a"], style: "json" })).toEqual(["a", "--config", "{config}"]);
});
