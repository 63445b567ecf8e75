import { endedChildrenMs } from "./usage.ts";

interface Ended {
  readonly sampledMs: number;
  readonly resolve: (ms: number | undefined) => void;
}

let inFlight = 0;
let latest: number | undefined;
let batch: Ended[] = [];

/** Has to be called before a child is started. */
export function cpuTimeBegins(): void {
  if (inFlight === 0) latest = endedChildrenMs();
  inFlight += 1;
}

/**
 * Processor time of a child that has just ended, with all that it started and waited for, in milliseconds: the system
 * tells the sum over all children of this process that have ended, so what it grew by is the child's. Those that end at
 * the same moment share it in proportion to what was seen of each.
 *
 * @param sampledMs - the most that was seen while it was alive.
 * @returns as it is known some microseconds later; `undefined` where the system does not tell.
 */
export function cpuTimeEnded(sampledMs: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    batch.push({ sampledMs, resolve });
    if (batch.length === 1) setImmediate(settle);
  });
}

/** To be called in the place of {@link cpuTimeEnded} when a child could not be started. */
export function cpuTimeCancelled(): void {
  inFlight -= 1;
}

function settle(): void {
  const now = endedChildrenMs();
  const grown = now === undefined || latest === undefined ? undefined : now - latest;
  latest = now;
  const ended = batch;
  batch = [];
  inFlight -= ended.length;
  const whole = ended.reduce((sum, { sampledMs }) => sum + sampledMs + 1, 0);
  for (const { sampledMs, resolve } of ended) {
    resolve(grown === undefined ? undefined : Math.max(sampledMs, (grown * (sampledMs + 1)) / whole));
  }
}
