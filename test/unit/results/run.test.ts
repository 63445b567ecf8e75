import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { serialize } from "../../../src/store/serializer.ts";
import type { StoreWriter } from "../../../src/store/store.ts";
import { madeResults, ORIGIN } from "../../helpers/made-results.ts";

async function rich(writer: StoreWriter, id: string) {
  const series = (name: string, value: Float64Array | readonly unknown[]) =>
    writer.putBlock({
      id,
      kind: "series",
      name,
      count: 3,
      columns: { step: Float64Array.of(0, 1, 2), value },
    });
  const curve = await serialize("curve", Float64Array.of(1, 2));
  const object = await writer.putObject(curve.bytes);
  const [start] = writer.log(id, { time: 5, level: "info", message: "hello" });
  const [, end] = writer.log(id, { time: 6, level: "warn", message: "there" });
  return {
    series: {
      loss: series("loss", Float64Array.of(3, Number.NaN, 1)),
      phase: series("phase", ["a", "b", "c"]),
    },
    tracks: {
      evals: writer.putBlock({
        id,
        kind: "track",
        name: "evals",
        count: 2,
        columns: { epoch: Float64Array.of(1, 2), note: ["x", undefined] },
      }),
    },
    data: {
      config: writer.putBlock({
        id,
        kind: "data",
        name: "config",
        count: 1,
        columns: { value: [{ a: [1] }] },
      }),
    },
    artifacts: { curve: { kind: curve.kind, file: "curve.npy", ...object } },
    logs: [start, end, 2] as const,
    tags: ["own"],
  };
}

const one = async () => {
  const results = await madeResults(
    [{ params: { lr: 0.1 }, metrics: { loss: 1, extra: "yes" }, trial: 4, replicate: 2, attempt: 3 }],
    { write: rich, tags: ["all"], metadata: { team: "red" } },
  );
  return results.at(0)!;
};

describe("a Run", () => {
  test("has what lies in the table at once", async () => {
    const run = await one();
    expect(run.status).toBe("success");
    expect(run.params).toEqual({ lr: 0.1 });
    expect(run.metrics).toEqual({ loss: 1, extra: "yes" });
    expect(run.metric("extra")).toBe("yes");
    expect(run.metric("none")).toBeUndefined();
    expect([run.trial, run.replicate, run.attempt, run.durationMs]).toEqual([4, 2, 3, 0.5]);
    expect(run.startedAt).toEqual(new Date(Date.UTC(2024, 0, 1)));
    expect(run.experiment).toEqual({ name: "booth", version: "1" });
    expect([run.tags, run.metadata, run.error]).toEqual([["all"], { team: "red" }, undefined]);
    expect(run.origin).toMatchObject(ORIGIN);
  });

  test("reads the whole record when asked", async () => {
    const details = await (await one()).details();
    expect(details).toMatchObject({ seed: "00".repeat(16), tags: ["own"], origin: ORIGIN });
  });

  test("reads a series", async () => {
    const series = await (await one()).series("loss");
    expect([...series.step]).toEqual([0, 1, 2]);
    expect([...series.value]).toEqual([3, Number.NaN, 1]);
    expect([series.length, series.last, series.at(-3), series.at(3)]).toEqual([
      3,
      { step: 2, value: 1 },
      { step: 0, value: 3 },
      undefined,
    ]);
    expect([...series].map(({ step }) => step)).toEqual([0, 1, 2]);
  });

  test("reads tracks, data, artifacts and logs", async () => {
    const run = await one();
    expect(await run.track("evals")).toEqual([{ epoch: 1, note: "x" }, { epoch: 2 }]);
    expect(await run.data("config")).toEqual({ a: [1] });
    expect(await run.artifact("curve")).toEqual(Float64Array.of(1, 2));
    expect(await run.logs()).toEqual([
      { time: 5, level: "info", message: "hello" },
      { time: 6, level: "warn", message: "there" },
    ]);
  });

  test("refers from a series of texts to the track of it", async () => {
    const run = await one();
    await expect(run.series("phase")).rejects.toMatchObject({ code: "METALAB_SERIES_NOT_NUMERIC" });
    expect(await run.track("phase")).toEqual([
      { step: 0, value: "a" },
      { step: 1, value: "b" },
      { step: 2, value: "c" },
    ]);
  });

  test.each(["series", "track", "data", "artifact"] as const)(
    "lists what there is for an unknown %s",
    async (what) => {
      const run = await one();
      const known = { series: "loss, phase", track: "evals, loss, phase", data: "config", artifact: "curve" };
      await expect(run[what]("none")).rejects.toMatchObject({
        code: `METALAB_${what.toUpperCase()}_UNKNOWN`,
      });
      await expect(run[what]("none")).rejects.toThrow(`It has: ${known[what]}.`);
      await expect(run[what]("toString")).rejects.toThrow("has no");
    },
  );

  test("has no logs when nothing was logged", async () => {
    const results = await madeResults([{}]);
    expect(await results.at(0)!.logs()).toEqual([]);
  });

  test("shows its fields, in text and HTML", async () => {
    const run = await one();
    expect(inspect(run)).toBe(String(run));
    expect(String(run)).toMatch(/params\.lr +0\.1\n/);
    expect(run.toHTML()).toContain("<td");
  });

  test("tells its error", async () => {
    const error = { class: "error", name: "TypeError", message: "x is\nnot y", stack: "at z" } as const;
    const results = await madeResults([{ status: "failed", error }]);
    expect(results.at(0)?.error).toEqual(error);
    expect(String(results.at(0))).toContain("TypeError: x is not y");
  });
});
