import { basename } from "node:path";
import type { Manifest } from "../../experiment/manifest.ts";
import { metricNames } from "../../results/names.ts";
import { selectionOf } from "../../results/selection.ts";
import { formatNumber } from "../../results/text.ts";
import { PRUNER_NAMES } from "../../search/pruners/named.ts";
import { openStore } from "../../store/locator.ts";
import { ARGUMENT_STYLES } from "../../sweep/arguments.ts";
import { launcherOf } from "../../sweep/interpreter.ts";
import {
  type ScriptExperiment,
  type StoredScript,
  scriptExperiment,
  scriptName,
  storedScriptIn,
} from "../../sweep/script/script-experiment.ts";
import { isSearchStrategy, strategyNamed } from "../../sweep/script/strategy.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { objectivesOf } from "../objective-options.ts";
import {
  bytes,
  count,
  duration,
  flag,
  type Given,
  longName,
  number,
  oneOf,
  PROGRESS_OPTION,
  text,
  texts,
} from "../options.ts";
import { clean, plural, wrapped } from "../screen.ts";
import { shellText } from "../shell-text.ts";
import { checkSources } from "../sources.ts";
import { runSweep, type SweepDone, type SweepOptions, tellSweep } from "../sweep.ts";

const DRY_RUN_LINES = 100;

const OPTIONS = {
  strategy: text(
    "--strategy <name>",
    "grid_search (all, the default), random_search (some), or a search: auto, tpe, gp, cmaes, sobol, nsga2",
  ),
  trials: count("-n, --trials <count>", "how many combinations to run; of a search, trials in all", 1),
  metric: texts(
    "--metric <metric>",
    "metric to follow, or a pattern for one: 'acc=/val acc: ([\\d.]+)/@max'",
  ),
  direction: oneOf("--direction <direction>", "which way is better", ["minimize", "maximize"]),
  minimize: texts("--minimize <metric>", "metric to make small"),
  maximize: texts("--maximize <metric>", "metric to make large"),
  metrics: texts(
    "--metrics <file>",
    "file that the script writes metrics to: out.json, or out.json:path.to.them",
  ),
  autoMetrics: flag("--auto-metrics", "take name: number and name=number in the output for metrics"),
  name: text("--name <name>", "the experiment's name (default: the script's)"),
  version: text("--version <version>", "the experiment's version (default: 1)"),
  tags: texts("--tag <tag>", "tag of the experiment"),
  seed: text("--seed <seed>", "seed of draws, choices and runs (default: 0)"),
  numpySeed: count("--numpy-seed <seed>", "draw as after numpy.random.seed(seed)"),
  replicates: count(
    "--replicates <count>",
    "runs of each combination, with seeds of their own (default: 1)",
    1,
  ),
  workers: count("-j, --workers <count>", "programs at once (default: 1)", 1),
  concurrency: count("--concurrency <count>", "the same as --workers", 1),
  lag: count(
    "--lag <count>",
    "trials of a search that do not wait for each other (default: as --workers)",
    1,
  ),
  pruner: oneOf("--pruner <name>", "stops hopeless trials of a search", PRUNER_NAMES),
  prune: oneOf("--prune <how>", "how a script is told to stop (default: signal)", ["signal", "file"]),
  timeout: duration("--timeout <time>", "time that a run may take"),
  memory: bytes("--memory <size>", "memory that a run may occupy"),
  budgetTime: duration("--budget-time <time>", "time after which no run is started"),
  budgetRuns: count("--budget-runs <count>", "runs after which none is started", 1),
  budgetCost: number("--budget-cost <amount>", "sum of the metric cost after which no run is started"),
  retries: count("--retries <count>", "times that a failed run is tried again (default: 0)"),
  onFailure: oneOf("--on-failure <what>", "what to do when a run has failed (default: continue)", [
    "continue",
    "stop",
  ]),
  onStale: oneOf("--on-stale <what>", "what to do about runs made with other code (default: warn)", [
    "warn",
    "rerun",
    "use",
  ]),
  resume: flag("--resume", "skip what is done, which is the default"),
  isAnew: {
    ...flag("--no-resume", "run all again, also what is done"),
    read: (given: Given) => given === false,
  },
  literal: texts("--literal <flag>", "flag of the script whose value is text, whatever it looks like"),
  style: oneOf("--style <style>", "how arguments are written (default: as here)", ARGUMENT_STYLES),
  interpreter: text("--interpreter <program>", "what starts the script (default: by its ending)"),
  sources: texts("--source <file>", "file that is code as well: runs made with another are stale"),
  follow: flag("-f, --follow", "print what the runs print"),
  progressEvery: PROGRESS_OPTION,
  dryRun: flag("--dry-run", "print the commands, and run nothing"),
  limit: count(
    "--limit <count>",
    `most commands that --dry-run prints (default: ${DRY_RUN_LINES}; "all")`,
    0,
  ),
};

type RunCall = Call<typeof OPTIONS>;

/** `metalab run` */
export const run = defineCommand({
  args: [
    ["<script>", "the script, or any program"],
    [
      "[arguments...]",
      "its arguments: --lr '[0.1, 0.01]', --layers '(1, 10, 2)', --alpha 'uniform(0, 1, 3)'",
    ],
  ],
  passThrough: true,
  about: [
    "Everything before the script is said to metalab, everything after it to the script. Lists, ranges and NumPy's",
    "distributions among its arguments are swept: all combinations are run, the first flag slowest. What merely looks like a",
    "sweep is passed as it is. Exit code 1 when some runs failed, 3 when a budget was used up.",
  ].join(" "),
  options: OPTIONS,
  examples: [
    ["run main.py --layers '[32, 64, 128]' --lr 'loguniform(1e-4, 1e-1, 3)'", "nine runs"],
    [
      "run --strategy random_search --trials 3 main.py --alpha 'uniform(0, 1, 3)' --beta '[1, 2, 3, 4]'",
      "3 of 12",
    ],
    ["run --strategy tpe --trials 50 --maximize val_acc main.py --lr 'loguniform(1e-5, 1)'", "a search"],
    ["run --dry-run main.py --amp=[true,false] --wd '[?, 0.1]'", "flags that are there or not"],
  ],
  run: async (call) => {
    const stored = await storedScript(call);
    const { env } = call.io;
    const onLine = call.options.follow
      ? ({ trial, text }: { readonly trial: number; readonly text: string }): void =>
          call.note(clean(`[${trial}] ${text}`))
      : undefined;
    const script = scriptExperiment(stored, { env, ...(onLine === undefined ? {} : { onLine }) });
    for (const notice of script.notices) call.note(clean(notice));
    noteMisplaced(call, script);
    if (call.options.dryRun) {
      tellCommands(call, script, stored);
      return undefined;
    }
    const done = await runSweep(call, script.experiment, runOptions(call, stored));
    tellSweep(call, script.experiment, done);
    tellBest(call, script, done);
    noteNoMetrics(call, done);
    return done.code;
  },
});

async function storedScript(call: RunCall): Promise<StoredScript> {
  const { options } = call;
  const {
    strategy: given,
    trials,
    pruner,
    tags,
    version,
    interpreter,
    style,
    numpySeed,
    prune,
    memory,
  } = options;
  if (call.args[0] === undefined)
    throw new UsageError("a script is needed, got none. Write metalab run main.py.");
  const start = {
    command: call.args,
    cwd: call.io.cwd,
    ...(interpreter === undefined ? {} : { interpreter }),
  };
  const strategy = strategyNamed(given ?? "grid_search");
  const isSearch = isSearchStrategy(strategy);
  if (pruner !== undefined && !isSearch)
    throw new UsageError("--pruner goes with a search. Say for example --strategy tpe.");
  const { objectives, patterns } = objectivesOf(options);
  checkSources(call, "--source", options.sources);
  if (isSearch && objectives.length === 0)
    throw new UsageError(
      `--strategy ${strategy} needs to know what is good. Say --minimize or --maximize <metric>.`,
    );
  const name = options.name ?? scriptName(start, call.io.env);
  const concurrency = options.workers ?? options.concurrency;
  if (concurrency === Number.POSITIVE_INFINITY) throw new UsageError("--workers takes a number, got all.");
  const lag = isSearch ? (options.lag ?? (await lagInStore(call, name, version)) ?? concurrency) : undefined;
  return {
    format: 1,
    kind: "script",
    name,
    ...(version === undefined ? {} : { version }),
    tags,
    ...start,
    ...(style === undefined ? {} : { style }),
    literal: options.literal,
    seed: seedOf(options.seed),
    ...(numpySeed === undefined ? {} : { numpySeed }),
    replicates: options.replicates ?? 1,
    strategy: {
      name: strategy,
      ...(trials === undefined ? {} : { trials }),
      ...(lag === undefined ? {} : { lag }),
      ...(pruner === undefined ? {} : { pruner }),
    },
    objectives,
    metrics: options.metrics,
    patterns,
    autoMetrics: options.autoMetrics,
    sources: options.sources,
    ...(prune === undefined ? {} : { pruneBy: prune }),
    ...(memory === undefined ? {} : { memory }),
    running: {
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      ...(options.retries === undefined ? {} : { retries: options.retries }),
    },
  };
}

/** A search that goes on keeps its lag, so that its trials are the same at any number of workers. */
async function lagInStore(
  call: RunCall,
  name: string,
  version: string | undefined,
): Promise<number | undefined> {
  const isSame = (manifest: Manifest): boolean =>
    manifest.name === name && manifest.version === (version ?? "1");
  const known = (await openStore(call.store).experiments()).find(isSame);
  return known === undefined ? undefined : storedScriptIn(known.metadata)?.strategy.lag;
}

function seedOf(given: string | undefined): number | string {
  if (given === undefined) return 0;
  return /^-?\d{1,15}$/.test(given) ? Number(given) : given;
}

function runOptions(call: RunCall, { running }: StoredScript): SweepOptions {
  const { isAnew, onFailure, onStale, budgetTime, budgetRuns, budgetCost, follow } = call.options;
  const budget = {
    ...(budgetTime === undefined ? {} : { timeMs: budgetTime }),
    ...(budgetRuns === undefined || !Number.isFinite(budgetRuns) ? {} : { runs: budgetRuns }),
    ...(budgetCost === undefined ? {} : { cost: budgetCost }),
  };
  return {
    store: call.store,
    resume: !isAnew,
    ...running,
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onStale === undefined ? {} : { onStale }),
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
    ...(follow ? { progress: "none" } : {}),
  };
}

/** Our options that hardly a script has: behind the script they are most likely misplaced. */
const OURS: readonly (keyof typeof OPTIONS)[] = ["strategy", "trials", "dryRun", "numpySeed", "replicates"];

function noteMisplaced(call: RunCall, { sweep }: ScriptExperiment): void {
  const ours = OURS.map((key) => longName(OPTIONS[key]));
  for (const { word } of sweep.flags) {
    if (!ours.includes(word.head)) continue;
    call.note(
      `${word.head} stands behind the script, so the script gets it. Options of metalab stand before the script.`,
    );
  }
}

function tellCommands(
  call: RunCall,
  { experiment, commandFor, sweep }: ScriptExperiment,
  stored: StoredScript,
): void {
  const { name, params: source } = experiment;
  const limit = call.options.limit ?? DRY_RUN_LINES;
  if (isSearchStrategy(stored.strategy.name)) {
    call.json({
      experiment: name,
      trials: source.length,
      strategy: stored.strategy.name,
      search: source.describe(),
    });
    call.print(
      `${plural(source.length, "trial")}, each chosen by ${stored.strategy.name} from the results before it:`,
    );
    call.print(clean(`  ${shellText(shortened(call)(commandFor(searched(sweep))))}`));
    return;
  }
  const shown = Math.min(limit, source.length);
  const command = (index: number): readonly string[] => commandFor(source.at(index));
  if (call.isJson) {
    const commands = Array.from({ length: shown }, (_, index) => command(index));
    call.json({ experiment: name, trials: source.length, runs: source.length * stored.replicates, commands });
  }
  const short = shortened(call);
  for (let index = 0; index < shown && !call.isJson; index += 1)
    call.print(clean(shellText(short(command(index)))));
  const rest = source.length - shown;
  if (rest > 0) call.note(`… ${rest} more; --limit all prints them.`);
}

/** Commands as people write them: a program that is found by its name goes by it. */
function shortened(call: RunCall): (command: readonly string[]) => readonly string[] {
  const names = new Map<string, string>();
  const nameOf = (path: string): string => {
    const name = basename(path);
    try {
      return launcherOf(name, { cwd: call.io.cwd, env: call.io.env }).argv[0] === path ? name : path;
    } catch {
      return path;
    }
  };
  return ([program = "", ...rest]) => {
    const name = names.get(program) ?? nameOf(program);
    names.set(program, name);
    return [name, ...rest];
  };
}

/** Params whose values stand for what a search will choose. */
function searched({ flags }: ScriptExperiment["sweep"]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    flags.map(({ word, values }) => [word.name, values.kind === "fixed" ? values.at(0) : `<${word.name}>`]),
  );
}

/** Whoever runs a script for its numbers is to learn at once that there are none. */
function noteNoMetrics(call: RunCall, { results: { successful, parts } }: SweepDone): void {
  if (successful.length === 0 || metricNames(selectionOf(parts)).length > 0) return;
  call.note(
    wrapped(
      call,
      'No run reported a metric. Let the script print them as a line of JSON, {"loss": 0.4}, or say where they are: --metric, --metrics or --auto-metrics; metalab metrics test tries that on old output. Then run it with --no-resume.',
    ),
  );
}

function tellBest(call: RunCall, { commandFor }: ScriptExperiment, { state, results }: SweepDone): void {
  const { best } = state;
  if (best === undefined) return;
  const params = best.params ?? results.top(1).at(0)?.params;
  const of = best.isRepeated === true ? " of a single run" : "";
  call.print(clean(`Best ${best.metric}${of}: ${formatNumber(best.value)}`));
  if (params !== undefined) call.print(clean(`  ${shellText(shortened(call)(commandFor(params)))}`));
}
