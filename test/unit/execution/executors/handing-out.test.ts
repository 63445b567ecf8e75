import { expect, test } from "vitest";
import type { ToWorker } from "../../../../src/execution/worker-link.ts";
import { type FakeWorker, fakeTasks, fakeWorkers, poolOf } from "../../../helpers/fake-workers.ts";

const RUN_MS = 20;

/** Whether outcomes may wait, by the last that a worker was told. */
function mayWait({ sent }: FakeWorker): boolean | undefined {
  const runs = sent.filter((message): message is ToWorker & { type: "run" } => message.type === "run");
  return runs.at(-1)?.mayWait;
}

/** Takes all outcomes, and gives how many there were. */
async function drain(outcomes: AsyncIterator<unknown>): Promise<number> {
  let count = 0;
  while ((await outcomes.next()).done !== true) count += 1;
  return count;
}

test("outcomes may wait while there is more to begin, and not where what comes next depends on them", async () => {
  const { all, start } = fakeWorkers();
  let goOn: () => void = () => {};
  const known = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const tasks = (async function* () {
    const [first, second, third, ...others] = fakeTasks(60);
    yield first!;
    yield second!;
    yield third!;
    await known;
    yield* others;
  })();
  const count = drain(poolOf(start, 1, tasks));
  for (const seq of [1, 2]) {
    await expect.poll(() => all[0]?.given).toContain(seq);
    all[0]!.finish([seq], RUN_MS);
  }
  await expect.poll(() => all[0]!.given).toContain(3);
  expect(mayWait(all[0]!)).toBe(false);
  all[0]!.finish([3], RUN_MS);
  goOn();
  await expect.poll(() => all[0]!.given.length).toBeGreaterThan(3);
  expect(mayWait(all[0]!)).toBe(true);
  for (let done = 3; done < 60; ) {
    const next = all[0]!.given.slice(done);
    all[0]!.finish(next, RUN_MS);
    done += next.length;
    await expect.poll(() => all[0]!.given.length > done || done === 60).toBe(true);
  }
  expect(await count).toBe(60);
});

test("who may wait is asked to tell as soon as nothing more can be begun", async () => {
  const { all, start } = fakeWorkers();
  let goOn: () => void = () => {};
  const known = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const tasks = (async function* () {
    yield* fakeTasks(6);
    await known;
  })();
  const count = drain(poolOf(start, 2, tasks));
  await expect.poll(() => all.filter(({ given }) => given.length === 1).length).toBe(2);
  const [one, other] = all as [FakeWorker, FakeWorker];
  other.finish([1], RUN_MS);
  await expect.poll(() => other.given.length).toBeGreaterThan(1);
  expect(mayWait(other)).toBe(true);
  for (const seq of [1, 2]) {
    await expect.poll(() => one.given).toContain(seq);
    expect(other.sent.map(({ type }) => type)).not.toContain("tell");
    one.finish([seq], RUN_MS);
  }
  await expect.poll(() => other.sent.map(({ type }) => type)).toContain("tell");
  one.finish(one.given, RUN_MS);
  other.finish(other.given, RUN_MS);
  goOn();
  expect(await count).toBe(6);
});

test("at the end a worker that has nothing gets what another has not begun", async () => {
  const { all, start } = fakeWorkers();
  const tasks = (async function* () {
    yield* fakeTasks(40);
  })();
  const count = drain(poolOf(start, 2, tasks));
  await expect.poll(() => all.filter(({ given }) => given.length === 1).length).toBe(2);
  const [quick, slow] = all as [FakeWorker, FakeWorker];
  slow.begin(1);
  slow.finish([1], RUN_MS);
  await expect.poll(() => slow.given.length).toBeGreaterThan(2);
  // It goes on and on with its second run, and the other does all the rest.
  slow.begin(2);
  const done = new Set<number>();
  while (done.size < 38) {
    await expect.poll(() => quick.given.length).toBeGreaterThan(done.size);
    for (const seq of quick.given.filter((one) => !done.has(one))) {
      quick.begin(seq);
      done.add(seq);
      quick.finish([seq], RUN_MS);
    }
  }
  slow.finish([2], RUN_MS);
  expect(await count).toBe(40);
});
