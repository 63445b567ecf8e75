import { type Stats, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { OperationError, show } from "../../errors.ts";
import { METRIC_FILE_BYTES, readMetricFile } from "../metrics/metric-file.ts";
import type { Reading } from "../metrics/reading.ts";
import type { MetricFile } from "../metrics/sources.ts";
import { noMetricFile, sharedMetricFile } from "./failures.ts";

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
 * @throws {@link OperationError} METALAB_METRIC_FILE when there is none, or only one from before the run;
 * METALAB_METRIC_FILE_SHARED when others may have written it.
 */
export async function readDeclared(
  file: MetricFile,
  { folder, cwd, started, company }: DeclaredPlace,
): Promise<readonly Reading[]> {
  const places = [join(folder, file.path), resolve(cwd, file.path)];
  const isNew = (stats: Stats | undefined): stats is Stats =>
    stats !== undefined && stats.mtimeMs >= started - CLOCK_MS;
  for (const [at, path] of places.entries()) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!isNew(stats)) continue;
    if (at > 0 && company > 1) throw sharedMetricFile(file.path, company);
    if (stats.size > METRIC_FILE_BYTES) {
      throw new OperationError(
        "METALAB_METRIC_FILE",
        `metrics ${show(file.path)}: it has at most ${METRIC_FILE_BYTES} bytes, got ${stats.size}. Write only the metrics to it.`,
      );
    }
    return readMetricFile(file, await readFile(path, "utf8"));
  }
  throw noMetricFile(file.path, [folder, cwd]);
}
