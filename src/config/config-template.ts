import type { DatasetFacts } from "./dataset.ts";
import { PRESETS, type Preset, type PresetName } from "./presets.ts";
import { writeYaml } from "./write-yaml.ts";

/** What a new config file is made from. */
export interface NewConfig {
  /** Name of the dataset, from which study and file are named. */
  readonly name: string;
  readonly preset: PresetName;
  /** Folder or file of the data, as it was given. */
  readonly data: string | undefined;
  readonly facts: DatasetFacts | undefined;
  /** Script that trains, where one is there. */
  readonly script: string | undefined;
  /** Path or URL of the JSON Schema, from the file. */
  readonly schema: string;
}

/** Settings of a model, those that presets search among them. */
const SETTINGS: readonly (readonly [name: string, value: string, about: string])[] = [
  ["model.architecture", "resnet18", ""],
  ["model.dropout", "0.2", ""],
  ["optimizer.name", "sgd", ""],
  ["optimizer.lr", "0.01", "learning rate"],
  ["optimizer.momentum", "0.9", ""],
  ["optimizer.weight_decay", "0.0001", ""],
  ["scheduler.step_size", "10", "epochs between two decays of the learning rate"],
  ["scheduler.gamma", "0.1", "factor of a decay"],
  ["training.batch_size", "32", ""],
  ["training.num_epochs", "10", "fewer make a faster search"],
];

/** The text of a new config file: settings, and a `search:` block over some of them. */
export function configTemplate({ name, preset, data, facts, script, schema }: NewConfig): string {
  const { trials, params, about }: Preset = PRESETS[preset];
  return [
    `# yaml-language-server: $schema=${schema}`,
    "# Settings of your program, and below them how metalab searches for better ones. Rename, add and take out settings:",
    "# your program reads them from the file that it gets as --config.",
    ...dataLines(data, facts),
    ...settingLines(),
    "",
    "search:",
    `  study_name: ${scalar(`${name}_optimization`)}`,
    "  storage: runs               # folder of the results",
    script === undefined
      ? "  # command: python train.py  # the program; or: metalab search -c FILE -- python train.py"
      : `  command: ${scalar(`python ${script}`)}`,
    `  n_trials: ${trials}`,
    '  metric: val_acc             # as the program reports it: print(json.dumps({"step": epoch, "val_acc": acc}))',
    "  direction: maximize         # or minimize, for val_loss",
    "  # workers: 2                # programs at once",
    "",
    "  sampler:",
    "    type: TPESampler          # also auto, GPSampler, CmaEsSampler, RandomSampler, GridSampler",
    "    n_startup_trials: 10      # at random, before it learns",
    "",
    "  pruner:                     # ends runs that fall behind; the program reports each step",
    "    type: MedianPruner        # also PercentilePruner, HyperbandPruner, none",
    "    n_startup_trials: 5",
    "    n_warmup_steps: 5         # steps that every run gets",
    "",
    "  cross_validation:           # for small datasets; the program finds its fold in METALAB_FOLD",
    "    enabled: false",
    "    n_folds: 5",
    "    aggregation: mean",
    "",
    `  # ${preset}: ${about}`,
    "  search_space:",
    ...params.flatMap((param) => [
      `    ${param.name}:  # ${param.about}`,
      ...param.lines.map((line) => `      ${line}`),
    ]),
    "",
  ].join("\n");
}

function dataLines(data: string | undefined, facts: DatasetFacts | undefined): readonly string[] {
  if (data === undefined) return [];
  return [
    "",
    "data:",
    `  path: ${scalar(data)}`,
    ...(facts?.classes === undefined
      ? []
      : [
          `  num_classes: ${facts.classes.length}${facts.classes.length <= 10 ? `  # ${facts.classes.map(plain).join(", ")}` : ""}`,
        ]),
    ...(facts?.columns === undefined
      ? []
      : [
          `  columns: ${scalar(facts.columns)}`,
          `  target: ${scalar(facts.columns.at(-1)!)}  # the last column; correct it`,
        ]),
  ];
}

function settingLines(): readonly string[] {
  let group = "";
  return SETTINGS.flatMap(([name, value, about]) => {
    const [head = "", key] = name.split(".");
    const line = `  ${key}: ${value}${about === "" ? "" : `  # ${about}`}`;
    if (head === group) return [line];
    group = head;
    return ["", `${head}:`, line];
  });
}

function scalar(value: string | readonly string[]): string {
  return writeYaml(value).trimEnd();
}

/** A name inside of a comment. */
function plain(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}
