import {
  choice,
  type Distribution,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  uniform,
} from "../space/distribution.ts";
import { type Key, shapes, type VariantsShape } from "./shape.ts";

const low = (shape = shapes.number()): Key => ({
  name: "low",
  also: ["min", "from"],
  about: "smallest value.",
  shape,
  required: true,
});
const high = (shape = shapes.number()): Key => ({
  name: "high",
  also: ["max", "to"],
  about: "largest value, included.",
  shape,
  required: true,
});
const step = (shape = shapes.number({ above: 0 })): Key => ({
  name: "step",
  also: ["q"],
  about: "distance between neighbouring values.",
  shape,
});
const log: Key = {
  name: "log",
  about: "whether all orders of magnitude are equally likely.",
  shape: shapes.flag,
  default: "false",
};
const whole = shapes.integer(Number.MIN_SAFE_INTEGER);

/** Distributions by the names that files use. */
export const DISTRIBUTION_SHAPE: VariantsShape = {
  kind: "variants",
  what: "a distribution",
  shared: [
    {
      name: "when",
      also: ["condition", "if"],
      about: "other parameters and the values of theirs at which this one exists: { optimizer: sgd }.",
      shape: shapes.map(shapes.any),
    },
  ],
  variants: [
    {
      name: "categorical",
      also: ["choice", "CategoricalDistribution", "choose"],
      about: "one of some values.",
      keys: [
        {
          name: "choices",
          also: ["values", "options"],
          about: "a list of the values.",
          shape: shapes.list(shapes.any, 1),
          required: true,
        },
      ],
    },
    {
      name: "uniform",
      also: [
        "float",
        "real",
        "suggest_float",
        "FloatDistribution",
        "UniformDistribution",
        "discrete_uniform",
        "quniform",
      ],
      about: "any number of a range.",
      keys: [low(), high(), step(), log],
    },
    {
      name: "loguniform",
      also: ["log_float", "LogUniformDistribution", "log_uniform_values", "qloguniform", "reciprocal"],
      about: "any number of a range, all orders of magnitude equally likely.",
      keys: [low(), high(), step(), log],
    },
    {
      name: "int",
      also: ["integer", "suggest_int", "IntDistribution", "int_uniform", "IntUniformDistribution", "qint"],
      about: "an integer of a range, both ends included.",
      keys: [low(whole), high(whole), step(shapes.count), log],
    },
    {
      name: "logint",
      also: ["int_log", "log_int", "IntLogUniformDistribution", "int_loguniform"],
      about: "an integer of a range, all orders of magnitude equally likely.",
      keys: [low(whole), high(whole), step(shapes.count), log],
    },
    {
      name: "normal",
      also: ["gaussian", "qnormal"],
      about: "a normally distributed number.",
      keys: [
        { name: "mean", also: ["mu", "loc"], about: "its mean.", shape: shapes.number(), required: true },
        {
          name: "sd",
          also: ["sigma", "std", "scale"],
          about: "its standard deviation.",
          shape: shapes.number({ above: 0 }),
          required: true,
        },
        step(),
      ],
    },
    {
      name: "lognormal",
      also: ["log_normal", "qlognormal"],
      about: "a number whose natural logarithm is normally distributed.",
      keys: [
        {
          name: "mu",
          also: ["mean"],
          about: "mean of the logarithm.",
          shape: shapes.number(),
          required: true,
        },
        {
          name: "sigma",
          also: ["sd", "std"],
          about: "standard deviation of the logarithm.",
          shape: shapes.number({ above: 0 }),
          required: true,
        },
        step(),
      ],
    },
  ],
};

interface Range {
  readonly low: number;
  readonly high: number;
  readonly step?: number;
  readonly log?: boolean;
}

/**
 * The distribution of a checked entry.
 *
 * @throws {@link DefinitionError} a METALAB_SPACE_… code, as its function does.
 */
export function distributionOf(checked: Readonly<Record<string, unknown>>): Distribution {
  const stepped = checked["step"] === undefined ? {} : { step: checked["step"] as number };
  const range = checked as unknown as Range;
  switch (checked["name"]) {
    case "uniform":
      return (range.log === true ? loguniform : uniform)(range.low, range.high, stepped);
    case "loguniform":
      return loguniform(range.low, range.high, stepped);
    case "int":
      return (range.log === true ? logint : int)(range.low, range.high, stepped);
    case "logint":
      return logint(range.low, range.high, stepped);
    case "normal":
      return normal(checked["mean"] as number, checked["sd"] as number, stepped);
    case "lognormal":
      return lognormal(checked["mu"] as number, checked["sigma"] as number, stepped);
    default:
      return choice(checked["choices"] as readonly unknown[]);
  }
}
