/** What a sweep does when the process is asked to stop. */
export interface Interruptible {
  /** No new runs; those in flight finish. */
  drain(signal: NodeJS.Signals): void;
  /** Those in flight are told to stop, and given up after a short grace. */
  abort(signal: NodeJS.Signals): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const EXIT_CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
};

const sweeps = new Set<Interruptible>();
let received = 0;
let firstSignal: NodeJS.Signals | undefined;

/**
 * Lets signals stop a sweep: the first drains, the second aborts, the third ends the process. All sweeps of a
 * process share one handler, which is only there while one is active.
 *
 * @returns to be called when the sweep has ended and its store is closed. After the last sweep a signal that was
 * received is raised once more, so that the process ends as whoever sent it expects, unless somebody else listens
 * for it.
 */
export function watchSignals(sweep: Interruptible): () => void {
  if (sweeps.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal);
  sweeps.add(sweep);
  // Another sweep is being stopped: whoever pressed Ctrl-C did not mean to start this one.
  if (firstSignal !== undefined) sweep.drain(firstSignal);
  return () => {
    if (!sweeps.delete(sweep) || sweeps.size > 0) return;
    for (const signal of SIGNALS) process.off(signal, onSignal);
    const signal = firstSignal;
    firstSignal = undefined;
    received = 0;
    if (signal !== undefined && process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
}

function onSignal(signal: NodeJS.Signals): void {
  // A terminal that is closed may say so several times: by the shell and by the system.
  if (signal === "SIGHUP" && received > 0) return;
  received += 1;
  firstSignal ??= signal;
  if (received > 2) process.exit(EXIT_CODES[signal] ?? 1);
  for (const sweep of [...sweeps]) {
    if (received === 1) sweep.drain(signal);
    else sweep.abort(signal);
  }
}
