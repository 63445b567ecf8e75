/** A parameter of a preset: its name, and what is written after it. */
export interface PresetParam {
  readonly name: string;
  readonly lines: readonly string[];
  readonly about: string;
}

/** A search space for training networks. */
export interface Preset {
  readonly about: string;
  readonly trials: number;
  readonly params: readonly PresetParam[];
}

const range = (type: string, low: string, high: string): readonly string[] => [
  `type: ${type}`,
  `low: ${low}`,
  `high: ${high}`,
];
const choices = (...values: readonly string[]): readonly string[] => [
  "type: categorical",
  `choices: [${values.join(", ")}]`,
];

const lr = (low: string, high: string): PresetParam => ({
  name: "optimizer.lr",
  lines: range("loguniform", low, high),
  about: "what matters most; orders of magnitude are equally likely",
});
const batchSize = (...sizes: readonly string[]): PresetParam => ({
  name: "training.batch_size",
  lines: choices(...sizes),
  about: "what fits into memory",
});

/** The presets of `metalab init`. */
export const PRESETS = {
  conservative: {
    about: "fast: what matters most, in a range where it seldom goes wrong",
    trials: 20,
    params: [lr("1.0e-4", "1.0e-2"), batchSize("32", "64")],
  },
  comprehensive: {
    about: "thorough: optimizer and scheduler too; needs more trials",
    trials: 100,
    params: [
      lr("1.0e-5", "1.0e-1"),
      batchSize("16", "32", "64", "128"),
      {
        name: "optimizer.momentum",
        lines: range("uniform", "0.8", "0.99"),
        about: "how long gradients are remembered",
      },
      {
        name: "optimizer.weight_decay",
        lines: range("loguniform", "1.0e-6", "1.0e-2"),
        about: "regularization",
      },
      {
        name: "scheduler.step_size",
        lines: range("int", "5", "20"),
        about: "epochs between two decays of the learning rate",
      },
      { name: "scheduler.gamma", lines: range("uniform", "0.1", "0.5"), about: "factor of a decay" },
    ],
  },
  architecture: {
    about: "which model, with its dropout and learning rate",
    trials: 50,
    params: [
      {
        name: "model.architecture",
        lines: choices("resnet18", "resnet34", "resnet50", "efficientnet_b0"),
        about: "leave out what is too large for your memory",
      },
      { name: "model.dropout", lines: range("uniform", "0.1", "0.5"), about: "regularization" },
      lr("1.0e-5", "1.0e-2"),
    ],
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** Name of a preset. */
export type PresetName = keyof typeof PRESETS;

/** Names of the presets. */
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];
