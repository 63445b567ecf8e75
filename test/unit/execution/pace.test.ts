import { setImmediate as turned } from "node:timers/promises";
import { expect, test } from "vitest";
import { Pace } from "../../../src/execution/pace.ts";

/** Keeps the event loop from turning for longer than any work should. */
function hog(): void {
  for (const start = performance.now(); performance.now() - start < 15; );
}

test("work that keeps the event loop from turning is due to let it turn, until it has", async () => {
  const pace = new Pace();
  hog();
  expect(pace.isDue).toBe(true);
  expect(pace.isDue).toBe(true);
  await pace.turn();
  expect(pace.isDue).toBe(false);
});

test("work during which the event loop turned by itself is not due", async () => {
  const pace = new Pace();
  expect(pace.isDue).toBe(false);
  hog();
  await turned();
  await turned();
  expect(pace.isDue).toBe(false);
});

test("what is called after a turn ends the work by throwing", async () => {
  const pace = new Pace(() => {
    throw new Error("stop");
  });
  await expect(pace.turn()).rejects.toThrow("stop");
});
