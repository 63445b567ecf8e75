import fc from "fast-check";
import { expect, test } from "vitest";
import { DueQueue } from "../../src/execution/policies/due-queue.ts";

test("what waits comes out by its time, equal times in the order of coming, however adding and taking alternate", () => {
  const step = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant("take" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DueQueue<number>();
      const expected: { readonly value: number; readonly dueMs: number }[] = [];
      for (const [value, dueMs] of steps.entries()) {
        if (dueMs === "take") {
          expect(queue.take()).toBe(expected.shift()?.value);
        } else {
          queue.add(value, dueMs);
          expected.push({ value, dueMs });
          // Stable: a later one of the same time stays behind.
          expected.sort((a, b) => a.dueMs - b.dueMs);
        }
        expect(queue.length).toBe(expected.length);
        expect(queue.nextMs).toBe(expected[0]?.dueMs ?? Number.POSITIVE_INFINITY);
      }
    }),
  );
});
