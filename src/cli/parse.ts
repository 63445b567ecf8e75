import { type Call, type Command, makeCall, type Options, UsageError, type Values } from "./command.ts";
import type { Io } from "./io.ts";
import type { CommandEntry } from "./names.ts";
import { flag, type Given, longName, type Option, text } from "./options.ts";

/** Options that every command has. */
const COMMON_OPTIONS: { readonly json: Option<boolean>; readonly debug: Option<boolean> } = {
  json: flag("--json", "answer in JSON, for programs"),
  debug: flag("--debug", "show where an error came from"),
};

/** The option of every command that is about a store. */
const STORE_OPTION: Option<string | undefined> = text(
  "--store <folder>",
  "the store (default: $METALAB_STORE, else ./runs)",
);

/** All options of a command, its own first, by the names under which they are found. */
export function optionsOf(command: Command): Options {
  const store = command.storeless === true ? {} : { store: STORE_OPTION };
  return { ...command.options, ...store, ...COMMON_OPTIONS };
}

/**
 * The call that a command line means; `undefined` when it asked for help, which is then printed.
 *
 * @throws {@link UsageError} METALAB_USAGE
 */
export async function parse(
  entry: CommandEntry,
  command: Command,
  argv: readonly string[],
  io: Io,
): Promise<Call | undefined> {
  const { Command: Parser, CommanderError, Option: ParserOption } = await import("commander");
  const [own, rest] = command.afterDashes === undefined ? [argv, []] : splitAtDashes(argv);
  const parser = new Parser(`metalab ${entry.name}`)
    .description(
      command.about === undefined
        ? sentence(entry.summary)
        : `${sentence(entry.summary)}\n\n${command.about}`,
    )
    .helpOption("-h, --help", "show this")
    .allowExcessArguments(command.takesSettings === true)
    .allowUnknownOption(command.takesSettings === true)
    .exitOverride()
    .configureOutput({
      writeOut: (help) => io.out(help),
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(io.columns, 100),
      getOutHasColors: () => io.hasColor,
    });
  if (command.passThrough === true) parser.passThroughOptions();
  for (const [name, what] of command.args ?? []) parser.argument(name, what);
  if (command.afterDashes !== undefined) {
    parser.usage(
      `[options] ${(command.args ?? []).map(([name]) => name).join(" ")} [-- ${command.afterDashes}]`.replaceAll(
        / +/g,
        " ",
      ),
    );
  }
  const options = Object.entries(optionsOf(command)).map(([key, option]) => {
    const made = new ParserOption(option.flags, describe(option));
    if (option.repeated === true) {
      // Commander's own way of gathering, for options that are not `<variadic...>` as well.
      made.argParser<readonly string[]>((one, before) => [...(before ?? []), one]);
    }
    parser.addOption(made);
    return { key, option, name: made.attributeName() };
  });
  parser.addHelpText("after", examplesText(command));
  try {
    parser.parse([...own], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return undefined;
    throw new UsageError(`${reworded(error.message)} See metalab ${entry.name} --help.`);
  }
  const given = parser.opts<Readonly<Record<string, Given>>>();
  const values = Object.fromEntries(options.map(({ key, option, name }) => [key, option.read(given[name])]));
  const { store, json } = values as { readonly store?: string; readonly json: boolean };
  return makeCall(io, { args: parser.args, rest, options: values as Values<Options>, store, isJson: json });
}

function splitAtDashes(argv: readonly string[]): readonly [readonly string[], readonly string[]] {
  const at = argv.indexOf("--");
  return at < 0 ? [argv, []] : [argv.slice(0, at), argv.slice(at + 1)];
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function describe(option: Option<unknown>): string {
  return option.choices === undefined ? option.text : `${option.text}: ${option.choices.join(", ")}`;
}

function examplesText({ examples }: Command): string {
  if (examples.length === 0) return "";
  const lines = examples.map(([line, what]) => `  $ metalab ${line}\n      ${what}`);
  return `\nExamples:\n${lines.join("\n")}\n`;
}

/** `error: unknown option '--limt'\n(Did you mean --limit?)` as sentences. */
function reworded(message: string): string {
  const [first = "", hint] = message.replace(/^error: /, "").split("\n");
  const told = first
    .replace(/^unknown option '(.*)'$/, "there is no option $1")
    .replace(/^missing required argument '(.*)'$/, "the argument <$1> is missing")
    .replace(/^option '(.*)' argument missing$/, (_, flags: string) => `${longName({ flags })} needs a value`)
    .replace(
      /^too many arguments.*Expected (\d+) arguments? but got (\d+)\.?$/,
      (_, taken: string, got: string) =>
        `${taken === "1" ? "1 argument is" : `${taken} arguments are`} taken, got ${got}`,
    );
  const suggestion = hint === undefined ? "" : ` ${hint.replace(/^\(|\)$/g, "")}`;
  return `${told.replace(/\.$/, "")}.${suggestion}`;
}
