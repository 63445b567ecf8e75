import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { file } from "../../../src/experiment/context.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import type { Params } from "../../../src/experiment/operation.ts";
import { grid, manual } from "../../../src/experiment/sources.ts";
import { plan } from "../../../src/run/plan.ts";
import { run } from "../../../src/run/run.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX } from "../../helpers/sweeps.ts";

const quiet = { progress: "none" } as const;

describe("an operation that returns something whose properties throw", () => {
  const asked = (): never => {
    throw new Error("asked");
  };
  const returned = [new Proxy({}, { get: asked }), new Proxy({}, { get: asked, getPrototypeOf: asked })];
  test.each([1, 3])("fails its run and no other, %i at once", async (concurrency) => {
    const experiment = overX(4, ({ params }) => returned[params.x] ?? { y: params.x });
    const results = await run(experiment, { store: memoryStore(), concurrency, ...quiet }).result();
    expect([...results].map((one) => one.status)).toEqual(["failed", "failed", "success", "success"]);
    expect([...results][0]?.error?.message).toBe("asked");
  });
});

describe("what an operation writes into its params", () => {
  test("reaches neither its record nor another run", async () => {
    const seen: unknown[] = [];
    const store = memoryStore();
    const experiment = new Experiment({
      name: "writer",
      params: grid({ weights: [new Float64Array([1, 2])], days: [[{ at: new Date(5) }]], x: [1, 2, 3] }),
      defaults: { bias: new Float32Array([0.5]) },
      operation: ({ params }) => {
        seen.push([params.weights[0], params.days[0]?.at.getTime(), params.bias[0]]);
        params.weights[0] = 99;
        params.days[0]?.at.setTime(99);
        params.bias[0] = 99;
        return { y: 1 };
      },
    });
    const results = await run(experiment, { store, ...quiet }).result();
    expect(seen).toEqual(Array.from({ length: 3 }, () => [1, 5, 0.5]));
    expect([...results].map((one) => one.params.weights[0])).toEqual([1, 1, 1]);
    expect(await plan(experiment, { store })).toMatchObject({ total: 3, cached: 3 });
  });

  test("into its context is refused, and never changes the definition", async () => {
    const store = memoryStore();
    const context = { list: [1], weights: new Float64Array([1]) };
    const experiment = new Experiment({
      name: "writer",
      params: grid({ x: [1, 2] }),
      context,
      operation: ({ context }) => {
        context.weights[0] = 99;
        expect(() => (context.list as number[]).push(2)).toThrow(TypeError);
        return { y: 1 };
      },
    });
    await run(experiment, { store, ...quiet }).result();
    context.list.push(3);
    expect(await plan(experiment, { store })).toMatchObject({ total: 2, cached: 2 });
  });
});

test("relative paths mean the working directory of the call", async () => {
  const folder = mkdtempSync(join(tmpdir(), "metalab-cwd-"));
  const before = process.cwd();
  try {
    mkdirSync(join(folder, "here"));
    mkdirSync(join(folder, "there"));
    writeFileSync(join(folder, "here", "data.txt"), "1");
    process.chdir(join(folder, "here"));
    const experiment = new Experiment({
      name: "moving",
      params: grid({ x: [1, 2] }),
      context: { data: file("data.txt") },
      operation: ({ params }) => ({ y: params.x }),
    });
    const handle = run(experiment, { store: "runs", ...quiet });
    process.chdir(join(folder, "there"));
    await handle.result();
    const frame = await fileStore(join(folder, "here", "runs")).read({ name: "moving", version: "1" });
    expect(frame.length).toBe(2);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});

test("names that every object inherits are names like any other", async () => {
  const experiment = new Experiment({
    name: "inherited",
    params: manual<Params>([{ constructor: 1 }, { toString: 2, valueOf: null }]),
    metadata: { hasOwnProperty: "m" },
    operation: () => ({ isPrototypeOf: 3 }),
  });
  const results = await run(experiment as Experiment, { store: memoryStore(), ...quiet }).result();
  expect(results.toCSV().split("\n")[0]).toContain("params.constructor");
  expect(results.table()).toHaveLength(2);
  expect((await results.toArrow()).numRows).toBe(2);
  expect(results.filter({ constructor: 1 } as never)).toHaveLength(1);
});

test("a default that changes under finished runs is refused, since their ids do not tell", async () => {
  const store = memoryStore();
  const withDefaults = (defaults: { readonly decay: number; readonly clip?: number }) =>
    new Experiment({
      name: "defaults",
      params: grid({ x: [1, 2] }),
      defaults,
      operation: ({ params }) => ({ y: params.decay }),
    });
  await run(withDefaults({ decay: 0 }), { store, ...quiet }).result();
  const changed = withDefaults({ decay: 1 });
  await expect(run(changed, { store, ...quiet }).result()).rejects.toThrow(
    expect.objectContaining({ code: "METALAB_DEFAULTS_CHANGED" }),
  );
  await expect(plan(changed, { store })).rejects.toThrow(
    /"decay" is 0 in the runs that the store has, got 1/,
  );
  expect(await plan(withDefaults({ decay: 0, clip: 5 }), { store })).toMatchObject({ cached: 2 });
});

test.each(["memory", "file"])(
  "defaults and metadata are read from a %s store as they were given",
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), "metalab-values-"));
    try {
      const store = kind === "memory" ? memoryStore() : fileStore(folder);
      const metadata = { when: new Date(1), $k: [Number.NaN, -0] };
      const define = (defaults: Params) =>
        new Experiment({
          name: "values",
          params: grid({ x: [1] }),
          defaults,
          metadata,
          operation: () => ({ y: 1 }),
        });
      await run(define({}), { store, ...quiet }).result();
      const defaults = { weights: new Float64Array([1, Number.NaN]), big: 10n, $x: 1 };
      const results = await run(define(defaults), { store, ...quiet }).result();
      expect([...results][0]?.params).toEqual({ x: 1, ...defaults });
      expect((await store.manifest({ name: "values", version: "1" }))?.metadata).toEqual(metadata);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("a plan too long to work through is refused, and a part of it is not", async () => {
  const axis = Array.from({ length: 10_000 }, (_, i) => i);
  const experiment = new Experiment({
    name: "huge",
    params: grid({ a: axis, b: axis, c: axis }),
    operation: ({ params }) => ({ y: params.c }),
  });
  const store = memoryStore();
  for (const only of [undefined, { a: 1 }, () => true]) {
    await expect(run(experiment, { store, ...(only && { only }), ...quiet }).result()).rejects.toThrow(
      expect.objectContaining({ code: "METALAB_PLAN_LENGTH" }),
    );
  }
  for (const only of [3, 5]) {
    expect(await run(experiment, { store, only, ...quiet }).result()).toHaveLength(only);
  }
});

test("a store that is deleted while runs are written does not count as success", async () => {
  const folder = mkdtempSync(join(tmpdir(), "metalab-gone-"));
  const experiment = overX(4, ({ params }) => {
    if (params.x === 2) rmSync(folder, { recursive: true });
    return { y: 1 };
  });
  await expect(run(experiment, { store: folder, ...quiet }).result()).rejects.toThrow(
    expect.objectContaining({ code: "METALAB_STORE_GONE" }),
  );
});
