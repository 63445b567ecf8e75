import { expect, test } from "vitest";
import { checkPoolOptions } from "../../../../src/execution/executors/pool-options.ts";
import { Spares } from "../../../../src/execution/executors/spares.ts";
import { fakeTasks, fakeWorkers, module, poolOf } from "../../../helpers/fake-workers.ts";

test("workers that came up and have nothing to do are ended while the others are still at it", async () => {
  const { all, start } = fakeWorkers();
  const options = checkPoolOptions("processes()", { workers: 4, module });
  const spares = new Spares();
  const unprepare = spares.prepare(options, { workers: 4, concurrency: 1, runs: 6_000 }, async () => start);
  await expect.poll(() => all.length).toBe(4);
  // Another process has done all but one meanwhile.
  const tasks = (async function* () {
    yield* fakeTasks(1);
  })();
  const outcomes = poolOf(start, 4, tasks, spares);
  const first = outcomes.next();
  await expect.poll(() => all.filter(({ killed }) => killed).length).toBe(3);
  const [busy] = all.filter(({ killed }) => !killed);
  await expect.poll(() => busy!.sent.map(({ type }) => type)).toEqual(["run"]);
  busy!.finish();
  expect((await first).value).toMatchObject({ record: { status: "success" } });
  expect((await outcomes.next()).done).toBe(true);
  expect(all).toHaveLength(4);
  unprepare();
});
