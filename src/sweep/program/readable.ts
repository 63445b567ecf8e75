import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { messageOf } from "../../errors.ts";
import { RunFailure } from "../../execution/failure.ts";

/** What is no file, in words. */
function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

/**
 * Opens a file that a program has written, whatever the program made of it, without waiting for anybody.
 *
 * @param name - of the file, as messages have it.
 * @param most - bytes that it may have.
 * @returns its descriptor; `undefined` when there is none.
 * @throws {@link OperationError} METALAB_METRIC_FILE when it is no file, cannot be read or is too large.
 */
export function openWritten(path: string, name: string, most: number): number | undefined {
  let fd: number;
  try {
    // A pipe that nobody writes to would be waited for.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    // What a socket says to being opened.
    const got = code === "ENXIO" ? "a socket or a device" : messageOf(error);
    throw unreadable(name, "it is a file that can be read", got, error);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw unreadable(name, "it is a file", kindOf(stats));
    assertSize(name, stats.size, most);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** @throws {@link OperationError} METALAB_METRIC_FILE when a file is larger than it may be. */
export function assertSize(name: string, size: number, most: number): void {
  if (size <= most) return;
  throw new RunFailure(
    "error",
    "MetricFile",
    "METALAB_METRIC_FILE",
    `metrics ${name}: it is a file of at most ${most} bytes, got ${size}. Write only the metrics to it.`,
  );
}

function unreadable(name: string, need: string, got: string, cause?: unknown): RunFailure {
  return new RunFailure(
    "error",
    "MetricFile",
    "METALAB_METRIC_FILE",
    `metrics ${name}: ${need}, got ${got}. Correct what the program makes there.`,
    { cause },
  );
}
