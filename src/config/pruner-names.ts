import { type Key, shapes, type VariantsShape } from "./shape.ts";

const startupTrials: Key = {
  name: "startupTrials",
  also: ["n_startup_trials"],
  about: "trials that have to be complete before any is stopped.",
  shape: shapes.integer(0),
  default: "5",
};
const warmupSteps: Key = {
  name: "warmupSteps",
  also: ["n_warmup_steps"],
  about: "first step at which a run may be stopped.",
  shape: shapes.integer(0),
  default: "0",
};
const intervalSteps: Key = {
  name: "intervalSteps",
  also: ["interval_steps"],
  about: "steps between checks.",
  shape: shapes.count,
  default: "1",
};
const reductionFactor: Key = {
  name: "reductionFactor",
  also: ["reduction_factor", "eta"],
  about: "of so many the best one goes on.",
  shape: shapes.integer(2),
};
const resource = shapes.either(shapes.number({ above: 0 }), shapes.word("auto"));

/** What pruners elsewhere have and ours do without. */
const IGNORED = ["n_min_trials", "bootstrap_count"];

const SIMPLE: VariantsShape = {
  kind: "variants",
  what: "a pruner",
  variants: [
    {
      name: "median",
      also: ["MedianPruner", "MedianStoppingRule"],
      about: "stops a run that is worse than the median of the others at its step.",
      keys: [startupTrials, warmupSteps, intervalSteps],
      ignored: IGNORED,
    },
    {
      name: "percentile",
      also: ["PercentilePruner"],
      about: "stops a run that is not among the best of the others at its step.",
      keys: [
        {
          name: "keep",
          also: ["percentile"],
          about: "percentage that goes on: with 25, the best quarter.",
          shape: shapes.number({ least: 0, most: 100 }),
          default: "25",
        },
        startupTrials,
        warmupSteps,
        intervalSteps,
      ],
      ignored: IGNORED,
    },
    {
      name: "hyperband",
      also: ["HyperbandPruner"],
      about: "several brackets of successive halving side by side.",
      keys: [
        {
          name: "minResource",
          about: "step of the first rung.",
          shape: shapes.number({ above: 0 }),
          default: "1",
        },
        { name: "maxResource", about: "last step of a run.", shape: resource, default: "auto" },
        reductionFactor,
      ],
      ignored: IGNORED,
    },
    {
      name: "successiveHalving",
      also: ["SuccessiveHalvingPruner", "asha"],
      about: "at rungs of growing steps only the best go on.",
      keys: [
        { name: "minResource", about: "step of the first rung.", shape: resource, default: "auto" },
        reductionFactor,
        {
          name: "minEarlyStoppingRate",
          about: "rungs at the lower end that are left out.",
          shape: shapes.integer(0),
          default: "0",
        },
      ],
      ignored: IGNORED,
    },
    {
      name: "threshold",
      also: ["ThresholdPruner"],
      about: "stops a run whose metric leaves a range.",
      keys: [
        { name: "lower", about: "stopped when the metric is below it.", shape: shapes.number() },
        { name: "upper", about: "stopped when the metric is above it.", shape: shapes.number() },
        warmupSteps,
        intervalSteps,
      ],
      ignored: IGNORED,
    },
    {
      name: "wilcoxon",
      also: ["WilcoxonPruner"],
      about: "compares with the best trial step by step.",
      keys: [
        {
          name: "pThreshold",
          about: "level of the test.",
          shape: shapes.number({ above: 0, most: 1 }),
        },
        {
          name: "startupSteps",
          also: ["n_startup_steps"],
          about: "steps before the first check.",
          shape: shapes.integer(0),
        },
      ],
      ignored: IGNORED,
    },
    { name: "none", also: ["NopPruner", "off"], about: "stops nothing.", keys: [], ignored: IGNORED },
  ],
};

/** Pruners by the names that files use. */
export const PRUNER_SHAPE: VariantsShape = {
  ...SIMPLE,
  variants: [
    ...SIMPLE.variants,
    {
      name: "patient",
      also: ["PatientPruner"],
      about: "stops a run only when it has not improved for a while.",
      keys: [
        {
          name: "patience",
          about: "reports without improvement that are granted.",
          shape: shapes.integer(0),
          required: true,
        },
        {
          name: "minDelta",
          about: "what counts as no improvement.",
          shape: shapes.number({ least: 0 }),
          default: "0",
        },
        { name: "pruner", also: ["wrapped_pruner"], about: "another one that has to agree.", shape: SIMPLE },
      ],
      ignored: IGNORED,
    },
  ],
};

/** The checked options of a pruner as its function has them; `undefined` for none. */
export function prunerDescription(
  checked: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  if (checked["name"] === "none") return undefined;
  if (checked["name"] === "percentile") return { keep: 25, ...checked };
  const { pruner, ...rest } = checked;
  if (pruner === undefined) return checked;
  const inner = prunerDescription(pruner as Readonly<Record<string, unknown>>);
  return inner === undefined ? rest : { ...rest, pruner: inner };
}
