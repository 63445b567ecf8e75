/** What the process ends with. */
export const EXIT = {
  /** All well. */
  ok: 0,
  /** Some runs failed, or what was asked for could not be carried out. */
  failed: 1,
  /** The command line, or what it names, is wrong. Nothing was done. */
  usage: 2,
  /** A limit was reached: a budget, a number of failures. */
  limit: 3,
  /** Stopped by Ctrl-C, a signal or `metalab cancel`. */
  interrupted: 130,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
