import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configTemplate } from "../../../src/config/config-template.ts";
import { PRESET_NAMES } from "../../../src/config/presets.ts";
import { readSearchFile } from "../../../src/config/search-file.ts";
import { SEARCH_KEYS } from "../../../src/config/search-keys.ts";
import { ROOT } from "../../helpers/built.ts";

/** As the guide of ml-search has them. */
const SPACES = {
  conservative: {
    "optimizer.lr": { type: "loguniform", low: 1e-4, high: 1e-2 },
    "training.batch_size": { type: "choice", values: [32, 64] },
  },
  comprehensive: {
    "optimizer.lr": { type: "loguniform", low: 1e-5, high: 1e-1 },
    "training.batch_size": { type: "choice", values: [16, 32, 64, 128] },
    "optimizer.momentum": { type: "uniform", low: 0.8, high: 0.99 },
    "optimizer.weight_decay": { type: "loguniform", low: 1e-6, high: 1e-2 },
    "scheduler.step_size": { type: "int", low: 5, high: 20 },
    "scheduler.gamma": { type: "uniform", low: 0.1, high: 0.5 },
  },
  architecture: {
    "model.architecture": { type: "choice", values: ["resnet18", "resnet34", "resnet50", "efficientnet_b0"] },
    "model.dropout": { type: "uniform", low: 0.1, high: 0.5 },
    "optimizer.lr": { type: "loguniform", low: 1e-5, high: 1e-2 },
  },
};

describe("what init writes", () => {
  test.each(PRESET_NAMES)(
    "%s is a file that search reads, with the preset's space and a setting for each param",
    async (preset) => {
      const text = configTemplate({
        name: "my data",
        preset,
        data: "data/a: b",
        facts: { classes: ["x\ny", "z"] },
        script: "train.py",
        schema: "s.json",
      });
      const file = await readSearchFile(text, "c.yaml");
      expect(file.space).toEqual(SPACES[preset]);
      expect(file).toMatchObject({
        study: "my data_optimization",
        command: ["python", "train.py"],
        settings: { data: { path: "data/a: b", num_classes: 2 } },
      });
      expect(file.notes).toEqual([]);
      for (const name of Object.keys(file.space)) {
        const [group = "", key = ""] = name.split(".");
        expect(Object.keys(file.settings[group] as object)).toContain(key);
      }
    },
  );
});

test("the page of config files tells every key", () => {
  const page = readFileSync(join(ROOT, "docs", "config.md"), "utf8");
  for (const { name, also = [] } of SEARCH_KEYS) {
    for (const one of [name, ...also]) expect(page).toContain(`\`${one}\``);
  }
});
