import { expect, test } from "vitest";
import { lineText } from "../../../src/execution/progress/line.ts";
import { Tally } from "../../../src/execution/progress/tally.ts";
import type { ProgressState } from "../../../src/experiment/event.ts";
import { textWidth } from "../../../src/identity/text-width.ts";

test("the line of progress fits the terminal, whatever names and params are written in", () => {
  const state: ProgressState = {
    ...new Tally([]).state(),
    total: 1000,
    done: 412,
    running: 1,
    ratePerSecond: 3,
    etaMs: 1000,
    best: {
      metric: "損失",
      value: 0.1,
      id: "a",
      params: { モデル: "とても大きいモデルの名前です、長い", e: "🚀🚀" },
    },
  };
  const widest = lineText("実験の名前", state, Number.POSITIVE_INFINITY);
  expect(widest).toContain("実験の名前");
  expect(widest).toContain("モデル とても大きいモデル…");
  expect(lineText("実験の名前", state, textWidth(widest))).toBe(widest);
  for (let width = 12; width < textWidth(widest); width++) {
    const line = lineText("実験の名前", state, width);
    expect(textWidth(line)).toBeLessThanOrEqual(width);
    expect(line).toContain("412/1,000");
  }
});
