import { binomial } from "./binomial.ts";
import {
  beta,
  type Draw,
  f,
  gumbel,
  laplace,
  logistic,
  loguniform,
  noncentralChiSquare,
  noncentralF,
  standardCauchy,
  standardT,
  triangular,
  vonmises,
  wald,
} from "./continuous.ts";
import { geometric, hypergeometric, logseries, negativeBinomial, poisson, zipf } from "./discrete.ts";

/** What a parameter of a distribution must be, as a message says it. */
export interface Need {
  readonly what: string;
  readonly isMet: (value: number) => boolean;
}

/** One parameter of a distribution. */
export interface Parameter {
  readonly name: string;
  readonly need: Need;
  /** What it is when it is not given; `"absent"` may be left out without one; without it must be given. */
  readonly default?: number | "absent";
}

/** A rule between parameters: what is wrong with them, and the parameter to point at. */
export interface Relation {
  readonly parameter: string;
  readonly what: string;
  readonly isMet: (...values: readonly number[]) => boolean;
}

/** A distribution of `numpy.random.RandomState` whose draws are single numbers. */
export interface NumpyDistribution {
  readonly name: string;
  /** Whether its numbers are integers. */
  readonly isInteger: boolean;
  readonly parameters: readonly Parameter[];
  readonly relations: readonly Relation[];
  /** Parameters as written → those that `draw` takes. */
  readonly settle: (values: readonly (number | undefined)[]) => readonly number[];
  readonly draw: Draw;
}

const finite: Need = { what: "a finite number", isMet: Number.isFinite };
const positive: Need = { what: "a finite number above 0", isMet: (x) => x > 0 && Number.isFinite(x) };
const notNegative: Need = { what: "a finite number from 0", isMet: (x) => x >= 0 && Number.isFinite(x) };
const aboveOne: Need = { what: "a finite number above 1", isMet: (x) => x > 1 && Number.isFinite(x) };
const integer: Need = { what: "an integer within ±2^53", isMet: Number.isSafeInteger };
const count: Need = { what: "an integer from 0", isMet: (x) => Number.isSafeInteger(x) && x >= 0 };
const several: Need = { what: "an integer from 1", isMet: (x) => Number.isSafeInteger(x) && x >= 1 };
const share: Need = { what: "a number from 0 to 1", isMet: (x) => x >= 0 && x <= 1 };
const openShare: Need = { what: "a number above 0 and at most 1", isMet: (x) => x > 0 && x <= 1 };
const belowOne: Need = { what: "a number from 0 and below 1", isMet: (x) => x >= 0 && x < 1 };

function one(name: string, need: Need, byDefault?: number | "absent"): Parameter {
  return byDefault === undefined ? { name, need } : { name, need, default: byDefault };
}

const LOC = one("loc", finite, 0);
const SCALE = one("scale", notNegative, 1);
const DF = one("df", positive);
const HIGH_ABOVE_LOW: Relation = {
  parameter: "high",
  what: "must be above low",
  isMet: (low = 0, high = 0) => low < high,
};

interface Extra {
  readonly isInteger?: boolean;
  readonly relations?: readonly Relation[];
  readonly settle?: NumpyDistribution["settle"];
}

function entry(
  name: string,
  parameters: readonly Parameter[],
  draw: Draw,
  extra: Extra = {},
): readonly [string, NumpyDistribution] {
  const { isInteger = false, relations = [], settle = (values) => values as readonly number[] } = extra;
  return [name, { name, isInteger, parameters, relations, settle, draw }];
}

const isInteger = true;
const unit: Draw = (random) => random.double();

/** Every distribution that can be drawn from, by the name that NumPy has for it; `loguniform` is ours. */
export const NUMPY_DISTRIBUTIONS: ReadonlyMap<string, NumpyDistribution> = new Map([
  entry("beta", [one("a", positive), one("b", positive)], beta as Draw),
  entry("binomial", [one("n", count), one("p", share)], binomial as Draw, { isInteger }),
  entry("chisquare", [DF], (random, df) => random.chiSquare(df!)),
  entry("exponential", [one("scale", notNegative, 1)], (random, scale) => scale! * random.exponential()),
  entry("f", [one("dfnum", positive), one("dfden", positive)], f as Draw),
  entry("gamma", [one("shape", notNegative), SCALE], (random, shape, scale) => scale! * random.gamma(shape!)),
  entry("geometric", [one("p", openShare)], geometric as Draw, { isInteger }),
  entry("gumbel", [LOC, SCALE], gumbel as Draw),
  entry(
    "hypergeometric",
    [one("ngood", count), one("nbad", count), one("nsample", several)],
    hypergeometric as Draw,
    {
      isInteger,
      relations: [
        {
          parameter: "nsample",
          what: "must be at most ngood + nbad",
          isMet: (good = 0, bad = 0, sample = 0) => sample <= good + bad,
        },
      ],
    },
  ),
  entry("laplace", [LOC, SCALE], laplace as Draw),
  entry("logistic", [LOC, SCALE], logistic as Draw),
  entry("lognormal", [one("mean", finite, 0), one("sigma", notNegative, 1)], (random, mean, sigma) =>
    Math.exp(mean! + sigma! * random.normal()),
  ),
  entry("logseries", [one("p", belowOne)], logseries as Draw, { isInteger }),
  entry("loguniform", [one("low", positive), one("high", positive)], loguniform as Draw, {
    relations: [
      { ...HIGH_ABOVE_LOW, what: "must be at least low", isMet: (low = 0, high = 0) => low <= high },
    ],
  }),
  entry("negative_binomial", [one("n", positive), one("p", openShare)], negativeBinomial as Draw, {
    isInteger,
  }),
  entry("noncentral_chisquare", [DF, one("nonc", notNegative)], noncentralChiSquare as Draw),
  entry(
    "noncentral_f",
    [one("dfnum", positive), one("dfden", positive), one("nonc", notNegative)],
    noncentralF as Draw,
  ),
  entry("normal", [LOC, SCALE], (random, loc, scale) => loc! + scale! * random.normal()),
  entry("pareto", [one("a", positive)], (random, a) => Math.exp(random.exponential() / a!) - 1),
  entry("poisson", [one("lam", notNegative, 1)], poisson as Draw, { isInteger }),
  entry("power", [one("a", positive)], (random, a) => (1 - Math.exp(-random.exponential())) ** (1 / a!)),
  entry("rand", [], unit),
  entry(
    "randint",
    [one("low", integer), one("high", integer, "absent")],
    (random, low, high) => low! + random.upTo(high! - low! - 1),
    {
      isInteger,
      relations: [HIGH_ABOVE_LOW, spanRelation(1)],
      settle: ([low, high]) => (high === undefined ? [0, low!] : [low!, high]),
    },
  ),
  entry("randn", [], (random) => random.normal()),
  entry("random", [], unit),
  entry("random_integers", [one("low", integer), one("high", integer, "absent")], randomInteger, {
    isInteger,
    relations: [
      { ...HIGH_ABOVE_LOW, what: "must be at least low", isMet: (low = 0, high = 0) => low <= high },
      spanRelation(0),
    ],
    settle: ([low, high]) => (high === undefined ? [1, low!] : [low!, high]),
  }),
  entry("random_sample", [], unit),
  entry(
    "rayleigh",
    [one("scale", notNegative, 1)],
    (random, scale) => scale! * Math.sqrt(-2 * Math.log1p(-random.double())),
  ),
  entry("standard_cauchy", [], standardCauchy),
  entry("standard_exponential", [], (random) => random.exponential()),
  entry("standard_gamma", [one("shape", notNegative)], (random, shape) => random.gamma(shape!)),
  entry("standard_normal", [], (random) => random.normal()),
  entry("standard_t", [DF], standardT as Draw),
  entry("triangular", [one("left", finite), one("mode", finite), one("right", finite)], triangular as Draw, {
    relations: [
      { parameter: "mode", what: "must be at least left", isMet: (left = 0, mode = 0) => left <= mode },
      {
        parameter: "right",
        what: "must be at least mode, and above left",
        isMet: (left = 0, mode = 0, right = 0) => mode <= right && left < right,
      },
    ],
  }),
  entry(
    "uniform",
    [one("low", finite, 0), one("high", finite, 1)],
    (random, low, high) => low! + (high! - low!) * random.double(),
  ),
  entry("vonmises", [one("mu", finite), one("kappa", notNegative)], vonmises as Draw),
  entry("wald", [one("mean", positive), one("scale", positive)], wald as Draw),
  entry("weibull", [one("a", notNegative)], (random, a) => (a === 0 ? 0 : random.exponential() ** (1 / a!))),
  entry("zipf", [one("a", aboveOne)], zipf as Draw, { isInteger }),
]);

function randomInteger(...[random, low, high]: Parameters<Draw>): number {
  return low! + random.upTo(high! - low!);
}

function spanRelation(less: number): Relation {
  return {
    parameter: "high",
    what: "must be fewer than 2^53 above low",
    isMet: (low = 0, high = 0) => Number.isSafeInteger(high - low - less),
  };
}

/** Distributions whose draws are vectors: not values of one flag. */
export const VECTOR_DISTRIBUTIONS: ReadonlySet<string> = new Set([
  "dirichlet",
  "multinomial",
  "multivariate_normal",
]);
