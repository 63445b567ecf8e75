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
    name: "ls",
    summary: "list the experiments of a store, or the runs of one",
    group: "Look",
    load: async () => (await import("./commands/ls.ts")).ls,
  },
];
