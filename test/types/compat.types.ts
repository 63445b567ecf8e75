import { expectTypeOf } from "vitest";
import { BayesianSearch } from "../../src/compat/bayesian-search.ts";
import { GridSearch } from "../../src/compat/grid-search.ts";
import { RandomSearch } from "../../src/compat/random-search.ts";
import { Categorical, Integer, Real } from "../../src/space/distribution.ts";
import type { Space } from "../../src/space/space.ts";
import { when } from "../../src/space/when.ts";

const base = { training: { lr: 0.1, epochs: 5 }, model: "cnn" };

// The configuration has the shape of the base, and the undotted names that it did not have.
const random = new RandomSearch(base, {
  "training.lr": Real(1e-5, 1),
  optimizer: Categorical(["adam", "sgd"]),
  layers: Integer(1, 3),
  momentum: when({ optimizer: "sgd" }, Real(0, 1)),
  kind: ["a", "b"],
});
const [config, score] = await random.run((given) => {
  expectTypeOf(given.training).toEqualTypeOf<{ lr: number; epochs: number }>();
  expectTypeOf(given.optimizer).toEqualTypeOf<"adam" | "sgd">();
  expectTypeOf(given.layers).toEqualTypeOf<number>();
  expectTypeOf(given.momentum).toEqualTypeOf<number | undefined>();
  expectTypeOf(given.kind).toEqualTypeOf<"a" | "b">();
  return { val_loss: given.training.lr };
});
expectTypeOf(config.model).toEqualTypeOf<string>();
expectTypeOf(score).toEqualTypeOf<number>();

// A function of the base configuration's type fits a space that is only known to be one.
declare const space: Space;
const trainFn = async ({ training }: typeof base) => ({ val_loss: training.lr, train_loss: 1 });
await new BayesianSearch(base, space, { nTrials: 20, acquisition: "pi" }).run({ trainFn, nJobs: -1 });
await new GridSearch({ baseConfig: base, searchSpace: { "training.lr": [1, 2] } }).run(trainFn);

// @ts-expect-error metrics are scalars
await random.run(() => ({ val_loss: [1] }));
// @ts-expect-error a training function takes the configuration
await random.run(({ trainig }) => ({ val_loss: trainig }));
// @ts-expect-error there is no such acquisition
new BayesianSearch(base, space, { acquisition: "ucb" });
// @ts-expect-error a grid has no number of trials
new GridSearch(base, { model: ["a"] }, { nTrials: 5 });
// @ts-expect-error names are camelCase
new RandomSearch({ baseConfig: base, searchSpace: space, n_trials: 5 });
// @ts-expect-error the number of processes is nJobs
await random.run(trainFn, { workers: 2 });
