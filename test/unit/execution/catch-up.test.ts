import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { CatchUp } from "../../../src/execution/catch-up.ts";

const KEY = { name: "a", version: "1" };

function following(): { readonly calls: (() => void)[]; readonly follow: () => Promise<void> } {
  const calls: (() => void)[] = [];
  return { calls, follow: () => new Promise<void>((resolve) => calls.push(resolve)) };
}

test("reads when many runs have ended and there is time, one look at a time", async () => {
  const { calls, follow } = following();
  const catchUp = new CatchUp({ follow }, KEY);
  const tickUntil = (done: number, count: number) =>
    vi.waitFor(
      async () => {
        await sleep(20);
        catchUp.tick(done);
        expect(calls.length).toBe(count);
      },
      { timeout: 20_000 },
    );
  await tickUntil(500, 1);
  for (let i = 0; i < 3; i++) {
    await sleep(20);
    catchUp.tick(5_000);
  }
  expect(calls.length).toBe(1);
  calls[0]!();
  await tickUntil(5_000, 2);
  calls[1]!();
  for (let i = 0; i < 3; i++) {
    await sleep(20);
    catchUp.tick(5_499);
  }
  expect(calls.length).toBe(2);
});

test("does not read while the event loop is at work, nor where a store has no use for it", () => {
  const { calls, follow } = following();
  const catchUp = new CatchUp({ follow }, KEY);
  catchUp.tick(0);
  for (let i = 0; i < 3; i++) {
    for (const start = performance.now(); performance.now() - start < 10; );
    catchUp.tick(100_000);
  }
  expect(calls).toEqual([]);
  expect(() => new CatchUp({}, KEY).tick(100_000)).not.toThrow();
});
