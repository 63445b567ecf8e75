import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnyRun } from "../../src/results/run.ts";
import { importRuns } from "../../src/run/import.ts";
import { loadResults } from "../../src/run/load.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { ROOT } from "../helpers/built.ts";
import { pythonFor } from "../helpers/python.ts";

/** As many minutes as a slow machine needs to load the Python packages. */
const LIMIT = 240_000;

const python = pythonFor("import", "optuna, mlflow");
const folder = mkdtempSync(join(tmpdir(), "metalab-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pythonScript(name: string, ...args: readonly string[]): string {
  const script = join(ROOT, "test", "fixtures", "import", name);
  const { status, stdout, stderr } = spawnSync(python!, [script, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
}

beforeAll(() => {
  if (python !== undefined) pythonScript("make.py", folder);
}, LIMIT);

/** Numbers that JSON cannot say, as Python names them. */
const told = (value: unknown) =>
  typeof value !== "number" || Number.isFinite(value)
    ? value
    : Number.isNaN(value)
      ? "nan"
      : value > 0
        ? "inf"
        : "-inf";

const toldAll = (values: object) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, told(value)]));

async function pointsOf(run: AnyRun, name: string): Promise<readonly (readonly unknown[])[]> {
  const { series = {} } = await run.details();
  if (!Object.hasOwn(series, name)) return [];
  return Array.from(await run.series(name), ({ step, value }) => [step, told(value)]);
}

interface Trial {
  readonly number: number;
  readonly state: string;
  readonly values: readonly unknown[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly intermediate: Readonly<Record<string, unknown>>;
  readonly started: number;
}

interface MlflowRun {
  readonly name: string;
  readonly status: string;
  readonly started: number;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly series: Readonly<Record<string, readonly (readonly unknown[])[]>>;
}

describe.skipIf(python === undefined)("what is written now", () => {
  test(
    "by Optuna is read as Optuna reads it",
    async () => {
      const journal = join(folder, "study.journal");
      const studies = JSON.parse(pythonScript("dump.py", "optuna", journal)) as Record<string, Trial[]>;
      expect(Object.keys(studies)).toEqual(["digits/net", "front"]);
      const store = memoryStore();
      await importRuns(journal, { store });
      const statuses: Record<string, string> = { COMPLETE: "success", PRUNED: "pruned", FAIL: "failed" };
      for (const [study, experiment] of [
        ["digits/net", "digits-net"],
        ["front", "front"],
      ] as const) {
        const trials = studies[study]!.filter(({ state }) => statuses[state] !== undefined);
        const results = await loadResults(store, { experiment });
        expect(results).toHaveLength(trials.length);
        for (const [i, trial] of trials.entries()) {
          const run = results.at(i)!;
          expect([run.trial, run.status]).toEqual([trial.number, statuses[trial.state]]);
          expect(toldAll(run.params)).toEqual(trial.params);
          const values = results.objectives.map(({ metric }) => told(run.metric(metric)));
          expect(values.filter((value) => value !== undefined)).toEqual(trial.values);
          const points = Object.entries(trial.intermediate).map(([step, value]) => [Number(step), value]);
          expect(await pointsOf(run, "value")).toEqual(points);
          expect(Math.abs(run.startedAt.getTime() - trial.started)).toBeLessThanOrEqual(1);
        }
      }
    },
    LIMIT,
  );

  test(
    "by MLflow is read as MLflow reads it",
    async () => {
      const mlruns = join(folder, "mlruns");
      const runs = JSON.parse(pythonScript("dump.py", "mlflow", mlruns)) as Record<string, MlflowRun>;
      const statuses: Record<string, string> = { FINISHED: "success", FAILED: "failed", KILLED: "cancelled" };
      const finished = Object.values(runs).filter(({ status }) => statuses[status] !== undefined);
      const store = memoryStore();
      await importRuns(mlruns, { store, name: "nets" });
      const results = await loadResults(store, { experiment: "nets" });
      expect(results).toHaveLength(finished.length);
      for (const expected of finished) {
        const run = results.filter((one) => one.tags.includes(`name=${expected.name}`)).at(0)!;
        expect(run.status).toBe(statuses[expected.status]);
        expect(run.startedAt.getTime()).toBe(expected.started);
        expect(toldAll(run.metrics)).toEqual(expected.metrics);
        expect(Object.keys(run.params).sort()).toEqual(Object.keys(expected.params).sort());
        for (const [name, points] of Object.entries(expected.series)) {
          // One point at step 0 is a metric and no series.
          const isSingle = points.length === 1 && points[0]![0] === 0;
          expect(await pointsOf(run, name)).toEqual(isSingle ? [] : points);
        }
      }
    },
    LIMIT,
  );
});
