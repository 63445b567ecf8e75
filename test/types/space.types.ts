import { expectTypeOf } from "vitest";
import {
  Categorical,
  choice,
  type Distribution,
  Integer,
  int,
  type lognormal,
  loguniform,
  quantileOf,
  Real,
  uniform,
  type ValueOf,
} from "../../src/space/distribution.ts";
import type { GridAxes, GridParams } from "../../src/space/enumerate.ts";
import { type Space, type SpaceParams, when } from "../../src/space/space.ts";

// Texts keep their literals, numbers and booleans widen.
expectTypeOf<ValueOf<ReturnType<typeof choice<["sgd", "adam"]>>>>().toEqualTypeOf<"sgd" | "adam">();
const optimizer = choice(["sgd", "adam"]);
expectTypeOf<ValueOf<typeof optimizer>>().toEqualTypeOf<"sgd" | "adam">();
const size = choice([16, 32]);
expectTypeOf<ValueOf<typeof size>>().toEqualTypeOf<number>();
const flag = Categorical([true, false]);
expectTypeOf<ValueOf<typeof flag>>().toEqualTypeOf<boolean>();
const mixed = choice(["auto", 1, null]);
expectTypeOf<ValueOf<typeof mixed>>().toEqualTypeOf<"auto" | number | null>();
const layers = choice([[64], [64, 32]]);
expectTypeOf<ValueOf<typeof layers>>().toEqualTypeOf<readonly number[]>();
const model = choice([
  { kind: "cnn", depth: 3 },
  { kind: "mlp", depth: 2 },
]);
expectTypeOf<ValueOf<typeof model>>().toEqualTypeOf<
  { readonly kind: "cnn"; readonly depth: number } | { readonly kind: "mlp"; readonly depth: number }
>();

expectTypeOf<ValueOf<ReturnType<typeof uniform>>>().toEqualTypeOf<number>();
expectTypeOf<ValueOf<ReturnType<typeof Real>>>().toEqualTypeOf<number>();
expectTypeOf<ValueOf<ReturnType<typeof Integer>>>().toEqualTypeOf<number>();
expectTypeOf<ValueOf<ReturnType<typeof lognormal>>>().toEqualTypeOf<number>();
expectTypeOf(quantileOf(optimizer, 0)).toEqualTypeOf<"sgd" | "adam">();
expectTypeOf(quantileOf(int(0, 1), 0)).toEqualTypeOf<number>();

// Definitions are read-only.
const range = uniform(0, 1);
// @ts-expect-error a distribution cannot be changed
range.low = 2;
// @ts-expect-error nor its values
optimizer.values.push("rmsprop");
// @ts-expect-error there is no such option
uniform(0, 1, { steps: 2 });
// @ts-expect-error bounds are numbers
loguniform("0", 1);
// @ts-expect-error a list is not a distribution
const notSpace: Space = { optimizer: ["sgd"] };
expectTypeOf(notSpace).toEqualTypeOf<Space>();

// Params of a space: conditional ones are optional.
declare function paramsOfSpace<const S extends Space>(space: S): SpaceParams<S>;
const drawn = paramsOfSpace({
  lr: Real(1e-5, 1e-2, { log: true }),
  batch: Integer(32, 256, { log: true }),
  optimizer: choice(["sgd", "adam"]),
  momentum: when({ optimizer: "sgd" }, uniform(0, 1)),
  schedule: when({ optimizer: ["sgd"] }, choice(["step", "none"])),
});
expectTypeOf(drawn).toEqualTypeOf<{
  readonly lr: number;
  readonly batch: number;
  readonly optimizer: "sgd" | "adam";
  readonly momentum?: number;
  readonly schedule?: "step" | "none";
}>();
// @ts-expect-error there is no such parameter
drawn.learningRate;
// @ts-expect-error a conditional parameter may be absent
const momentum: number = drawn.momentum;
expectTypeOf(momentum).toEqualTypeOf<number>();
// @ts-expect-error params cannot be written to
drawn.lr = 1;
// @ts-expect-error the values are known
if (drawn.optimizer === "rmsprop") drawn.lr;

// Params of a grid.
declare function paramsOfGrid<const A extends GridAxes>(axes: A): GridParams<A>;
const cell = paramsOfGrid({
  lr: [0.1, 0.01],
  optimizer: ["sgd", "adam"],
  nesterov: [true, false],
  layers: [[32], [64, 64]],
  momentum: when({ optimizer: "sgd" }, [0, 0.9]),
  schedule: when({ optimizer: "sgd" }, ["step", "none"]),
});
expectTypeOf(cell).toEqualTypeOf<{
  readonly lr: number;
  readonly optimizer: "sgd" | "adam";
  readonly nesterov: boolean;
  readonly layers: readonly number[];
  readonly momentum?: number;
  readonly schedule?: "step" | "none";
}>();
// @ts-expect-error an axis is an array
paramsOfGrid({ lr: 0.1 });
// @ts-expect-error a distribution is not an axis
paramsOfGrid({ lr: uniform(0, 1) });

// Values whose type is not known in detail stay usable.
declare const rates: readonly number[];
declare const names: string[];
expectTypeOf(paramsOfGrid({ lr: rates, name: names })).toEqualTypeOf<{
  readonly lr: number;
  readonly name: string;
}>();
declare const some: Distribution;
expectTypeOf<ValueOf<typeof some>>().toEqualTypeOf<unknown>();
expectTypeOf<SpaceParams<Space>>().toExtend<Readonly<Record<string, unknown>>>();
expectTypeOf<GridParams<GridAxes>>().toExtend<Readonly<Record<string, unknown>>>();
