import { relative } from "node:path";
import type { Advice } from "../execution/advice.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import type { Call } from "./command.ts";
import { shellText } from "./shell-text.ts";

/** What the words that a sweep is told about by depend on. */
export interface AdvisedSweep {
  /** The script that defined it, as it was given; without one it is a program's, known by its name. */
  readonly script?: string | undefined;
  /** @defaultValue The same command goes on with it. */
  readonly goOn?: string | undefined;
}

/** Limits of `run()` by the options of `metalab run` that set them. */
const LIMITS: readonly (readonly [RegExp, string])[] = [
  [/^budget\.runs\b/, "--budget-runs"],
  [/^budget\.cost\b/, "--budget-cost"],
  [/^budget\.timeMs\b/, "--budget-time"],
  [/^onFailure: "stop"/, "--on-failure stop"],
];

/** What goes on with a sweep that was stopped. */
export const SAME_COMMAND = "The same command goes on from there";

/** What people at the command line are advised, in commands that work as they stand. */
export async function adviceFor(
  call: Call,
  experiment: Experiment,
  store: string | Store,
  { script, goOn = SAME_COMMAND }: AdvisedSweep,
): Promise<Partial<Advice>> {
  const target =
    script === undefined
      ? await experimentWords(call, experiment, store)
      : scriptWords(call, script, experiment);
  const retry = `metalab retry ${shellText(target)}`;
  return {
    repeat: (id) => `${retry} --only ${id}`,
    rerunStale: `${retry} --stale`,
    accept: `metalab accept ${shellText(target)}`,
    retryFailed: retry,
    goOn,
    // What a script says is written in the script.
    ...(script === undefined ? PROGRAM : {}),
    // Elsewhere limits are set in a file, by the names that they have.
    ...("budgetRuns" in call.options ? { limit: asOption } : {}),
  };
}

const PROGRAM: Partial<Advice> = {
  lag: (lag) => `--lag ${lag}, or lag: ${lag} in the config file,`,
  report:
    'Print them as a line of JSON, as in {"loss": 0.4}, or say where they are: --metric, --metrics, --auto-metrics; metalab metrics test tries that',
  reportSteps: (metric) =>
    `Print lines such as {"step": 3, ${JSON.stringify(metric)}: 0.4} in the course of the run, flushed`,
};

function asOption(limit: string): string {
  return LIMITS.reduce((text, [from, to]) => text.replace(from, to), limit);
}

/** What names an experiment of a store to other commands. */
export async function experimentWords(
  call: Call,
  { name, version }: Experiment,
  given: string | Store,
): Promise<readonly string[]> {
  const store = typeof given === "string" ? openStore(given) : given;
  const known = await store.experiments();
  const isAlone = known.every((one) => one.name !== name || one.version === version);
  return [isAlone ? name : `${name}@${version}`, ...storeWords(call, store.locator)];
}

/** Nothing where the store is the one that commands use by themselves. */
function storeWords({ io, path }: Call, locator: string): readonly string[] {
  if (locator === path(io.env["METALAB_STORE"] || "runs")) return [];
  const short = relative(io.cwd, locator);
  return ["--store", short === "" ? "." : short.startsWith("..") ? locator : short];
}

function scriptWords(call: Call, script: string, { name }: Experiment): readonly string[] {
  const asked = typeof call.options["experiment"] === "string" ? ["--experiment", name] : [];
  return [script, ...asked, ...(call.isStoreNamed ? storeWords(call, call.store) : [])];
}
