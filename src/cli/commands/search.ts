import { isAbsolute, relative } from "node:path";
import { readSearchFile, type SearchFile } from "../../config/search-file.ts";
import { show } from "../../errors.ts";
import type { RunEvent } from "../../experiment/event.ts";
import type { Manifest } from "../../experiment/manifest.ts";
import type { MetricValues, Params } from "../../experiment/operation.ts";
import { applyParams } from "../../experiment/params.ts";
import { encode } from "../../identity/canonical.ts";
import type { Results } from "../../results/results.ts";
import { formatNumber, formatValue } from "../../results/text.ts";
import { loadResults } from "../../run/load.ts";
import { openStore } from "../../store/locator.ts";
import type { Store } from "../../store/store.ts";
import { ARGUMENT_STYLES } from "../../sweep/arguments.ts";
import { writerOf } from "../../sweep/search/best-writer.ts";
import { readOverrides, settingNames } from "../../sweep/search/overrides.ts";
import { searchExperiment } from "../../sweep/search/search-experiment.ts";
import { storedSearch, storedSearchIn } from "../../sweep/search/stored-search.ts";
import { type StudyOutcome, studyFolder, writeBest } from "../../sweep/search/study-folder.ts";
import { studyState, trialsInAll } from "../../sweep/search/study-size.ts";
import { SAME_COMMAND } from "../advice.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { readConfig, storeFor } from "../config-file.ts";
import type { ExitCode } from "../exit-codes.ts";
import { count, flag, oneOf, PROGRESS_OPTION, text } from "../options.ts";
import { clean, plural } from "../screen.ts";
import { checkSources } from "../sources.ts";
import { runSweep } from "../sweep.ts";

const OPTIONS = {
  config: text("-c, --config <file>", "the config file, with a search: block"),
  trials: count("-n, --n-trials <count>", "trials to make; with --resume, so many more", 1),
  total: count("--total <count>", "trials in all: only what is missing of them is made", 1),
  resume: flag("--resume", "go on with a study that has results"),
  study: text("--study-name <name>", "name of the study (default: that of the file)"),
  workers: count("-j, --workers <count>", "programs at once (default: that of the file, else 1)", 1),
  style: oneOf("--style <style>", "how params are written for the program", ARGUMENT_STYLES),
  store: text("--store <folder>", "the store (default: that of the file, else $METALAB_STORE, else ./runs)"),
  progressEvery: PROGRESS_OPTION,
  dryRun: flag("--dry-run", "say what would be done, and check the file"),
};

type SearchCall = Call<typeof OPTIONS>;

/** `metalab search` */
export const search = defineCommand({
  args: [["[settings...]", "settings of the file that get other values: --epochs 5, training.epochs=5"]],
  takesSettings: true,
  storeless: true,
  afterDashes: "<program...>",
  about: [
    "Each trial runs the program (that of the file's command:, or what stands after --) with a config file of its own: the",
    "settings of the file with the values of the trial. {config} and {params} in the command say where these go; without",
    "them it is --config FILE, or the params where the file has no other settings. The best config is kept in",
    "<store>/studies/<study>/best_config.yaml, while the search goes on too.",
  ].join(" "),
  options: OPTIONS,
  examples: [
    ["search -c configs/digits_config.yaml -- python train.py", "run the search of the file"],
    ["search -c configs/digits_config.yaml --resume --n-trials 50", "50 more trials"],
    ["search -c configs/digits_config.yaml --total 200 -j 4", "up to 200 in all, four at once"],
    [
      "search -c search.yaml --epochs 5 -- python train.py --lr {lr}",
      "a setting of one's own, and a place for a param",
    ],
  ],
  run: carryOutSearch,
});

async function carryOutSearch(call: SearchCall): Promise<ExitCode | undefined> {
  const { text: written, path } = readConfig(call, call.options.config);
  const file = await withOptions(call, await readSearchFile(written, path));
  for (const note of file.notes) call.note(clean(note));
  checkSources(call, `${path}: sources`, file.sources);
  const store = openStore(storeFor(call, call.options.store, file));
  const known = (await store.experiments()).find(
    ({ name, version }) => name === file.study && version === (file.version ?? "1"),
  );
  const command = commandOf(call, file, known);
  const sized = await withTrials(call, file, { command, store, known });
  const stored = storedSearch(sized, command, call.io.cwd);
  const experiment = searchExperiment(stored, { env: call.io.env });
  const folder = store.locator === "memory:" ? undefined : studyFolder(store.locator, file.study);
  if (call.options.dryRun) return tellPlan(call, sized, command, store);
  // Params of an earlier definition of the study were not tried with these settings.
  const ours = new Set<string>();
  const load = async (): Promise<Results<Params, MetricValues>> =>
    (
      await loadResults<Params, MetricValues>(store, { experiment: file.study, version: experiment.version })
    ).filter(({ id }) => ours.has(id));
  const write = async (results: Results<Params, MetricValues>): Promise<StudyOutcome | undefined> =>
    folder === undefined ? undefined : writeBest(folder, results, sized, command);
  const options = {
    store,
    concurrency: sized.workers ?? 1,
    progress: call.isJson ? ("none" as const) : ("auto" as const),
    ...(sized.timeout === undefined ? {} : { timeout: sized.timeout }),
    ...(sized.retries === 0 ? {} : { retries: sized.retries }),
    ...(sized.maxFailures === undefined ? {} : { maxFailures: sized.maxFailures }),
    ...(sized.budget === undefined ? {} : { budget: sized.budget }),
  };
  try {
    const writeNow = writerOf(async () => write(await load()));
    const onEvent = (event: RunEvent) => {
      if ("id" in event) ours.add(event.id);
      return writeNow(event);
    };
    const advised = { goOn: goOnWith(call, sized.trials) };
    const { results, state, code } = await runSweep(call, experiment, options, onEvent, advised);
    tell(call, sized, { results, outcome: await write(results), stoppedBy: state.stoppedBy, store });
    return code;
  } catch (error) {
    // What there is when a search is interrupted is worth having.
    await load()
      .then(write)
      .catch(() => undefined);
    throw error;
  }
}

/** What goes on with the search when it was stopped: the same command would be a new study, or so many more trials. */
function goOnWith({ options: { trials: more, total, resume } }: SearchCall, trials: number): string {
  if (total !== undefined || (resume === true && more === undefined)) return SAME_COMMAND;
  if (more === undefined) return "The same command with --resume goes on from there";
  return `The same command with --total ${trials} in place of --n-trials ${more} goes on from there`;
}

async function withOptions(call: SearchCall, file: SearchFile): Promise<SearchFile> {
  const { study, workers, style } = call.options;
  const searched = Object.keys(file.space);
  const found = await readOverrides(call.args, {
    settings: settingNames(file.settings),
    searched,
    options: Object.values(OPTIONS).map(({ flags }) => /--([a-z-]+)/.exec(flags)![1]!),
  });
  return {
    ...file,
    settings: applyParams(file.settings, found),
    ...(study === undefined ? {} : { study }),
    ...(workers === undefined ? {} : { workers }),
    ...(style === undefined ? {} : { style }),
  };
}

/** The program: what stands after `--`, else that of the file, else what the study was begun with. */
function commandOf(call: SearchCall, file: SearchFile, known: Manifest | undefined): readonly string[] {
  if (call.rest.length > 0) return call.rest;
  if (file.command !== undefined && file.command.length > 0) return file.command;
  const begun = known === undefined ? undefined : storedSearchIn(known.metadata);
  if (begun !== undefined) return begun.command;
  const misplaced =
    file.settings["command"] === undefined ? "" : " The command: of the file stands outside of search:.";
  throw new UsageError(
    `a program is needed, got none.${misplaced} Write command: python train.py below search: in ${file.path}, or -- python train.py at the end.`,
  );
}

/** The file with the number of trials in all, and the lag of the study that it goes on with. */
async function withTrials(
  call: SearchCall,
  file: SearchFile,
  {
    command,
    store,
    known,
  }: { readonly command: readonly string[]; readonly store: Store; readonly known: Manifest | undefined },
): Promise<SearchFile> {
  const { trials: more, total, resume } = call.options;
  if (more !== undefined && total !== undefined)
    throw new UsageError(
      "--n-trials says how many are made, --total how many there are to be; got both. Take one out.",
    );
  const lag = file.lag ?? lagOf(known);
  const same = lag === undefined ? file : { ...file, lag };
  const experiment = searchExperiment(storedSearch(same, command, call.io.cwd), { env: call.io.env });
  const asked = { inFile: file.trials, more, total, isResumed: resume };
  const state = await studyState(experiment, store);
  const trials = trialsInAll(file.study, state, asked);
  if (state.begun === 0 && state.runs > 0) {
    call.note(
      clean(
        `${file.path}: the search or its settings are others than before, so its trials begin anew; ${plural(state.runs, "earlier run")} of ${file.study} stay in the store.`,
      ),
    );
  }
  return { ...same, trials };
}

function lagOf(manifest: Manifest | undefined): number | undefined {
  const lag = manifest?.params["lag"];
  return typeof lag === "number" ? lag : undefined;
}

async function tellPlan(
  call: SearchCall,
  file: SearchFile,
  command: readonly string[],
  store: Store,
): Promise<undefined> {
  const { study, trials, space, objectives } = file;
  call.json({ study, trials, store: store.locator, command, objectives, space: encode(space, "space") });
  call.print(clean(`Study ${study} in ${shown(call, store.locator)}: ${plural(trials, "trial")} in all.`));
  call.print(
    clean(`Objective: ${objectives.map(({ metric, direction }) => `${direction} ${metric}`).join(", ")}.`),
  );
  for (const [name, distribution] of Object.entries(space))
    call.print(clean(`  ${name}: ${show(distribution)}`));
  call.print(clean(`Program: ${command.join(" ")}`));
  return undefined;
}

interface Told {
  readonly results: Results<Params, MetricValues>;
  readonly outcome: StudyOutcome | undefined;
  readonly stoppedBy: string | undefined;
  readonly store: Store;
}

function tell(call: SearchCall, file: SearchFile, { results, outcome, stoppedBy, store }: Told): void {
  const counts = {
    runs: results.length,
    success: results.successful.length,
    pruned: results.filter({ status: "pruned" }).length,
    failed: results.filter({ status: "failed" }).length,
  };
  const { params, value, best, front = [] } = outcome ?? {};
  call.json({
    study: file.study,
    store: store.locator,
    trials: file.trials,
    ...counts,
    ...(stoppedBy === undefined ? {} : { stoppedBy }),
    best: params === undefined ? null : { params: encode(params, "params"), value, config: best },
    ...(front.length === 0 ? {} : { front }),
  });
  call.print(
    clean(
      `Study ${file.study}: ${plural(counts.runs, "run")}, ${counts.success} successful, ${counts.pruned} pruned, ${counts.failed} failed.`,
    ),
  );
  if (stoppedBy !== undefined) call.print(clean(`Stopped by ${stoppedBy}.`));
  const [objective] = file.objectives;
  if (params !== undefined && value !== undefined && objective !== undefined) {
    call.print(clean(`Best ${judgedAs(results, objective.metric)}: ${formatNumber(value)}`));
    for (const [name, one] of Object.entries(params)) call.print(clean(`  ${name}: ${formatValue(one)}`));
  }
  if (best !== undefined)
    call.print(`Written to ${shown(call, best)}; metalab train --config ${shown(call, best)} runs it.`);
  if (front.length > 0)
    call.print(
      `The front: ${plural(front.length, "config")} in ${shown(call, front[0]!.replace(/[^\\/]+$/, ""))}`,
    );
}

/** What the best is the best of: single runs, or trials that have several. */
function judgedAs({ parts }: Told["results"], metric: string): string {
  const { seeds, folds } = parts[0]?.manifest ?? {};
  const over = folds === undefined ? "" : " over folds";
  return `${(seeds?.replicates ?? 1) > 1 ? "mean " : ""}${metric}${over}`;
}

/** A path as people write it: from the folder they are in. */
function shown(call: SearchCall, path: string): string {
  if (!isAbsolute(path)) return path;
  const short = relative(call.io.cwd, path);
  return short.startsWith("..") ? path : short || ".";
}
