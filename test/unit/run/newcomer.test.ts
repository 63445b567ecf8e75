import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { run } from "../../../src/run/run.ts";
import { minimize } from "../../../src/search/objective.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { checkSpelling } from "../../../src/store/file/spelling.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX, stderrOf } from "../../helpers/sweeps.ts";

type Operation = Parameters<typeof overX>[1];

const sweep = (operation: Operation, n = 3) => run(overX(n, operation), { store: memoryStore() });
const said = (operation: Operation) => stderrOf(() => sweep(operation).result());
const count = (text: string, part: string): number => text.split(part).length - 1;

async function failureOf(operation: Operation): Promise<string> {
  const results = await run(overX(1, operation), { store: memoryStore(), progress: "none" }).result();
  return results.at(0)?.error?.message ?? `the run ended as ${results.at(0)?.status}`;
}

describe("an operation that reports nothing", () => {
  test("is told of once, with what to do", async () => {
    const text = await said(({ params }) => {
      void (params.x * 2);
    });
    expect(count(text, "reported nothing")).toBe(1);
    expect(text).toContain("return { loss }");
  });

  test("is told of when all it returns is undefined", async () => {
    expect(await said(() => ({ y: undefined }))).toContain("reported nothing");
  });

  test.each<[string, Operation]>([
    ["a metric", () => ({ y: 1 })],
    ["a series", ({ capture }) => capture.metric("y", 1, { step: 0 })],
    ["a log line", ({ capture }) => capture.log("done")],
    ["data", ({ capture }) => capture.data("d", { a: 1 })],
    ["a track", ({ capture }) => capture.track("t").append({ a: 1 })],
    ["an artifact", ({ capture }) => capture.artifact("a", "text")],
  ])("is not one that reports %s", async (_, operation) => {
    expect(await said(operation)).toBe("");
  });
});

describe("the first failure", () => {
  test("is shown with each line of its message once, and its stack", async () => {
    const text = await said(() => {
      throw new RangeError("first line\nsecond line");
    });
    expect(count(text, "first line")).toBe(1);
    expect(count(text, "second line")).toBe(1);
    expect(text).toMatch(/^ {2}RangeError: first line\n {2}second line\n {6}at /m);
  });

  test("is shown with its stack also when its message is long", async () => {
    const text = await said(() => {
      throw new Error(Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n"));
    });
    expect(text).toContain("line 11\n");
    expect(text).not.toContain("line 12\n");
    expect(text).toContain("(28 more lines)");
    expect(text).toMatch(/^ {6}at /m);
  });

  test("is shown when what was thrown is no error", async () => {
    const text = await said(() => {
      throw "just text";
    });
    expect(count(text, "just text")).toBe(1);
  });
});

describe("a capture", () => {
  test.each([
    [5, "{ step: 5 }"],
    [{ stp: 5 }, "{ step: i }"],
    [{ epoch: 1 }, "{ step: i }"],
  ])("of a metric with %j for its step is refused", async (options, advice) => {
    const message = await failureOf(({ capture }) => capture.metric("loss", 1, options as never));
    expect(message).toContain('capture.metric("loss"): the third argument is { step }');
    expect(message).toContain(advice);
  });

  test("of a metric without a step takes no options, or empty ones", async () => {
    const results = await sweep(({ capture }) => {
      capture.metric("a", 1);
      capture.metric("b", 2, {});
      capture.metric("c", 3, { step: undefined } as never);
    }, 1).result();
    expect(results.at(0)?.metrics).toEqual({ a: 1, b: 2, c: 3 });
  });

  test("of metrics that are no object is refused with a sentence", async () => {
    expect(await failureOf(({ capture }) => capture.metrics(undefined as never))).toContain(
      "capture.metrics(): takes an object of metrics, got undefined.",
    );
  });
});

test("a run whose objective is NaN says what may be behind it", async () => {
  const experiment = overX(
    1,
    ({ params }) => ({ y: (params as never as { z: number }).z * 2 }),
    minimize("y"),
  );
  const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
  expect(results.failed.at(0)?.error?.message).toContain("a misspelled param");
});

test("a handle is shown with how far it is and how to get the results", async () => {
  const handle = sweep(({ params }) => {
    if (params.x === 1) throw new Error("no");
    return { y: 1 };
  });
  await stderrOf(() => handle.result());
  expect(inspect(handle)).toBe(
    "RunHandle: 3 of 3 runs done, 1 failed; await handle.result() gives the results",
  );
});

test("an experiment made without `new` is refused under its own name", () => {
  const call = Experiment as unknown as (definition: object) => unknown;
  expect(() => call({})).toThrow("Class constructor Experiment cannot be invoked without 'new'");
  expect(Experiment.name).toBe("Experiment");
});

test("an error without a cause shows none", () => {
  const error = new StoreError("METALAB_X", "x", {}, { cause: undefined });
  expect(inspect(error)).not.toContain("cause");
  expect(new StoreError("METALAB_X", "x", {}, { cause: error }).cause).toBe(error);
});

describe("a store that is named as elsewhere", () => {
  test.each(["~", "~/runs", "~\\runs"])("%s is refused, since only a shell knows it", (path) => {
    expect(() => fileStore(path)).toThrow(expect.objectContaining({ code: "METALAB_STORE_PATH" }));
    expect(() => fileStore(path)).toThrow("homedir()");
  });

  test.each(["./~/runs", "~runs", "a~/b"])("%s is a path like any other", (path) => {
    expect(() => checkSpelling("fileStore()", path)).not.toThrow();
  });

  test("a drive of Windows is one on Windows only", () => {
    expect(() => checkSpelling("fileStore()", "C:\\data\\runs", "linux")).toThrow("this is linux");
    expect(() => checkSpelling("fileStore()", "C:\\data\\runs", "win32")).not.toThrow();
  });

  test("an export to such a path is refused too", async () => {
    const results = await sweep(() => ({ y: 1 })).result();
    await expect(results.writeArrow("~/runs.arrow")).rejects.toThrow("writeArrow(): only a shell");
  });

  test.each([
    [{ durable: true }, 'Use "durability": "disk".'],
    [{ durability: "always" }, '"process" or "disk"'],
    [{ segmentBytes: 0 }, "a positive integer"],
  ])("options %j are refused", (options, advice) => {
    expect(() => fileStore("./runs", options as never)).toThrow(advice);
  });
});
