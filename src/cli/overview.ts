import { type CommandEntry, GROUPS } from "./names.ts";

/** The help of `metalab` itself, or of the commands that begin with a word, as `store`. */
export function overview(commands: readonly CommandEntry[], word?: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const groups = GROUPS.map((group) => ({ group, own: commands.filter((entry) => entry.group === group) }));
  const told = groups
    .filter(({ own }) => own.length > 0)
    .map(({ group, own }) => {
      const lines = own.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
      return `${group}\n${lines.join("\n")}\n`;
    });
  return [
    `Usage: metalab ${word === undefined ? "" : `${word} `}<command> [options]\n`,
    ...told,
    "All commands take --store <folder> ($METALAB_STORE, else ./runs), --json and --help.",
    "Exit codes: 0 all well, 1 some runs failed, 2 wrong usage, 3 a limit was reached, 130 interrupted.",
    "",
  ].join("\n");
}
