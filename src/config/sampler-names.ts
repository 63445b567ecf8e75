import { type Key, shapes, type VariantsShape } from "./shape.ts";

const startupTrials: Key = {
  name: "startupTrials",
  also: ["n_startup_trials", "n_initial_points", "initialPoints"],
  about: "trials at random before the search learns.",
  shape: shapes.count,
};

/** What samplers elsewhere have and ours do without. */
const IGNORED = [
  "multivariate",
  "group",
  "constant_liar",
  "consider_prior",
  "prior_weight",
  "consider_magic_clip",
  "consider_endpoints",
  "warn_independent_sampling",
  "independent_sampler",
  "sigma0",
  "x0",
  "source_trials",
  "scramble",
  "qmc_type",
  "mutation_prob",
  "crossover",
  "crossover_prob",
  "swapping_prob",
  "deterministic_objective",
  "search_space",
];

/** Samplers by the names that files use. */
export const SAMPLER_SHAPE: VariantsShape = {
  kind: "variants",
  what: "a sampler",
  shared: [{ name: "seed", about: "seed of the search.", shape: shapes.any }],
  variants: [
    {
      name: "auto",
      also: ["AutoSampler"],
      about: "takes turns between gp, cmaes and tpe.",
      keys: [],
      ignored: IGNORED,
    },
    {
      name: "tpe",
      also: ["TPESampler"],
      about: "Tree-structured Parzen Estimator.",
      keys: [
        startupTrials,
        {
          name: "candidates",
          also: ["n_ei_candidates"],
          about: "candidates from which each proposal is chosen.",
          shape: shapes.count,
        },
      ],
      ignored: IGNORED,
    },
    {
      name: "gp",
      also: ["GPSampler", "bayesian", "GaussianProcess"],
      about: "Gaussian process.",
      keys: [
        startupTrials,
        {
          name: "acquisition",
          also: ["acquisition_function"],
          about: "what the next trial maximizes.",
          shape: shapes.word("logei", "ei", "lcb", "pi"),
        },
      ],
      ignored: IGNORED,
    },
    {
      name: "cmaes",
      also: ["CmaEsSampler", "cma"],
      about: "Covariance Matrix Adaptation Evolution Strategy, for continuous parameters.",
      keys: [
        startupTrials,
        {
          name: "population",
          also: ["popsize", "population_size"],
          about: "trials of a generation.",
          shape: shapes.count,
        },
        {
          name: "restarts",
          also: ["restart_strategy"],
          about: "how it begins anew.",
          shape: shapes.word("bipop", "ipop", "none"),
        },
        { name: "surrogate", about: "whether a model screens the proposals.", shape: shapes.flag },
      ],
      ignored: IGNORED,
    },
    {
      name: "nsga2",
      also: ["NSGAIISampler", "NSGA-II"],
      about: "for several objectives.",
      keys: [
        {
          name: "population",
          also: ["population_size"],
          about: "trials of a generation.",
          shape: shapes.count,
        },
        { name: "surrogate", about: "whether a model screens the proposals.", shape: shapes.flag },
      ],
      ignored: IGNORED,
    },
    {
      name: "random",
      also: ["RandomSampler", "random_search"],
      about: "pure random search.",
      keys: [],
      ignored: IGNORED,
    },
    {
      name: "grid",
      also: ["GridSampler", "BruteForceSampler", "grid_search"],
      about: "every combination.",
      keys: [
        {
          name: "points",
          about:
            "values that a continuous parameter is given: one count for all, or a map of counts by parameter.",
          shape: shapes.either(shapes.count, shapes.map(shapes.count)),
        },
      ],
      ignored: IGNORED,
    },
    {
      name: "sobol",
      also: ["QMCSampler", "quasirandom"],
      about: "points that fill the space evenly.",
      keys: [],
      ignored: IGNORED,
    },
  ],
};

/** The checked options of a sampler as its function has them. */
export function samplerDescription(checked: Readonly<Record<string, unknown>>): {
  readonly sampler: Readonly<Record<string, unknown>>;
  readonly seed: unknown;
} {
  const { seed, startupTrials: startup, ...rest } = checked;
  if (startup === undefined) return { sampler: rest, seed };
  return { sampler: { ...rest, [rest["name"] === "gp" ? "initialPoints" : "startupTrials"]: startup }, seed };
}
