import { afterEach, describe, expect, test } from "vitest";
import { Durations } from "../../../src/execution/progress/durations.ts";
import { createReporter } from "../../../src/execution/progress/reporter.ts";
import { Tally } from "../../../src/execution/progress/tally.ts";
import type { RunRecord } from "../../../src/experiment/record.ts";
import { resolveRunOptions } from "../../../src/run/options.ts";
import { run } from "../../../src/run/run.ts";
import { minimize } from "../../../src/search/objective.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX, stderrOf } from "../../helpers/sweeps.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function record(fields: Partial<RunRecord>): RunRecord {
  const rest = {
    trial: 0,
    replicate: 0,
    params: {},
    seed: "",
    metrics: {},
    started: 0,
    attempt: 1,
    from: "",
  };
  return { id: "a", kind: "record", status: "success", durationMs: 10, ...rest, ...fields };
}

describe("progress", () => {
  test("as JSON is one object a line, the last of type end", async () => {
    const experiment = overX(
      6,
      async ({ params }) => {
        await pause(30);
        if (params.x === 4) throw new Error("no");
        return { y: 10 - params.x };
      },
      minimize("y"),
    );
    const text = await stderrOf(() =>
      run(experiment, { store: memoryStore(), progress: { form: "json", everyMs: 1 } }).result(),
    );
    const lines = text.split("\n").filter((line) => line.startsWith("{"));
    const states = lines.map((line) => JSON.parse(line));
    expect(states.length).toBeGreaterThan(1);
    expect(states.at(-1)).toMatchObject({
      type: "end",
      experiment: "sweep",
      total: 6,
      done: 6,
      failed: 1,
      best: { metric: "y", value: 5, params: { x: 5 } },
    });
    for (const state of states.slice(0, -1)) expect(state.type).toBe("progress");
  });

  test("as plain lines comes as often as was said", async () => {
    const sweep = (everyMs: number) =>
      stderrOf(() =>
        run(
          overX(4, () => pause(60).then(() => ({ y: 1 }))),
          {
            store: memoryStore(),
            progress: { form: "log", everyMs },
          },
        ).result(),
      );
    expect((await sweep(60_000)).trim().split("\n").length).toBe(1);
    expect((await sweep(1)).trim().split("\n").length).toBeGreaterThan(1);
  });

  test.each([
    [{ progress: "json" }, { form: "json" }],
    [{ progress: { form: "log", everyMs: 5 } }, { form: "log", everyMs: 5 }],
    [{ progress: false }, { form: "none" }],
    [{ progress: { everyMs: 5 } }, { everyMs: 5 }],
  ])("%j is understood", (options, expected) => {
    expect(resolveRunOptions(options).progress).toMatchObject(expected);
  });

  test.each([
    [{ progress: "lines" }],
    [{ progress: { form: "log", everyMs: 0 } }],
    [{ progress: { form: "log", every: 5 } }],
    [{ progress: { everyMs: Number.NaN } }],
  ])("%j is refused", (options) => {
    expect(() => resolveRunOptions(options)).toThrowError(
      expect.objectContaining({ code: "METALAB_OPTION_VALUE" }) as Error,
    );
  });
});

describe("a notebook", () => {
  const scope = globalThis as { Deno?: unknown };
  const had = scope.Deno;
  afterEach(() => {
    if (had === undefined) delete scope.Deno;
    else scope.Deno = had;
  });

  test("of Deno gets one display that is rewritten", async () => {
    const sent: (readonly [string, { readonly transient: { readonly display_id: string } }])[] = [];
    scope.Deno = {
      jupyter: { broadcast: async (type: string, content: never) => sent.push([type, content]) },
    };
    const text = await stderrOf(() =>
      run(
        overX(5, () => pause(60).then(() => ({ y: 1 }))),
        {
          store: memoryStore(),
          progress: { form: "auto", everyMs: 1 },
        },
      ).result(),
    );
    expect(text).toBe("");
    expect(sent[0]![0]).toBe("display_data");
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent.slice(1).map(([type]) => type))).toEqual(new Set(["update_display_data"]));
    expect(new Set(sent.map(([, { transient }]) => transient.display_id)).size).toBe(1);
    expect(JSON.stringify(sent.at(-1))).toContain("5 successful");
  });

  test("that cannot rewrite gets a plain line at the end", async () => {
    const text = await stderrOf(async () => {
      createReporter("sweep", { form: "notebook" })!.end(new Tally([]).state());
    });
    expect(text).toMatch(/^metalab: sweep: .*\n$/);
  });
});

describe("the expected end", () => {
  test("is certain when all runs take the same time, and wide when few are known that differ", () => {
    const same = new Durations();
    for (let i = 0; i < 10; i++) same.add(50);
    expect(same.rangeOf(1_000, 20)).toEqual([1_000, 1_000]);
    const few = new Durations();
    few.add(10);
    expect(few.rangeOf(1_000, 20)).toBeUndefined();
    few.add(190);
    const [low, high] = few.rangeOf(1_000, 20)!;
    expect(low).toBeLessThan(200);
    expect(high).toBeGreaterThan(1_800);
    const many = new Durations();
    for (let i = 0; i < 250; i++) many.add(i % 2 === 0 ? 10 : 190);
    const [from, to] = many.rangeOf(1_000, 20)!;
    expect(from).toBeGreaterThan(low);
    expect(to).toBeLessThan(high);
    expect(many.rangeOf(0, 0)).toEqual([0, 0]);
  });

  test("covers the true remaining time about nine times of ten", () => {
    let hits = 0;
    // Durations from a fixed sequence, exponentially distributed: the hard case.
    let seed = 7;
    const draw = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return -100 * Math.log(seed / 2_147_483_647);
    };
    for (let round = 0; round < 500; round++) {
      const durations = new Durations();
      let sum = 0;
      for (let i = 0; i < 40; i++) {
        const ms = draw();
        sum += ms;
        durations.add(ms);
      }
      const left = 60;
      const [low, high] = durations.rangeOf((sum / 40) * left, left)!;
      let truth = 0;
      for (let i = 0; i < left; i++) truth += draw();
      if (truth >= low && truth <= high) hits += 1;
    }
    expect(hits / 500).toBeGreaterThan(0.84);
    expect(hits / 500).toBeLessThan(0.96);
  });

  test("counts an attempt that is followed by another neither as done nor as failed", () => {
    const tally = new Tally([]);
    tally.total = 2;
    tally.running = 1;
    tally.count(record({ status: "failed" }), true);
    expect(tally.state()).toMatchObject({ done: 0, failed: 0, retried: 1, running: 0 });
  });
});
