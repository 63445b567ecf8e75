import { expectTypeOf } from "vitest";
import { type DirectoryInput, directory, type FileInput, file } from "../../src/experiment/context.ts";
import { Experiment, type MetricsOf, type ParamsOf } from "../../src/experiment/experiment.ts";
import type { OperationInput } from "../../src/experiment/operation.ts";
import { applyParams } from "../../src/experiment/params.ts";
import { seeds } from "../../src/experiment/seeds.ts";
import type { ParamSource } from "../../src/experiment/source.ts";
import { concat, grid, manual, product, random, sample } from "../../src/experiment/sources.ts";
import { maximize, minimize } from "../../src/search/objective.ts";
import { choice, loguniform, uniform } from "../../src/space/distribution.ts";
import { when } from "../../src/space/space.ts";

// Everything is inferred from a plain literal.
const plain = new Experiment({
  name: "plain",
  version: "0.1",
  tags: ["a"],
  metadata: { search_type: "grid" },
  params: grid({
    lr: [0.001, 0.01],
    optimizer: ["sgd", "adam"],
    nesterov: [true, false],
    layers: [[32], [64, 64]],
  }),
  seeds: seeds({ base: 42, replicates: 3 }),
  operation: ({ params, seeds, trial, context, fold, signal }) => {
    expectTypeOf(params.lr).toEqualTypeOf<number>();
    expectTypeOf(params.optimizer).toEqualTypeOf<"sgd" | "adam">();
    expectTypeOf(params.nesterov).toEqualTypeOf<boolean>();
    expectTypeOf(params.layers).toExtend<readonly number[]>();
    expectTypeOf(context).toEqualTypeOf<undefined>();
    expectTypeOf(fold).toEqualTypeOf<number | undefined>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf(trial.number).toEqualTypeOf<number>();
    // @ts-expect-error there is no such param
    params.learningRate;
    // @ts-expect-error params cannot be written to
    params.lr = 1;
    return { loss: seeds.rng().next(), name: "x", ok: true };
  },
  objective: minimize("loss"),
});
expectTypeOf<MetricsOf<typeof plain>>().toEqualTypeOf<{ loss: number; name: string; ok: boolean }>();
expectTypeOf<Omit<ParamsOf<typeof plain>, "layers">>().toEqualTypeOf<{
  readonly lr: number;
  readonly optimizer: "sgd" | "adam";
  readonly nesterov: boolean;
}>();
expectTypeOf<keyof ParamsOf<typeof plain>>().toEqualTypeOf<"lr" | "optimizer" | "nesterov" | "layers">();

// Any experiment is an Experiment.
const some: Experiment = plain;
const list: readonly Experiment[] = [plain];
expectTypeOf(some.params).toEqualTypeOf<ParamSource>();
expectTypeOf(list).toEqualTypeOf<readonly Experiment[]>();

// A function over experiments infers their parts.
declare function takes<P, M, C>(
  experiment: Experiment<P & Readonly<Record<string, unknown>>, M, C>,
): { readonly params: P; readonly metrics: M };
expectTypeOf(takes(plain).metrics).toEqualTypeOf<{ loss: number; name: string; ok: boolean }>();
expectTypeOf(takes(plain).params.lr).toEqualTypeOf<number>();

// Asynchronous operations, several objectives.
const asynchronous = new Experiment({
  name: "async",
  params: random({ space: { lr: loguniform(1e-4, 1), kind: choice(["a", "b"]) }, trials: 3 }),
  operation: async ({ params }) => {
    expectTypeOf(params.lr).toEqualTypeOf<number>();
    expectTypeOf(params.kind).toEqualTypeOf<"a" | "b">();
    await Promise.resolve();
    return { loss: params.lr, accuracy: 1 };
  },
  objective: [minimize("loss"), maximize("accuracy")],
});
expectTypeOf<MetricsOf<typeof asynchronous>>().toEqualTypeOf<{ loss: number; accuracy: number }>();

// An objective names a metric that is returned, or says that it is captured.
new Experiment({
  name: "typo",
  params: grid({ lr: [1] }),
  operation: () => ({ loss: 1 }),
  // @ts-expect-error the operation returns no such metric
  objective: minimize("typo"),
});
new Experiment({
  name: "typo",
  params: grid({ lr: [1] }),
  operation: async () => ({ loss: 1 }),
  // @ts-expect-error the operation returns no such metric
  objective: [minimize("loss"), maximize("typo")],
});
new Experiment({
  name: "captured",
  params: grid({ lr: [1] }),
  operation: () => ({ loss: 1 }),
  objective: [minimize("loss"), minimize("val_loss", { captured: true })],
});
new Experiment({
  name: "captured",
  params: grid({ lr: [1] }),
  operation: ({ capture }) => {
    capture.metric("loss", 1);
  },
  objective: minimize("loss"),
});
new Experiment({
  name: "captured",
  params: grid({ lr: [1] }),
  operation: async ({ capture }) => {
    capture.metric("loss", 1);
  },
  objective: minimize("loss"),
});

// An early return of nothing does not loosen the names.
new Experiment({
  name: "early",
  params: grid({ lr: [1] }),
  operation: ({ params }) => {
    if (params.lr > 1) return;
    return { loss: 1 };
  },
  objective: minimize("loss"),
});
new Experiment({
  name: "early",
  params: grid({ lr: [1] }),
  operation: ({ params }) => {
    if (params.lr > 1) return;
    return { loss: 1 };
  },
  // @ts-expect-error the operation returns no such metric
  objective: minimize("typo"),
});

// Metrics are scalars.
new Experiment({
  name: "nested",
  params: grid({ lr: [1] }),
  // @ts-expect-error a metric is a scalar
  operation: () => ({ loss: { train: 1, test: 2 } }),
});
new Experiment({
  name: "nested",
  params: grid({ lr: [1] }),
  // @ts-expect-error a metric is a scalar
  operation: async () => ({ losses: [1, 2] }),
});
new Experiment({
  name: "number",
  params: grid({ lr: [1] }),
  // @ts-expect-error a metric has a name
  operation: () => 0.5,
});
new Experiment({
  name: "text",
  params: grid({ lr: [1] }),
  // @ts-expect-error a metric has a name
  operation: async () => "done",
});
interface Scores {
  readonly loss: number;
  readonly accuracy: number;
}
const scores = (): Scores => ({ loss: 1, accuracy: 1 });
const withInterface = new Experiment({
  name: "interface",
  params: grid({ lr: [1] }),
  operation: () => scores(),
  objective: maximize("accuracy"),
});
expectTypeOf<MetricsOf<typeof withInterface>>().toEqualTypeOf<Scores>();

// An operation written elsewhere must fit the params.
const elsewhere = ({ params }: OperationInput<{ readonly lr: number }>) => ({ loss: params.lr });
new Experiment({
  name: "elsewhere",
  params: grid({ lr: [0.1, 1] }),
  operation: elsewhere,
  objective: minimize("loss"),
});
// @ts-expect-error the operation wants a param that the source does not have
new Experiment({ name: "elsewhere", params: grid({ rate: [0.1, 1] }), operation: elsewhere });

// Defaults are params as well.
const defaulted = new Experiment({
  name: "defaults",
  params: grid({ lr: [0.1], model: ["cnn", "mlp"], depth: when({ model: "cnn" }, [3, 5]) }),
  defaults: { wd: 0, depth: 1 },
  operation: ({ params }) => {
    expectTypeOf(params.wd).toEqualTypeOf<number>();
    expectTypeOf(params.depth).toEqualTypeOf<number>();
    expectTypeOf(params.lr).toEqualTypeOf<number>();
    // @ts-expect-error there is no such param
    params.weightDecay;
    return { loss: params.wd };
  },
});
expectTypeOf<ParamsOf<typeof defaulted>["wd"]>().toEqualTypeOf<number>();

// A conditional param is optional.
new Experiment({
  name: "conditional",
  params: random({
    space: { model: choice(["cnn", "mlp"]), dropout: when({ model: "mlp" }, uniform(0, 1)) },
    trials: 3,
  }),
  operation: ({ params }) => {
    expectTypeOf(params.dropout).toEqualTypeOf<number | undefined>();
    return { loss: params.dropout ?? 0 };
  },
});

// A context is seen with its inputs resolved.
new Experiment({
  name: "context",
  params: grid({ lr: [0.1] }),
  context: { data: file("train.csv"), images: directory("images"), more: [file("a")], dims: 2 },
  operation: ({ context }) => {
    expectTypeOf(context.data).toEqualTypeOf<FileInput>();
    expectTypeOf(context.images).toEqualTypeOf<DirectoryInput>();
    expectTypeOf(context.more).toEqualTypeOf<readonly FileInput[]>();
    expectTypeOf(context.dims).toEqualTypeOf<number>();
    // @ts-expect-error there is no such part of the context
    context.train;
    return { size: context.data.hash.length };
  },
});

// Combined sources combine their types.
const joined = concat(grid({ lr: [0.1] }), manual([{ lr: 1, wd: 2 }]));
expectTypeOf(joined.at(0).lr).toEqualTypeOf<number>();
const crossed = product(random({ space: { lr: uniform(0, 1) }, trials: 2 }), grid({ kind: ["a", "b"] }));
expectTypeOf(crossed.at(0)).toEqualTypeOf<{ readonly lr: number; readonly kind: "a" | "b" }>();
expectTypeOf(sample(crossed, 1, 1).at(0)).toEqualTypeOf<{ readonly lr: number; readonly kind: "a" | "b" }>();
const points = manual([{ lr: 0.1, name: "x" }]);
expectTypeOf(points.at(0)).toEqualTypeOf<{ lr: number; name: string }>();
new Experiment({ name: "joined", params: joined, operation: ({ params }) => ({ loss: params.lr }) });

// Wrong values of options.
// @ts-expect-error trials is a number
random({ space: { lr: uniform(0, 1) }, trials: "3" });
// @ts-expect-error no such option
random({ space: { lr: uniform(0, 1) }, n_trials: 3 });
// @ts-expect-error an axis is an array
grid({ lr: 0.1 });
// @ts-expect-error params is a source
new Experiment({ name: "bare", params: { lr: [1] }, operation: () => ({ loss: 1 }) });
// @ts-expect-error an operation is needed
new Experiment({ name: "none", params: grid({ lr: [1] }) });
// @ts-expect-error no such option
new Experiment({ name: "extra", params: grid({ lr: [1] }), operation: () => ({ loss: 1 }), replicates: 3 });

// Params applied to a configuration keep its shape.
const applied = applyParams({ training: { lr: 0.1, steps: 10 } }, { "training.lr": 1, seed: 3 });
expectTypeOf(applied.training.lr).toEqualTypeOf<number>();
expectTypeOf(applied.seed).toEqualTypeOf<number>();
