import { readSearchFile, type SearchFile } from "../../config/search-file.ts";
import { hasSearch, readSettings } from "../../config/search-text.ts";
import { applyParams } from "../../experiment/params.ts";
import { encode } from "../../identity/canonical.ts";
import { formatValue } from "../../results/text.ts";
import { openStore } from "../../store/locator.ts";
import { ARGUMENT_STYLES } from "../../sweep/arguments.ts";
import { readOverrides, settingNames } from "../../sweep/search/overrides.ts";
import type { ConfiguredProgram } from "../../sweep/search/search-experiment.ts";
import { trainExperiment } from "../../sweep/search/train-experiment.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { readConfig, storeFor } from "../config-file.ts";
import type { ExitCode } from "../exit-codes.ts";
import { flag, oneOf, text } from "../options.ts";
import { clean } from "../screen.ts";
import { runSweep } from "../sweep.ts";

const OPTIONS = {
  config: text("-c, --config <file>", "the config file"),
  name: text(
    "--name <name>",
    "experiment that the run belongs to (default: the study of the file, with -train)",
  ),
  style: oneOf(
    "--style <style>",
    "write the settings given here for the program in this style too",
    ARGUMENT_STYLES,
  ),
  again: flag("--again", "run it though the store has this very run"),
  store: text("--store <folder>", "the store (default: that of the file, else $METALAB_STORE, else ./runs)"),
};

type TrainCall = Call<typeof OPTIONS>;

/** `metalab train` */
export const train = defineCommand({
  args: [["[settings...]", "settings of the file that get other values: --lr 0.01, optimizer.lr=0.01"]],
  takesSettings: true,
  storeless: true,
  afterDashes: "<program...>",
  about: [
    "Runs the program once with the settings of a config file, and keeps the run like any other. What the search: block",
    "says of the program and its metrics holds here too; the program itself gets a file without that block.",
  ].join(" "),
  options: OPTIONS,
  examples: [
    ["train -c configs/my_config.yaml -- python train.py", "one run with the settings of the file"],
    ["train -c configs/my_config.yaml --lr 0.01 --batch_size 64", "with two settings changed"],
    ["train -c runs/studies/my_study/best_config.yaml", "with the best settings of a search"],
  ],
  run: carryOutTraining,
});

async function carryOutTraining(call: TrainCall): Promise<ExitCode | undefined> {
  const { text: written, path } = readConfig(call, call.options.config);
  const file = (await hasSearch(written, path)) ? await readSearchFile(written, path) : undefined;
  const settings = file?.settings ?? (await readSettings(written, path));
  const overrides = await readOverrides(call.args, {
    settings: settingNames(settings),
    searched: [],
    options: Object.values(OPTIONS).map(({ flags }) => /--([a-z-]+)/.exec(flags)![1]!),
  });
  const { name = file === undefined ? stemOf(path) : `${file.study}-train`, style = file?.style } =
    call.options;
  const experiment = trainExperiment(
    {
      format: 1,
      kind: "train",
      name,
      search: {
        ...sourcesOf(file),
        path,
        settings: applyParams(settings, overrides),
        ...(style === undefined ? {} : { style }),
      },
      shown: [...new Set([...Object.keys(file?.space ?? {}), ...Object.keys(overrides)])],
      seed: file?.seed ?? 0,
      command: commandOf(call, file, path),
      cwd: call.io.cwd,
    },
    { env: call.io.env, ...(call.isJson ? {} : { onLine: ({ text: line }) => call.print(clean(line)) }) },
  );
  const store = openStore(storeFor(call, call.options.store, file));
  const { results, state, code } = await runSweep(call, experiment, {
    store,
    progress: call.isJson ? "none" : "auto",
    ...(call.options.again ? { resume: false } : {}),
    ...(file?.timeout === undefined ? {} : { timeout: file.timeout }),
  });
  const [one] = results;
  if (one === undefined) return code;
  const { id, status, params, metrics } = one;
  call.json({
    experiment: name,
    store: store.locator,
    id,
    status,
    cached: state.cached > 0,
    params: encode(params, "params"),
    metrics,
  });
  if (state.cached > 0) call.print("The store has this run already; --again runs it anew.");
  if (one.error !== undefined) call.print(clean(one.error.message));
  for (const [metric, value] of Object.entries(metrics))
    call.print(clean(`${metric}: ${formatValue(value)}`));
  call.print(clean(`Run ${id.slice(0, 12)} of ${name}: ${status}.`));
  return code;
}

/** What a file says of the program, apart from its command and settings. */
function sourcesOf(file: SearchFile | undefined): Omit<ConfiguredProgram, "path" | "settings"> {
  const { sources = [], metrics = [], patterns = [], autoMetrics = false, objectives = [] } = file ?? {};
  const limit = file?.memory === undefined ? {} : { memory: file.memory };
  return { sources, metrics, patterns, autoMetrics, objectives, ...limit };
}

function commandOf(call: TrainCall, file: SearchFile | undefined, path: string): readonly string[] {
  if (call.rest.length > 0) return call.rest;
  if (file?.command !== undefined && file.command.length > 0) return file.command;
  throw new UsageError(
    `a program is needed, got none. Write -- python train.py at the end, or command: python train.py below search: in ${path}.`,
  );
}

function stemOf(path: string): string {
  return path.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "");
}
