import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/locator.ts";
import { createSandbox, type Sandbox } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const TRIALS = 10;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox?.remove());

/** A search whose operation is the text of a function. */
function write(operation: string): void {
  sandbox.write("operation.mjs", `export const operation = ${operation};`);
  sandbox.write(
    "search.mjs",
    `
    import { deleteRuns, Experiment, minimize, replay, run, search, tpe, uniform } from "metalab";
    import { operation } from "./operation.mjs";
    const [store, options, remove] = process.argv.slice(2);
    const experiment = new Experiment({
      name: "edited",
      params: search({ space: { x: uniform(-5, 5) }, sampler: tpe({ startupTrials: 4 }), trials: ${TRIALS}, seed: 3 }),
      operation,
      objective: minimize("loss"),
    });
    const handle = run(experiment, { store, ...JSON.parse(options ?? "{}") });
    const results = await handle.result();
    const { total, cached, success } = handle.progress;
    const { difference } = await replay(results);
    const params = Array.from(results, (one) => one.params.x);
    if (remove) await deleteRuns(results.filter((one) => [2, 5, 6].includes(one.trial)));
    console.log(JSON.stringify({ total, cached, success, best: results.best().metrics.loss, difference: difference?.trial ?? null, params }));
  `,
  );
}

interface Told {
  readonly total: number;
  readonly cached: number;
  readonly success: number;
  readonly best: number;
  readonly difference: number | null;
  readonly params: readonly number[];
}

async function searched(store: string, options = {}, remove = ""): Promise<Told & { readonly err: string }> {
  const { code, err, out } = await sandbox.node(["search.mjs", store, JSON.stringify(options), remove]);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return { ...(JSON.parse(out) as Told), err };
}

/** Changes the lines of a store, and drops what was derived from them. */
function edit(store: string, change: (line: string) => readonly string[]): number {
  const folder = sandbox.path(store, "experiments", "edited@1", "segments");
  let changed = 0;
  for (const name of readdirSync(folder)) {
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    const after = lines.flatMap((line) => {
      const made = change(line);
      if (made.length !== 1 || made[0] !== line) changed += 1;
      return made;
    });
    writeFileSync(join(folder, name), after.join("\n"));
  }
  rmSync(sandbox.path(store, "cache"), { recursive: true, force: true });
  return changed;
}

const PLAIN = "({ params }) => ({ loss: (params.x - 1) ** 2 })";
const isSuggestion = (line: string): boolean => line.includes('"kind":"suggestion"');

describe("a search whose code was edited", () => {
  test("says so, counts what there is, and runs it again where that is asked for", async () => {
    write(PLAIN);
    const first = await searched("edited");
    expect(first).toMatchObject({ total: TRIALS, cached: 0, success: TRIALS, difference: null, err: "" });
    write("({ params }) => ({ loss: 10 + (params.x - 1) ** 2 })");
    const used = await searched("edited");
    expect(used.err).toMatch(
      /^metalab: edited: 10 of 10 runs in the store were made with other code: .* They count as they are\./,
    );
    expect(used).toMatchObject({ cached: TRIALS, best: first.best });
    const again = await searched("edited", { onStale: "rerun" });
    expect(again.err).toMatch(/They are run again\./);
    expect(again).toMatchObject({ total: TRIALS, cached: 0, success: TRIALS, params: first.params });
    expect(again.best).toBeGreaterThan(10);
    expect(await searched("edited")).toMatchObject({ cached: TRIALS, best: again.best, err: "" });
  });
});

describe("a search whose operation did not report the objective", () => {
  test("says so, names the nearest, and goes on once that is corrected", async () => {
    write("({ params }) => ({ los: (params.x - 1) ** 2 })");
    for (let round = 0; round < 2; round += 1) {
      const { code, err } = await sandbox.node(["search.mjs", "missing", '{"progress":"none"}']);
      expect(code).toBe(1);
      expect(err).toContain('every run has to report the number "loss", got undefined. Did you mean "los"?');
    }
    expect((await recordsOf(openStore(sandbox.path("missing")), "edited")).length).toBe(1);
    write(PLAIN);
    expect(await searched("missing")).toMatchObject({ total: TRIALS, success: TRIALS, difference: null });
  });
});

describe("a search whose runs are made again", () => {
  test("has the same trials with resume: false", async () => {
    write(PLAIN);
    const first = await searched("anew");
    const again = await searched("anew", { resume: false });
    expect(again).toMatchObject({
      total: TRIALS,
      cached: 0,
      success: TRIALS,
      params: first.params,
      difference: null,
    });
  });

  test("makes those that were deleted, and no other", async () => {
    write(PLAIN);
    const first = await searched("deleted", {}, "remove");
    const again = await searched("deleted");
    expect(again).toMatchObject({
      total: TRIALS,
      cached: TRIALS - 3,
      success: 3,
      params: first.params,
      difference: null,
    });
  });
});

describe("a search whose suggestions are", () => {
  test.each<[string, (line: string, at: number) => readonly string[]]>([
    ["deleted", () => []],
    ["deleted in part", (line, at) => (at % 3 === 0 ? [] : [line])],
    ["written twice", (line) => [line, line]],
    ["damaged", (line) => [line.replace('"by":', '"bx":')]],
    ["cut off", (line, at) => (at === 4 ? [line.slice(0, 40)] : [line])],
  ])("%s goes on with the same trials, and makes no run again", async (name, change) => {
    write(PLAIN);
    const store = `lines-${name.replaceAll(" ", "-")}`;
    const first = await searched(store);
    let at = 0;
    expect(edit(store, (line) => (isSuggestion(line) ? change(line, at++) : [line]))).toBeGreaterThan(0);
    const again = await searched(store, { progress: "none" });
    expect(again).toMatchObject({
      total: TRIALS,
      cached: TRIALS,
      success: 0,
      params: first.params,
      difference: null,
    });
    expect((await recordsOf(openStore(sandbox.path(store)), "edited")).length).toBe(TRIALS);
  });

  test("without their beginning goes on, and does not learn from its own runs twice", async () => {
    write(PLAIN);
    const first = await searched("begun");
    expect(edit("begun", (line) => (line.includes('"kind":"search"') ? [] : [line]))).toBe(1);
    const again = await searched("begun");
    expect(again).toMatchObject({ total: TRIALS, cached: TRIALS, params: first.params, difference: null });
  });
});
