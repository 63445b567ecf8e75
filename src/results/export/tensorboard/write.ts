import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DefinitionError, reasonOf, StoreError, show } from "../../../errors.ts";
import { canonicalText } from "../../../identity/canonical.ts";
import { shortId } from "../../../identity/ids.ts";
import { sha256Hex } from "../../../identity/sha256.ts";
import { checkSpelling } from "../../../store/file/spelling.ts";
import { exportColumns } from "../../columns.ts";
import { type AnyResults, Results } from "../../results.ts";
import type { Run, RunDetails } from "../../run.ts";
import { selectionOf } from "../../selection.ts";
import { Series } from "../../series.ts";
import { writeWholeFile } from "../whole-file.ts";
import { EventFile } from "./event-file.ts";
import {
  END_TAG,
  EXPERIMENT_TAG,
  endMessage,
  experimentMessage,
  HPARAMS,
  type HParam,
  hparamsOf,
  START_TAG,
  startMessage,
} from "./hparams.ts";

/** Readers look for `tfevents`; one name, so that writing again takes the place of what was there. */
const FILE_NAME = "events.out.tfevents.metalab";
const WHERE = "writeTensorBoard()";

/** Runs that are written at once. */
const WINDOW = 8;

/** What {@link writeTensorBoard} wrote. */
export interface WrittenTensorBoard {
  /** The folder, as an absolute path: `tensorboard --logdir <folder>`. */
  readonly folder: string;
  readonly runs: number;
  /** Points of series and single metrics. */
  readonly points: number;
}

/**
 * Writes runs as event files for TensorBoard: a folder for each run, with its series and metrics as scalars, its params
 * as hyperparameters, its status, and, where there is an error or a metric that is a text, these as text.
 *
 * Runs of the same params (replicates, folds) are one group in the table of hyperparameters. TensorBoard keeps 32-bit
 * numbers. Times of single points are not stored, so they are spread evenly over the time of the run. A metric that
 * has a series too, and ended on another value than the series, is also written as `final/<name>`. Written again, a
 * run takes the place of what it was before; folders of runs that are no longer among the results stay. Memory grows
 * with the largest run, and not with the number of runs.
 *
 * @param results - Which runs.
 * @param folder - Where to; made where it is missing.
 * @throws {@link StoreError} METALAB_EXPORT_FAILED when a file cannot be written.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE, METALAB_TENSORBOARD_STEP (a series whose steps are no whole
 * numbers)
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { Experiment, grid, memoryStore, run, writeTensorBoard } from "metalab";
 * const experiment = new Experiment({
 *   name: "descent",
 *   params: grid({ lr: [0.1, 0.4] }),
 *   operation: ({ params, capture }) => {
 *     let x = 3;
 *     for (let step = 0; step < 20; step++) {
 *       x -= params.lr * 2 * x;
 *       capture.metric("loss", x * x, { step });
 *     }
 *     return { x };
 *   },
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const written = await writeTensorBoard(results, join(mkdtempSync(join(tmpdir(), "tb-")), "logs"));
 * console.log(written.runs, written.points); // 2 42
 * ```
 */
export async function writeTensorBoard(results: AnyResults, folder: string): Promise<WrittenTensorBoard> {
  checkInput(results, folder);
  const target = resolve(folder);
  const selection = selectionOf(results.parts);
  const hparams = hparamsOf(exportColumns(selection), results.length);
  await makeFolder(target, folder);
  const tags = new Set<string>();
  let points = 0;
  for (let start = 0; start < results.length; start += WINDOW) {
    const positions = Array.from({ length: Math.min(WINDOW, results.length - start) }, (_, i) => start + i);
    const written = await Promise.all(
      positions.map((position) => writeRun(results.at(position)!, position, hparams, target)),
    );
    for (const one of written) {
      points += one.points;
      for (const tag of one.tags) tags.add(tag);
    }
  }
  if (results.length > 0) await writeExperiment(results, hparams, [...tags].sort(), target);
  return { folder: target, runs: results.length, points };
}

function checkInput(results: unknown, folder: unknown): void {
  if (!(results instanceof Results)) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${WHERE}: takes results, got ${show(results)}. Give what result() or loadResults() gave.`,
    );
  }
  if (typeof folder !== "string" || folder === "") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${WHERE}: a folder must be a non-empty text, got ${show(folder)}. Name the folder to write into.`,
      { folder },
    );
  }
  checkSpelling(WHERE, folder);
}

async function makeFolder(path: string, given: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new StoreError(
      "METALAB_EXPORT_FAILED",
      `${WHERE}: the folder ${show(given)} could not be made, got ${reasonOf(error)}. Choose a place that can be written.`,
      { folder: given },
      { cause: error },
    );
  }
}

/** `booth@1/t12-r0-0123456789ab`: where a run is among others, and which it is. */
function folderOf(run: Run<unknown, unknown>): string {
  const { name, version } = run.experiment;
  const fold = run.fold === undefined ? "" : `-f${run.fold}`;
  return join(`${name}@${version}`, `t${run.trial}-r${run.replicate}${fold}-${shortId(run.id)}`);
}

/** The same for runs of the same params, of which TensorBoard shows the mean. */
function groupOf(run: Run<unknown, unknown>): string {
  const { name, version } = run.experiment;
  return `${name}@${version} t${run.trial} ${sha256Hex(canonicalText(run.params, "params")).slice(0, 8)}`;
}

async function writeRun(
  run: Run<unknown, unknown>,
  position: number,
  hparams: readonly HParam[],
  target: string,
): Promise<{ readonly points: number; readonly tags: readonly string[] }> {
  const started = run.startedAt.getTime();
  const ended = started + run.durationMs;
  const isOpen = run.status === "running" || run.status === "interrupted";
  const details = isOpen ? undefined : await run.details();
  const scalars = new Map<string, Series>();
  const texts: (readonly [string, string])[] = [];
  for (const name of Object.keys(details?.series ?? {})) {
    const series = await numbersOf(run, name);
    if (series !== undefined && series.length > 0) scalars.set(name, series);
  }
  addMetrics(run, scalars, texts);
  const told = errorText(details);
  if (told !== undefined) texts.push(["error", told]);
  await writeEvents(join(target, folderOf(run)), started, async (events) => {
    await events.plugin(START_TAG, HPARAMS, startMessage(hparams, position, groupOf(run), started), started);
    for (const [name, series] of scalars) await writeSeries(events, name, series, started, ended);
    for (const [tag, text] of texts) await events.text(tag, text, ended);
    if (run.status !== "running") await events.plugin(END_TAG, HPARAMS, endMessage(run.status, ended), ended);
  });
  const points = [...scalars.values()].reduce((sum, { length }) => sum + length, 0);
  return { points, tags: [...scalars.keys()] };
}

/** Points of a series; `undefined` where they are no numbers. */
async function numbersOf(run: Run<unknown, unknown>, name: string): Promise<Series | undefined> {
  try {
    return await run.series(name);
  } catch (error) {
    if (error instanceof DefinitionError && error.code === "METALAB_SERIES_NOT_NUMERIC") return undefined;
    throw error;
  }
}

/** Adds the metrics that no series tells already: numbers as series of one point, others as texts. */
function addMetrics(
  run: Run<unknown, unknown>,
  scalars: Map<string, Series>,
  texts: (readonly [string, string])[],
): void {
  for (const [name, value] of Object.entries(run.metrics as Readonly<Record<string, unknown>>)) {
    if (typeof value === "string") {
      texts.push([`metrics/${name}`, verbatim(value)]);
      continue;
    }
    const number = Number(value);
    const last = scalars.get(name)?.last;
    // As exact as TensorBoard is.
    if (last !== undefined && Object.is(Math.fround(last.value), Math.fround(number))) continue;
    const tag = last === undefined ? name : `final/${name}`;
    scalars.set(tag, new Series(tag, Float64Array.of(0), Float64Array.of(number)));
  }
}

function errorText(details: RunDetails | undefined): string | undefined {
  if (details?.error === undefined) return undefined;
  const { class: kind, name, message, stack } = details.error;
  const text = `${kind}: ${name}: ${message}${stack === undefined ? "" : `\n\n${stack}`}`;
  return verbatim(text);
}

/** As Markdown, in which what a program said must not be understood as markup. */
function verbatim(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}

async function writeSeries(
  events: EventFile,
  name: string,
  { step, value }: Series,
  started: number,
  ended: number,
): Promise<void> {
  const tag = Buffer.from(name);
  const pace = (ended - started) / step.length;
  for (let i = 0; i < step.length; i++) {
    const full = events.scalar(tag, step[i]!, value[i]!, started + (i + 1) * pace);
    if (full !== undefined) await full;
  }
}

async function writeExperiment(
  results: AnyResults,
  hparams: readonly HParam[],
  metrics: readonly string[],
  target: string,
): Promise<void> {
  const manifests = results.parts.flatMap(({ manifest }) => manifest ?? []);
  const names = new Set(results.parts.map(({ frame: { experiment: e } }) => `${e.name}@${e.version}`));
  const created = Math.min(...manifests.map((manifest) => manifest.created), Number.MAX_SAFE_INTEGER);
  const time = created === Number.MAX_SAFE_INTEGER ? results.at(0)!.startedAt.getTime() : created;
  const message = experimentMessage({
    name: [...names].join(", "),
    description: [...new Set(manifests.map(({ description = "" }) => description))].join("\n\n").trim(),
    created: time,
    hparams,
    metrics,
    runs: results.length,
  });
  await writeEvents(target, time, (events) => events.plugin(EXPERIMENT_TAG, HPARAMS, message, time));
}

async function writeEvents(
  folder: string,
  time: number,
  fill: (events: EventFile) => Promise<void>,
): Promise<void> {
  await writeWholeFile(WHERE, join(folder, FILE_NAME), async (temporary) => {
    const file: FileHandle = await open(temporary, "wx");
    try {
      const events = new EventFile(file, time);
      await fill(events);
      await events.flush();
    } finally {
      await file.close();
    }
  });
}
