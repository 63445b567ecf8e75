import { closest } from "../space/nearest.ts";
import { UsageError } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { tellFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { COMMANDS, type CommandEntry } from "./names.ts";
import { overview } from "./overview.ts";

const HELP: ReadonlySet<string> = new Set(["--help", "-h", "help"]);

/** Words that people know from elsewhere. */
const ALIASES: Readonly<Record<string, string>> = {
  list: "ls",
  log: "logs",
  visualise: "plot",
  visualize: "plot",
  "ml-search": "search",
  "ml-visualise": "plot",
  "ml-visualize": "plot",
  "ml-train": "train",
  "ml-init-config": "init",
  stop: "cancel",
  completion: "completions",
  verify: "store verify",
  copy: "store copy",
  merge: "store merge",
};

/** Carries out one command line, from after `metalab` on, and gives the exit code. Nothing is thrown. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const how = { command: "", isJson: argv.includes("--json"), isDebug: argv.includes("--debug") };
  try {
    const [first, ...others] = argv;
    if (first === undefined) {
      io.err(overview(COMMANDS));
      return EXIT.usage;
    }
    if (first === "--version" || first === "-V") {
      const { metalabVersion } = await import("../execution/provenance.ts");
      io.out(`${metalabVersion()}\n`);
      return EXIT.ok;
    }
    if (first === "help" && others.length > 0) return await main([...others, "--help"], io);
    if (HELP.has(first)) {
      io.out(overview(COMMANDS));
      return EXIT.ok;
    }
    const found = findCommand(argv);
    if (found === undefined) return tellGroup(first, others, io);
    how.command = found.entry.name;
    const command = await found.entry.load();
    const { parse } = await import("./parse.ts");
    // What belongs to a script is none of ours.
    if (command.passThrough === true || command.afterDashes !== undefined) {
      how.isJson = false;
      how.isDebug = false;
    }
    const call = await parse(found.entry, command, found.argv, io);
    if (call === undefined) return EXIT.ok;
    how.isJson = call.isJson;
    how.isDebug = call.options.debug === true;
    return (await command.run(call)) ?? EXIT.ok;
  } catch (error) {
    return await tellFailure(error, io, how);
  }
}

/** The command that a line names by its first or first two words, and what comes after them. */
function findCommand(
  argv: readonly string[],
): { readonly entry: CommandEntry; readonly argv: readonly string[] } | undefined {
  for (const words of [2, 1]) {
    const name = argv.slice(0, words).join(" ");
    const entry = COMMANDS.find((one) => one.name === name);
    if (entry !== undefined) return { entry, argv: argv.slice(words) };
  }
  return undefined;
}

/** Help for a first word that several commands share, or an error. */
function tellGroup(first: string, others: readonly string[], io: Io): ExitCode {
  const family = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length > 0 && others.every((word) => HELP.has(word))) {
    const text = overview(family, first);
    if (others.length > 0) io.out(text);
    else io.err(text);
    return others.length > 0 ? EXIT.ok : EXIT.usage;
  }
  const names = COMMANDS.map(({ name }) => name);
  if (first.startsWith("-")) {
    throw new UsageError(
      `the command comes first, got ${first}. Write metalab <command> ${first} …; metalab --help lists the commands.`,
    );
  }
  const asked = family.length > 0 ? `${first} ${others[0]}` : first;
  const alias = Object.hasOwn(ALIASES, asked) ? ALIASES[asked] : undefined;
  const near = alias !== undefined && names.includes(alias) ? alias : closest(asked, names);
  const advice = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new UsageError(
    `there is no command ${JSON.stringify(asked)}.${advice} metalab --help lists the commands.`,
    {
      command: asked,
    },
  );
}
