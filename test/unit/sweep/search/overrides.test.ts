import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyParams } from "../../../../src/experiment/params.ts";
import { readOverrides, settingLeaves, settingNames } from "../../../../src/sweep/search/overrides.ts";

const SETTINGS = {
  optimizer: { lr: 0.1, name: "sgd" },
  scheduler: { lr: 1, warm_up: 2 },
  training: { batch_size: 32 },
  amp: false,
};
const names = {
  settings: settingNames(SETTINGS),
  searched: ["optimizer.momentum", "amp"],
  options: ["n-trials", "config"],
};

describe("readOverrides", () => {
  test.each([
    [["--batch_size", "64"], { "training.batch_size": 64 }],
    [["--batch-size=64"], { "training.batch_size": 64 }],
    [["batchSize=64"], { "training.batch_size": 64 }],
    [["--optimizer.lr", "1e-5", "scheduler.lr=-2"], { "optimizer.lr": 1e-5, "scheduler.lr": -2 }],
    [["--scheduler.lr", "-0.5"], { "scheduler.lr": -0.5 }],
    [["--warm_up", "--name", "adam"], { "scheduler.warm_up": true, "optimizer.name": "adam" }],
    [["--name=a=b"], { "optimizer.name": "a=b" }],
    [["--name="], { "optimizer.name": "" }],
    [["--name", "a: b"], { "optimizer.name": "a: b" }],
    [["--name", "[1, two]"], { "optimizer.name": [1, "two"] }],
    [["--name", "'5'"], { "optimizer.name": "5" }],
    [["--name", "[INST"], { "optimizer.name": "[INST" }],
    [["--name", "C:\\x\\main.py"], { "optimizer.name": "C:\\x\\main.py" }],
    [["--training", "{batch_size: 8}"], { training: { batch_size: 8 } }],
  ])("%j", async (words, expected) => {
    expect(await readOverrides(words as string[], names)).toEqual(expected);
  });

  test.each([
    [["--lr", "1"], '"lr" may mean optimizer.lr or scheduler.lr'],
    [["--batch_siz", "1"], "Did you mean batch_size?"],
    [["--n-trails", "1"], "Did you mean --n-trials?"],
    [["--momentum", "1"], '"optimizer.momentum" is chosen by the search'],
    [["--amp"], '"amp" is chosen by the search'],
    [["word"], "a setting is written --name value"],
  ])("%j is refused", async (words, message) => {
    await expect(readOverrides(words as string[], names)).rejects.toThrow(message);
  });
});

test("the ends of a config, put back over it, are the config", () => {
  const tree = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.string(),
      fc.array(fc.integer()),
      fc.dictionary(fc.stringMatching(/^[a-z.]{1,4}$/), tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).tree;
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tree, { noNullPrototype: true }),
      (config) => {
        expect(applyParams(config, settingLeaves(config))).toEqual(config);
      },
    ),
  );
});
