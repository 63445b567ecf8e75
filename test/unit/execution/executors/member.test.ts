import { afterEach, expect, test, vi } from "vitest";
import { Member } from "../../../../src/execution/executors/member.ts";
import type { WorkerInit } from "../../../../src/execution/worker-link.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a worker that cannot be launched leaves nothing behind that waits for it", () => {
  vi.useFakeTimers();
  const kind = {
    where: "processes()",
    workers: 1,
    startTimeoutMs: 60_000,
    findScript: () => {
      throw new Error("not here");
    },
    launch: () => {
      throw new Error("no such file");
    },
    settled: () => undefined,
  };
  const listener = { ready: () => undefined, message: () => undefined, ended: () => undefined };
  expect(() => new Member(kind, {} as WorkerInit, listener)).toThrow("no such file");
  expect(vi.getTimerCount()).toBe(0);
});
