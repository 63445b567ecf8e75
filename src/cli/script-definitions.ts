import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { show } from "../errors.ts";
import { askForDefinition, isNamed } from "../execution/asked-definition.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { RunOptions } from "../run/options.ts";
import { UsageError } from "./command.ts";

/** An experiment, and how it is run. */
export interface Definition {
  readonly experiment: Experiment;
  /** Those of the script's `run()`. */
  readonly options: RunOptions;
}

const TYPESCRIPT = /\.[cm]?tsx?$/;
const SCRIPT = /\.[cm]?[jt]sx?$/;

/** Whether a text names a script rather than an experiment. */
export function isScript(text: string): boolean {
  return SCRIPT.test(text);
}

/**
 * What a script would run: it is imported, and stops at its `run()`, which does not run but hands its experiment over.
 * A script without `run()` may export the experiment. What it prints goes to standard error.
 *
 * @param path - Absolute.
 * @param name - Of the experiment, where the script has several. @defaultValue the first
 * @throws UsageError when there is no such file, or no such experiment in it
 */
export async function definitionInScript(path: string, name: string | undefined): Promise<Definition> {
  if (!existsSync(path)) throw new UsageError(`there is no script ${show(path)}. Check the path.`, { path });
  // Workers import the main script of the process again, which is to be this one.
  process.argv = [process.argv[0] ?? process.execPath, path];
  const printed = { log: console.log, info: console.info };
  console.log = console.error;
  console.info = console.error;
  let stopAsking: () => void = () => undefined;
  try {
    const handedOver = new Promise<Definition>((resolve) => {
      const take = (experiment: Experiment, options: object): void => resolve({ experiment, options });
      stopAsking = askForDefinition({ name, take });
    });
    const exported = importScript(path).then((module) => exportedExperiment(path, module, name));
    return await Promise.race([handedOver, exported]);
  } finally {
    stopAsking();
    Object.assign(console, printed);
  }
}

async function importScript(path: string): Promise<object> {
  if (!TYPESCRIPT.test(path)) return (await import(pathToFileURL(path).href)) as object;
  const { createJiti } = await import("jiti");
  return await createJiti(pathToFileURL(path).href, { jsx: /x$/.test(path) }).import(path);
}

function exportedExperiment(path: string, module: object, name: string | undefined): Definition {
  const experiments = Object.values(module).filter(isExperiment);
  const found = experiments.find((experiment) => isNamed(experiment, name));
  if (found !== undefined) return { experiment: found, options: {} };
  const asked = name === undefined ? "an experiment" : `the experiment ${show(name)}`;
  throw new UsageError(
    `${show(path)} neither runs nor exports ${asked}. Let it come to run(experiment), or export the experiment.`,
    { path, name },
  );
}

function isExperiment(value: unknown): value is Experiment {
  const { name, version, operation } = Object(value) as Partial<Experiment>;
  return typeof name === "string" && typeof version === "string" && typeof operation === "function";
}
