import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { DefinitionError } from "../../../src/errors.ts";
import { inline } from "../../../src/execution/executors/inline.ts";
import { resolveRunOptions } from "../../../src/run/options.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX } from "../../helpers/sweeps.ts";

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return error instanceof DefinitionError ? error.code : String(error);
  }
  return undefined;
}

describe("options of run()", () => {
  test("have defaults", () => {
    expect(resolveRunOptions(undefined)).toMatchObject({
      store: "./runs",
      resume: true,
      retryFailed: true,
      concurrency: 1,
      notices: true,
      onFailure: "continue",
      maxFailures: undefined,
      durability: "process",
      only: undefined,
      handleSignals: true,
      executor: { name: "inline" },
    });
  });

  test.each([
    [{ store: "" }],
    [{ store: 3 }],
    [{ store: {} }],
    [{ resume: 1 }],
    [{ retryFailed: "nan" }],
    [{ retryFailed: ["nanny"] }],
    [{ concurrency: 0 }],
    [{ concurrency: 1.5 }],
    [{ concurrency: Number.POSITIVE_INFINITY }],
    [{ progress: "loud" }],
    [{ signal: {} }],
    [{ onFailure: "retry" }],
    [{ maxFailures: 0 }],
    [{ rateLimit: 10 }],
    [{ rateLimit: { runs: 0, perMs: 10 } }],
    [{ rateLimit: { runs: 1, perMs: 0 } }],
    [{ rateLimit: { runs: 1, perMs: 10, burst: 2 } }],
    [{ durability: "ram" }],
    [{ only: 0 }],
    [{ only: "abc" }],
    [{ only: "not-an-id" }],
    [{ handleSignals: "no" }],
    [{ executor: {} }],
    [{ workers: 0 }],
    [{ workers: 1.5 }],
    [{ workers: "all" }],
    [{ workers: 2, executor: inline() }],
    [{ timeout: Number.NaN }],
    [{ timeout: 0 }],
    [{ timeout: "1s" }],
    [{ memory: 0, workers: 2 }],
    [{ memory: "2 gigs", workers: 2 }],
    [{ memory: "2GB" }],
  ])("%j is refused at once, with the option's name", (options) => {
    const [name] = Object.keys(options);
    expect(
      codeOf(() =>
        run(
          overX(1, () => ({ y: 1 })),
          options as never,
        ),
      ),
    ).toBe("METALAB_OPTION_VALUE");
    expect(() => resolveRunOptions(options)).toThrow(`run(): ${name} is `);
  });

  test.each([
    [{ concurency: 2 }, 'Did you mean "concurrency"?'],
    [{ n_jobs: 2 }, 'Use "workers"'],
  ])("%j is no option, and what to do is said", (options, advice) => {
    expect(codeOf(() => resolveRunOptions(options))).toBe("METALAB_UNKNOWN_OPTION");
    expect(() => resolveRunOptions(options)).toThrow(advice);
  });

  test.each([
    ["2GB", 2e9],
    ["512MiB", 512 * 2 ** 20],
    ["1.5kb", 1500],
    [1e6, 1e6],
  ])("memory %j is %d bytes", (memory, bytes) => {
    expect(resolveRunOptions({ memory, workers: 1 }).memoryBytes).toBe(bytes);
  });

  test.each([["auto"], [-1]])("workers %j is one for each processor, in processes", (workers) => {
    const resolved = resolveRunOptions({ workers });
    expect([resolved.workers, resolved.executor.name]).toEqual([availableParallelism(), "processes"]);
  });

  test("options that are not an object, and an experiment that is none, are refused", () => {
    expect(
      codeOf(() =>
        run(
          overX(1, () => ({ y: 1 })),
          3 as never,
        ),
      ),
    ).toBe("METALAB_OPTIONS");
    expect(codeOf(() => run({ name: "x" } as never))).toBe("METALAB_RUN_EXPERIMENT");
    expect(codeOf(() => run(undefined as never))).toBe("METALAB_RUN_EXPERIMENT");
  });

  test("undefined means the default", async () => {
    const options = {
      store: memoryStore(),
      concurrency: undefined,
      progress: false,
      signal: undefined,
    } as never;
    expect(
      (
        await run(
          overX(1, () => ({ y: 1 })),
          options,
        ).result()
      ).length,
    ).toBe(1);
  });
});
