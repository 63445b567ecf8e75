import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as metalab from "metalab";
import { afterAll, describe, expect, test } from "vitest";

const work = mkdtempSync(join(tmpdir(), "metalab-bad-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The library as a user without types meets it. */
const js = metalab as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
const Experiment = metalab.Experiment as unknown as new (definition: unknown) => metalab.Experiment;
const operation = () => ({ loss: 1 });
const params = metalab.grid({ x: [1] });

/** Every message says where, what it got, and what to do, in one or more sentences. */
function sentence(error: unknown): string {
  expect(error).toBeInstanceOf(metalab.MetalabError);
  const { message, code } = error as metalab.MetalabError;
  expect(code).toMatch(/^METALAB_[A-Z_]+$/);
  expect(message).toMatch(/^.+: .+[.)]$/s);
  return message;
}

function thrownBy(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return sentence(error);
  }
  throw new Error("nothing was thrown");
}

async function rejectedBy(body: () => Promise<unknown>): Promise<string> {
  try {
    await body();
  } catch (error) {
    return sentence(error);
  }
  throw new Error("nothing was thrown");
}

class Model {}
const cycle: Record<string, unknown> = {};
cycle.self = cycle;

describe("bad input at definition time", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["an empty axis", () => js.grid!({ lr: [] }), /axis "lr" has no values, got \[\]/],
    ["an empty grid", () => js.grid!({}), /grid\(\)/],
    ["an axis that is no array", () => js.grid!({ lr: 0.1 }), /"lr".*0\.1/],
    ["duplicate axis values", () => js.grid!({ lr: [0.1, 0.2, 0.1] }), /"lr".*0\.1/],
    ["trials of zero", () => js.random!({ space: { x: metalab.uniform(0, 1) }, trials: 0 }), /trials.*got 0/],
    [
      "fractional trials",
      () => js.random!({ space: { x: metalab.uniform(0, 1) }, trials: 1.5 }),
      /trials.*1\.5/,
    ],
    ["trials as text", () => js.random!({ space: { x: metalab.uniform(0, 1) }, trials: "5" }), /trials.*"5"/],
    [
      "the seed's name for trials",
      () => js.random!({ space: { x: metalab.uniform(0, 1) }, n_trials: 5 }),
      /trials/,
    ],
    ["loguniform from zero", () => js.loguniform!(0, 1), /loguniform\(\).*got 0/],
    ["low above high", () => js.uniform!(2, 1), /uniform\(\).*2.*1/],
    ["a NaN bound", () => js.uniform!(Number.NaN, 1), /NaN/],
    ["an infinite bound", () => js.uniform!(0, Number.POSITIVE_INFINITY), /Infinity/],
    ["a choice of nothing", () => js.choice!([]), /choice\(\)/],
    ["a function as a value", () => js.grid!({ act: [Math.tanh] }), /act.*function/],
    ["a Map as a value", () => js.manual!([{ m: new Map() }]), /m.*Map/],
    ["a class instance as a value", () => js.manual!([{ net: new Model() }]), /net.*Model/],
    ["a cycle, with its path", () => js.manual!([{ deep: { a: [cycle] } }]), /deep\.a\[0\]\.self/],
    ["an unknown option key", () => new Experiment({ name: "a", params, operation, paramz: 1 }), /paramz/],
    ["a name that leaves the store", () => new Experiment({ name: "../x", params, operation }), /"\.\.\/x"/],
    ["an empty name", () => new Experiment({ name: "", params, operation }), /""/],
    ["a name of 300 characters", () => new Experiment({ name: "x".repeat(300), params, operation }), /300/],
    ["no replicates", () => js.seeds!({ base: 1, replicates: 0 }), /replicates.*got 0/],
    [
      "an operation that is no function",
      () => new Experiment({ name: "a", params, operation: 5 }),
      /operation.*got 5/,
    ],
    [
      "params without a source",
      () => new Experiment({ name: "a", params: { lr: [1, 2] }, operation }),
      /grid\(/,
    ],
    [
      "an objective of nothing",
      () => new Experiment({ name: "a", params, operation, objective: "loss" }),
      /minimize\("loss"\)/,
    ],
    [
      "an unknown option of run",
      () => js.run!(new Experiment({ name: "a", params, operation }), { stor: "x" }),
      /"?stor"?.*store/,
    ],
    [
      "a concurrency of zero",
      () => js.run!(new Experiment({ name: "a", params, operation }), { concurrency: 0 }),
      /concurrency.*got 0/,
    ],
    ["something that is no experiment", () => js.run!({ name: "a" }), /run\(\)/],
  ])("%s", (_, body, expected) => {
    expect(thrownBy(body)).toMatch(expected);
  });
});

describe("bad input met while running", () => {
  const experiment = new Experiment({ name: "a", params, operation });

  test("a missing context file is named", async () => {
    const missing = join(work, "no-such-file.csv");
    const withContext = new Experiment({
      name: "a",
      params,
      operation,
      context: { data: metalab.file(missing) },
    });
    const store = join(work, "context");
    const message = await rejectedBy(() => metalab.run(withContext, { store, progress: "none" }).result());
    expect(message).toContain(missing);
  });

  test("a store path that is a file is named", async () => {
    const path = join(work, "a-file");
    writeFileSync(path, "not a folder");
    expect(
      await rejectedBy(() => metalab.run(experiment, { store: path, progress: "none" }).result()),
    ).toContain(path);
  });

  test("an unknown experiment lists those that are there", async () => {
    const store = join(work, "known");
    await metalab.run(experiment, { store, progress: "none" }).result();
    const message = await rejectedBy(() => metalab.loadResults(store, { experiment: "b" }));
    expect(message).toContain('"b"');
    expect(message).toMatch(/\ba\b/);
  });

  test("a metric that no run returned lists those they did", async () => {
    const store = join(work, "metric");
    const results = await metalab.run(experiment, { store, progress: "none" }).result();
    const message = thrownBy(() => results.best("accuracy" as never, "max"));
    expect(message).toContain("accuracy");
    expect(message).toContain("loss");
  });

  test("an artifact that nobody can serialize fails its run and is named", async () => {
    const odd = new Experiment({
      name: "odd",
      params,
      operation: async ({ capture }: { capture: metalab.Capture }) => {
        await capture.artifact("weights", new Model());
        return { loss: 1 };
      },
    });
    const results = await metalab.run(odd, { store: join(work, "odd"), progress: "none" }).result();
    expect(results.failed.length).toBe(1);
    expect(results.failed.at(0)?.error?.message).toMatch(/"weights".*Model/);
  });
});
