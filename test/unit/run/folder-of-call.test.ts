import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  Experiment,
  file,
  fileStore,
  grid,
  importRuns,
  minimize,
  plan,
  plot,
  report,
  run,
  saveResults,
  why,
} from "../../../src/index.ts";

const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "metalab-folder-of-call-"));
const [here, there] = [join(folder, "here"), join(folder, "there")];
const journal = join(import.meta.dirname, "../../fixtures/import/study.journal");

const experiment = new Experiment({
  name: "squares",
  params: grid({ x: [1, 2, 3] }),
  context: { data: file("data.txt") },
  operation: ({ params, capture }) => {
    capture.metric("loss", params.x, { step: 0 });
    return { y: params.x ** 2 };
  },
  objective: minimize("y"),
});

const sweep = () => run(experiment, { store: fileStore("runs"), progress: "none" }).result();
let results: Awaited<ReturnType<typeof sweep>>;
let picture: Awaited<ReturnType<typeof plot>>;

beforeAll(async () => {
  for (const path of [here, there]) mkdirSync(path);
  writeFileSync(join(here, "data.txt"), "1");
  cpSync(journal, join(here, "journal.log"));
  process.chdir(here);
  results = await sweep();
  picture = await plot(results, "edf");
});
beforeEach(() => process.chdir(here));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

/** What a call gives when the working directory changes right after it. */
async function moved<T>(call: () => Promise<T>): Promise<T> {
  const promise = call();
  process.chdir(there);
  try {
    return await promise;
  } finally {
    expect(readdirSync(there)).toEqual([]);
  }
}

test.each<[string, string, () => Promise<unknown>]>([
  ["report", "page.html", () => report(results, "page.html")],
  ["plot", "plot.svg", () => picture.save("plot.svg")],
  ["saveResults", "saved.json", () => saveResults(results, "saved.json")],
  ["toParquet", "table.parquet", () => results.toParquet("table.parquet")],
  ["writeSeries to CSV", "series.csv", () => results.writeSeries("series.csv")],
  ["writeSeries to Arrow", "series.arrow", () => results.writeSeries("series.arrow")],
  ["writeSeries to Parquet", "series.parquet", () => results.writeSeries("series.parquet")],
])("%s writes below the working directory of its call", async (_name, path, call) => {
  await moved(call);
  expect(existsSync(join(here, path))).toBe(true);
});

test("plan() and why() read the files of a context below the working directory of their call", async () => {
  const preview = await moved(() => plan(experiment, { store: "runs" }));
  expect(preview.cached).toBe(3);
  process.chdir(here);
  const answer = await moved(() => why(experiment, results.at(0)!, { store: "runs" }));
  expect(answer.reason).toBe("cached");
});

test("importRuns() reads and writes below the working directory of its call", async () => {
  const { added } = await moved(() => importRuns("journal.log", { store: "imported" }));
  expect(added).toBeGreaterThan(0);
  expect(existsSync(join(here, "imported"))).toBe(true);
});
