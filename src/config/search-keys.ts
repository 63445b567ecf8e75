import { PRUNER_SHAPE } from "./pruner-names.ts";
import { SAMPLER_SHAPE } from "./sampler-names.ts";
import { type Key, type Shape, shapes } from "./shape.ts";

const direction: Shape = {
  kind: "word",
  words: { maximize: ["max", "maximise", "up"], minimize: ["min", "minimise", "down"] },
};
const metric: Key = {
  name: "metric",
  also: ["name"],
  about: "a metric that the program reports.",
  shape: shapes.text,
};

/** Everything that `search:` may hold. Order is that of the documentation. */
export const SEARCH_KEYS: readonly Key[] = [
  {
    name: "study",
    also: ["study_name", "name", "experiment"],
    about: "name of the study, under which its results are kept and found again.",
    shape: shapes.text,
    default: "the file's name, without _config",
  },
  {
    name: "version",
    about: "raise it when the meaning of the results changes.",
    shape: shapes.text,
    default: '"1"',
  },
  { name: "description", about: "a sentence for readers.", shape: shapes.text },
  { name: "tags", about: "texts to find the study by.", shape: shapes.list(shapes.text) },
  {
    name: "storage",
    also: ["store"],
    about: "folder of the store. sqlite:///x.db becomes the folder x.",
    shape: shapes.text,
    default: "runs",
  },
  {
    name: "command",
    also: ["program", "cmd"],
    about:
      'the program of one trial and its arguments, as a list or one line: "python train.py". {config}, {params}, {name} stand for what the trial has.',
    shape: shapes.either(
      shapes.text,
      shapes.list(shapes.either(shapes.text, shapes.number(), shapes.flag), 1),
    ),
    default: "what stands after -- on the command line",
  },
  {
    name: "sources",
    about:
      "further files that the program is made of: when one changes, runs made before are stale. The script itself need not be named.",
    shape: shapes.texts,
  },
  {
    name: "style",
    about: "how parameters are written on the program's command line: --a 1, --a=1, a=1, or not at all.",
    shape: shapes.word("flags", "equals", "assign", "json"),
    default: "flags; with settings outside of search the program gets --config FILE alone",
  },
  {
    name: "metrics",
    also: ["metrics_file"],
    about: "a file that the program writes its metrics to: out.json, out.json:path.to.acc.",
    shape: shapes.texts,
  },
  {
    name: "patterns",
    about: "metrics found in the output by a pattern: 'acc=/val acc: ([\\d.]+)/@last'.",
    shape: shapes.texts,
  },
  {
    name: "auto_metrics",
    about: "whether lines such as loss: 0.3 in the output are metrics.",
    shape: shapes.flag,
    default: "false",
  },
  {
    name: "prune_by",
    about: "how a program is told to stop: by a file that appears (METALAB_STOP_FILE) or by SIGTERM.",
    shape: shapes.word("file", "signal"),
    default: "signal",
  },
  {
    name: "n_trials",
    also: ["trials", "max_trials"],
    about: "number of trials.",
    shape: shapes.count,
    default: "50",
  },
  {
    name: "metric",
    about: "what is to be optimized, as the program reports it; a list for several.",
    shape: shapes.texts,
  },
  {
    name: "direction",
    also: ["directions", "mode", "goal"],
    about: "which way is better; a list for several metrics.",
    shape: shapes.either(direction, shapes.list(direction, 1)),
    default: "minimize",
  },
  {
    name: "objectives",
    also: ["objective"],
    about: "in place of metric and direction: a map of metrics and directions, or a list of both.",
    shape: shapes.either(
      shapes.map(direction),
      shapes.list(
        shapes.record(
          { ...metric, required: true },
          {
            name: "direction",
            also: ["goal"],
            about: "which way is better.",
            shape: direction,
            required: true,
          },
        ),
        1,
      ),
    ),
  },
  {
    name: "constraints",
    about: "bounds on metrics that a solution has to keep: { latency_ms: { at_most: 50 } }.",
    shape: shapes.map(
      shapes.record(
        { name: "at_most", also: ["upper"], about: "largest value that is allowed.", shape: shapes.number() },
        {
          name: "at_least",
          also: ["lower"],
          about: "smallest value that is allowed.",
          shape: shapes.number(),
        },
      ),
    ),
  },
  { name: "sampler", about: "what proposes the next trial.", shape: SAMPLER_SHAPE, default: "auto" },
  { name: "pruner", about: "what stops trials early.", shape: PRUNER_SHAPE, default: "none" },
  {
    name: "seed",
    about: "seed of the search and of its runs, a whole number or text.",
    shape: shapes.either(shapes.integer(Number.MIN_SAFE_INTEGER), shapes.text),
    default: "0",
  },
  {
    name: "replicates",
    also: ["repeats"],
    about: "how often each trial is repeated, with seeds of its own.",
    shape: shapes.count,
    default: "1",
  },
  {
    name: "race",
    about: "whether the replicates of a trial that is shown to be worse are saved.",
    shape: shapes.flag,
    default: "false",
  },
  {
    name: "start",
    also: ["enqueue", "enqueue_trials", "initial_points"],
    about: "points to try first, such as known good ones.",
    shape: shapes.list(shapes.map(shapes.any)),
  },
  {
    name: "cross_validation",
    also: ["cv", "folds"],
    about: "each trial is run once for each fold; the program finds its fold in METALAB_FOLD.",
    shape: shapes.record(
      { name: "enabled", about: "whether it is done.", shape: shapes.flag, default: "true" },
      {
        name: "n_folds",
        also: ["folds", "count", "k"],
        about: "number of folds.",
        shape: shapes.integer(2),
        default: "5",
      },
      {
        name: "aggregation",
        also: ["aggregate"],
        about: "how the values of the folds become one.",
        shape: { kind: "word", words: { mean: ["average", "avg"], median: [], min: [], max: [] } },
        default: "mean",
      },
    ),
  },
  {
    name: "workers",
    also: ["n_jobs", "concurrency", "parallel"],
    about: "programs that run at once.",
    shape: shapes.count,
    default: "1",
  },
  {
    name: "lag",
    about:
      "trials that may be under way at once while each trial is told the same whatever the number of workers.",
    shape: shapes.count,
    default: "the number of workers",
  },
  {
    name: "schedule",
    about: "ordered: the same trials come out however long runs take. async: no worker waits.",
    shape: shapes.word("ordered", "async"),
    default: "ordered",
  },
  {
    name: "warm_start",
    about: "whether the search learns from runs of the study that the store had when it began.",
    shape: shapes.flag,
    default: "true",
  },
  { name: "timeout", also: ["run_timeout"], about: "longest that one run may take.", shape: shapes.time },
  { name: "memory", about: "memory that one run may occupy.", shape: shapes.memory },
  {
    name: "retries",
    about: "how often a failed run is tried again.",
    shape: shapes.integer(0),
    default: "0",
  },
  { name: "max_failures", about: "failed runs after which the search is stopped.", shape: shapes.count },
  {
    name: "budget",
    about: "what the whole search may use up.",
    shape: shapes.record(
      { name: "time", also: ["timeout"], about: "time from its start.", shape: shapes.time },
      { name: "runs", about: "number of runs.", shape: shapes.count },
      {
        name: "cost",
        about: "sum of the metric cost; a map for several units: { usd: 5 }.",
        shape: shapes.either(shapes.number({ above: 0 }), shapes.map(shapes.number({ above: 0 }))),
      },
    ),
  },
  {
    name: "search_space",
    also: ["space", "parameters", "params"],
    about:
      "dotted names of settings, and the values that each may take: a distribution, or a list to choose from.",
    shape: shapes.map(shapes.any),
    required: true,
  },
];
