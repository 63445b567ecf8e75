import { closeSync, fstatSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { show } from "../../errors.ts";
import { METRIC_FILE_BYTES, readMetricFile } from "../metrics/metric-file.ts";
import type { Reading } from "../metrics/reading.ts";
import type { MetricFile } from "../metrics/sources.ts";
import { noMetricFile, sharedMetricFile } from "./failures.ts";
import { openWritten } from "./readable.ts";

/** Milliseconds by which the time of a file may lie before the one of our clock at which it was written. */
const CLOCK_MS = 50;

/** What tells which file is a run's own. */
export interface DeclaredPlace {
  /** The run's own folder. */
  readonly folder: string;
  readonly cwd: string;
  /** When the run began, milliseconds since the epoch. */
  readonly started: number;
  /** The most runs of the operation that were in flight together with this one, itself included. */
  readonly company: number;
}

/**
 * The metrics of a file that a program was to write, in the run's folder or else in its working directory.
 *
 * @throws {@link OperationError} METALAB_METRIC_FILE when there is none, only one from before the run, or none that can be
 * read; METALAB_METRIC_FILE_SHARED when others may have written it.
 */
export async function readDeclared(
  file: MetricFile,
  { folder, cwd, started, company }: DeclaredPlace,
): Promise<readonly Reading[]> {
  const places = [join(folder, file.path), resolve(cwd, file.path)];
  for (const [at, path] of places.entries()) {
    const fd = openWritten(path, show(file.path), METRIC_FILE_BYTES);
    if (fd === undefined) continue;
    let text: string;
    try {
      if (fstatSync(fd).mtimeMs < started - CLOCK_MS) continue;
      if (at > 0 && company > 1) throw sharedMetricFile(file.path, company);
      text = readFileSync(fd, "utf8");
    } finally {
      closeSync(fd);
    }
    return readMetricFile(file, text);
  }
  throw noMetricFile(file.path, [folder, cwd]);
}
