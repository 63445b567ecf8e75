import { afterEach, expect, test, vi } from "vitest";
import { progressLines } from "../../../src/cli/progress-lines.ts";
import type { ProgressState } from "../../../src/experiment/event.ts";

afterEach(() => {
  vi.useRealTimers();
});

const state = (done: number, total: number): ProgressState =>
  ({
    total,
    done,
    cached: 0,
    success: done,
    failed: 0,
    running: 1,
    slots: 1,
    ratePerSecond: 0,
    etaMs: undefined,
    etaRangeMs: undefined,
    waitingFor: [],
    best: undefined,
  }) as unknown as ProgressState;

function told(
  states: readonly (readonly [seconds: number, done: number, total?: number])[],
): readonly string[] {
  const lines: string[] = [];
  vi.useFakeTimers();
  const update = progressLines("lr", (line) => lines.push(line));
  let seconds = 0;
  for (const [at, done, total = 4] of states) {
    vi.advanceTimersByTime((at - seconds) * 1000);
    seconds = at;
    update(state(done, total));
    if (lines.length > 0) lines.push(lines.pop()!.replace(/ {2}\[.*?\]/, ""));
  }
  return lines;
}

test("one line every ten seconds, while there is something left", () => {
  const states = Array.from({ length: 40 }, (_, second) => [second, Math.floor(second / 9)] as const);
  expect(told(states)).toEqual(["metalab: lr  1/4  25%", "metalab: lr  2/4  50%", "metalab: lr  3/4  75%"]);
});

test("nothing about a single run, or one that ends soon", () => {
  expect(told([[60, 0, 1]])).toEqual([]);
  expect(told([[9.9, 2]])).toEqual([]);
  expect(told([[60, 4]])).toEqual([]);
});
