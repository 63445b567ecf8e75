import type { Command } from "./command.ts";

/** A command before it is loaded. */
export interface CommandEntry {
  /** One word, or two: `store copy`. */
  readonly name: string;
  /** What it does, as a clause without a full stop. */
  readonly summary: string;
  /** Heading under which the overview has it. */
  readonly group: CommandGroup;
  readonly load: () => Promise<Command>;
}

/** Headings of the overview, in order. */
export const GROUPS = ["Run", "Look", "Decide", "Keep", "Setup"] as const;
export type CommandGroup = (typeof GROUPS)[number];

/** All commands, in the order of the overview. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "init",
    summary: "write a config file with a search",
    group: "Setup",
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    name: "run",
    summary: "run a script for every combination of its arguments",
    group: "Run",
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    name: "search",
    summary: "search for the best settings of a program, as a config file says",
    group: "Run",
    load: async () => (await import("./commands/search.ts")).search,
  },
  {
    name: "train",
    summary: "run a program once with the settings of a config file",
    group: "Run",
    load: async () => (await import("./commands/train.ts")).train,
  },
  {
    name: "plan",
    summary: "tell what would be run, and why, without running it",
    group: "Run",
    load: async () => (await import("./commands/plan.ts")).plan,
  },
  {
    name: "worker",
    summary: "help with an experiment, beside others",
    group: "Run",
    load: async () => (await import("./commands/worker.ts")).worker,
  },
  {
    name: "retry",
    summary: "run once more what failed or was left undone",
    group: "Run",
    load: async () => (await import("./commands/retry.ts")).retry,
  },
  {
    name: "cancel",
    summary: "stop the sweeps of an experiment in good order",
    group: "Run",
    load: async () => (await import("./commands/cancel.ts")).cancel,
  },
  {
    name: "ls",
    summary: "list the experiments of a store, or the runs of one",
    group: "Look",
    load: async () => (await import("./commands/ls.ts")).ls,
  },
  {
    name: "status",
    summary: "tell how far experiments are, and who works on them",
    group: "Look",
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    name: "show",
    summary: "show all that is kept of a run",
    group: "Look",
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    name: "logs",
    summary: "print what a run logged",
    group: "Look",
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  {
    name: "plot",
    summary: "draw plots, in the terminal or into files",
    group: "Look",
    load: async () => (await import("./commands/plot.ts")).plot,
  },
  {
    name: "report",
    summary: "write all there is to say onto one page",
    group: "Look",
    load: async () => (await import("./commands/report.ts")).report,
  },
  {
    name: "export",
    summary: "write runs as a table for other programs",
    group: "Look",
    load: async () => (await import("./commands/export.ts")).exportRuns,
  },
  {
    name: "best",
    summary: "tell the best params, and write them into a file",
    group: "Decide",
    load: async () => (await import("./commands/best.ts")).best,
  },
  {
    name: "compare",
    summary: "tell which groups of runs are better, and how sure that is",
    group: "Decide",
    load: async () => (await import("./commands/compare.ts")).compare,
  },
  {
    name: "why",
    summary: "tell why a run would be executed, or not",
    group: "Decide",
    load: async () => (await import("./commands/why.ts")).why,
  },
  {
    name: "accept",
    summary: "say that edits of the code do not matter",
    group: "Decide",
    load: async () => (await import("./commands/accept.ts")).accept,
  },
  {
    name: "doctor",
    summary: "check the store, and tell what goes wrong with searches",
    group: "Keep",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "gc",
    summary: "clear away runs and artifacts that need not be kept",
    group: "Keep",
    load: async () => (await import("./commands/gc.ts")).gc,
  },
  {
    name: "import",
    summary: "take over runs of Optuna, MLflow or metalab for Python",
    group: "Keep",
    load: async () => (await import("./commands/import.ts")).importFiles,
  },
  {
    name: "store copy",
    summary: "copy runs into another store",
    group: "Keep",
    load: async () => (await import("./commands/store.ts")).storeCopy,
  },
  {
    name: "store merge",
    summary: "bring the runs of several stores together",
    group: "Keep",
    load: async () => (await import("./commands/store.ts")).storeMerge,
  },
  {
    name: "store verify",
    summary: "check every byte of a store, and mend it",
    group: "Keep",
    load: async () => (await import("./commands/store.ts")).storeVerify,
  },
  {
    name: "metrics test",
    summary: "try how metrics are read, on old output",
    group: "Setup",
    load: async () => (await import("./commands/metrics-test.ts")).metricsTest,
  },
  {
    name: "completions",
    summary: "print completions for bash, zsh or fish",
    group: "Setup",
    load: async () => (await import("./commands/completions.ts")).completions,
  },
];
