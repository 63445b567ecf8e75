import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import type { Capture } from "../../../src/experiment/operation.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX } from "../../helpers/sweeps.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-capture-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The one run of an operation that captures. */
async function captured(operation: (capture: Capture) => unknown) {
  const experiment = overX(1, ({ capture }) => operation(capture));
  const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
  return results.at(0)!;
}

describe("a series", () => {
  test("keeps its points as they were given, and sets the metric to the value at the last step", async () => {
    const one = await captured((capture) => {
      for (const step of [0, 1, 5, 3, 3]) capture.metric("loss", step * 10, { step });
    });
    const series = await one.series("loss");
    expect([...series.step]).toEqual([0, 1, 5, 3, 3]);
    expect([...series.value]).toEqual([0, 10, 50, 30, 30]);
    expect(one.metric("loss")).toBe(50);
  });

  test("gives way to a value without a step, and to what is returned", async () => {
    const one = await captured((capture) => {
      capture.metric("a", 1);
      capture.metrics({ a: 2, b: 2 }, { step: 0 });
      return { b: 3 };
    });
    expect([one.metric("a"), one.metric("b")]).toEqual([1, 3]);
    expect((await one.series("b")).length).toBe(1);
  });

  test("may be longer than what is held in memory", async () => {
    const n = 150_001;
    const one = await captured((capture) => {
      for (let step = 0; step < n; step++) capture.metric("v", step / 2, { step });
    });
    const { step, value } = await one.series("v");
    expect([step.length, step[n - 1], value[70_000], value[n - 1]]).toEqual([n, n - 1, 35_000, (n - 1) / 2]);
  });

  test("may hold what is not a number, NaN and infinities", async () => {
    const one = await captured((capture) => {
      [1, Number.NaN, Number.NEGATIVE_INFINITY].forEach((v, step) => {
        capture.metric("n", v, { step });
      });
      [1, "two", true].forEach((v, step) => {
        capture.metric("m", v, { step });
      });
    });
    expect([...(await one.series("n")).value]).toEqual([1, Number.NaN, Number.NEGATIVE_INFINITY]);
    expect(await one.track("m")).toEqual([
      { step: 0, value: 1 },
      { step: 1, value: "two" },
      { step: 2, value: true },
    ]);
  });
});

describe("other captures", () => {
  test("tracks keep free fields, and the point as it was", async () => {
    const one = await captured((capture) => {
      const track = capture.track("fit");
      const point = { a: 1, list: [1] };
      track.append(point);
      point.a = 9;
      point.list.push(2);
      track.append({ b: "x", gone: undefined });
      capture.track("fit").append({ a: 3, when: new Date(5) });
    });
    expect(await one.track("fit")).toEqual([{ a: 1, list: [1] }, { b: "x" }, { a: 3, when: new Date(5) }]);
  });

  test("data, log lines with levels, artifacts by value and files by content come back", async () => {
    const png = Buffer.from("89504e470d0a1a0a0000", "hex");
    writeFileSync(join(folder, "config.json"), '{"a":1}');
    writeFileSync(join(folder, "broken.json"), "{oops");
    writeFileSync(join(folder, "notes.txt"), "notes");
    writeFileSync(join(folder, "picture.png"), png);
    const one = await captured(async (capture) => {
      capture.data("answer", { deep: [1, Number.NaN] });
      capture.log("plain");
      capture.log("bad", "error");
      await capture.artifact("curve", Float64Array.of(1, 2));
      for (const name of ["config.json", "broken.json", "notes.txt", "picture.png"]) {
        void capture.file(name, join(folder, name));
      }
    });
    expect(await one.data("answer")).toEqual({ deep: [1, Number.NaN] });
    expect((await one.logs()).map(({ level, message }) => [level, message])).toEqual([
      ["info", "plain"],
      ["error", "bad"],
    ]);
    expect(await one.artifact("curve")).toEqual(Float64Array.of(1, 2));
    expect(await one.artifact("config.json")).toEqual({ a: 1 });
    expect(await one.artifact("notes.txt")).toBe("notes");
    expect(Buffer.from((await one.artifact("broken.json")) as Uint8Array).toString()).toBe("{oops");
    expect((await one.details()).artifacts?.["picture.png"]).toMatchObject({
      kind: "image",
      file: "picture.png",
    });
  });

  test("bytes are kept as they were at the call, and nobody has to await", async () => {
    const one = await captured((capture) => {
      const bytes = Uint8Array.of(1, 2, 3);
      void capture.artifact("bytes", bytes);
      bytes.fill(0);
      return { y: 1 };
    });
    expect([...((await one.artifact("bytes")) as Uint8Array)]).toEqual([1, 2, 3]);
  });

  test("captures that begin while others are drained are drained too", async () => {
    const one = await captured((capture) => {
      void capture.artifact("a", 1).then(() => capture.artifact("b", 2));
      return { y: 1 };
    });
    expect([await one.artifact("a"), await one.artifact("b")]).toEqual([1, 2]);
  });
});

describe("captures that are refused", () => {
  test.each<[string, (capture: Capture) => unknown, string]>([
    ["an object as metric", (c) => c.metric("a", {} as never), "METALAB_METRIC_VALUE"],
    ["null as a point", (c) => c.metric("a", null as never, { step: 0 }), "METALAB_METRIC_VALUE"],
    ["a step that is no integer", (c) => c.metric("a", 1, { step: 0.5 }), "METALAB_METRIC_STEP"],
    ["a negative step", (c) => c.metric("a", 1, { step: -1 }), "METALAB_METRIC_STEP"],
    ["an empty name", (c) => c.metric("", 1), "METALAB_CAPTURE_NAME"],
    ["a name of 201 characters", (c) => c.track("x".repeat(201)), "METALAB_CAPTURE_NAME"],
    ["a line feed in a name", (c) => c.data("a\nb", 1), "METALAB_CAPTURE_NAME"],
    ["__proto__", (c) => c.metric("__proto__", 1, { step: 1 }), "METALAB_CAPTURE_NAME"],
    ["a level that there is not", (c) => c.log("x", "fatal" as never), "METALAB_LOG_LEVEL"],
    ["a function as data", (c) => c.data("a", { f: () => 1 }), "METALAB_VALUE_UNIDENTIFIABLE"],
    ["a function in a track", (c) => c.track("a").append({ f: () => 1 }), "METALAB_VALUE_UNIDENTIFIABLE"],
    ["a point that is no object", (c) => c.track("a").append(3 as never), "METALAB_TRACK_POINT"],
    [
      "an artifact nobody can serialize",
      (c) => c.artifact("map", new Map()),
      "METALAB_ARTIFACT_UNSERIALIZABLE",
    ],
    ["a file that is not there", (c) => c.file("f", join(folder, "nothing")), "METALAB_CAPTURE_FILE"],
  ])("%s fails the run", async (_, operation, code) => {
    const awaited = await captured(async (capture) => {
      await operation(capture);
    });
    expect([awaited.status, awaited.error?.code]).toEqual(["failed", code]);
    const unawaited = await captured((capture) => {
      void operation(capture);
      return { y: 1 };
    });
    expect([unawaited.status, unawaited.error?.code]).toEqual(["failed", code]);
  });

  test("a failed run keeps what it captured", async () => {
    const one = await captured((capture) => {
      capture.metric("a", 1, { step: 3 });
      capture.log("so far so good");
      void capture.artifact("made", "text");
      throw new Error("no");
    });
    expect(one.status).toBe("failed");
    expect([one.metric("a"), (await one.series("a")).length]).toEqual([1, 1]);
    expect(await one.artifact("made")).toBe("text");
    expect((await one.logs()).map(({ message }) => message)).toEqual(["so far so good"]);
  });

  test("a call after the run has ended throws", async () => {
    let late: Promise<unknown> | undefined;
    await captured((capture) => {
      const track = capture.track("t");
      late = sleep(5).then(() => {
        const codes: unknown[] = [];
        const calls = [
          () => capture.metric("a", 1),
          () => capture.metric("a", 1, { step: 1 }),
          () => capture.log("x"),
          () => capture.data("d", 1),
          () => track.append({ a: 1 }),
          () => capture.artifact("a", 1),
        ];
        for (const call of calls) {
          try {
            void call();
          } catch (error) {
            codes.push((error as { code?: unknown }).code);
          }
        }
        return codes;
      });
      return { y: 1 };
    });
    expect(await late).toEqual(Array(6).fill("METALAB_CAPTURE_CLOSED"));
  });
});

describe("printed lines", () => {
  test("are kept with the run that printed them, also later and side by side, and are still printed", async () => {
    const before = console.log;
    const printed: unknown[] = [];
    console.log = (...values: unknown[]) => {
      printed.push(values.join(" "));
    };
    const mine = console.log;
    try {
      const experiment = overX(4, async ({ params }) => {
        console.log("begin", params.x);
        await sleep(3 * (4 - params.x));
        console.log("end %d", params.x);
        return { y: params.x };
      });
      const results = await run(experiment, {
        store: memoryStore(),
        concurrency: 4,
        progress: "none",
      }).result();
      for (const one of results) {
        const lines = (await one.logs()).map(({ message }) => message);
        expect(lines).toEqual([`begin ${one.params.x}`, `end ${one.params.x}`]);
      }
      expect(console.log).toBe(mine);
      expect(printed.length).toBe(8);
    } finally {
      console.log = before;
    }
  });

  test("have the level of the method, and end after ten thousand with a note", async () => {
    const { debug, warn, error } = console;
    console.debug = console.warn = console.error = () => undefined;
    try {
      const one = await captured(() => {
        console.warn("w");
        console.error(new Error("shown"));
        for (let i = 0; i < 10_010; i++) console.debug(i);
      });
      const lines = await one.logs();
      expect(lines.length).toBe(10_001);
      expect(lines.slice(0, 2).map(({ level }) => level)).toEqual(["warn", "error"]);
      expect(lines[1]?.message).toContain("Error: shown");
      expect(lines.at(-1)?.message).toContain("only the first 10000");
    } finally {
      Object.assign(console, { debug, warn, error });
    }
  });
});
