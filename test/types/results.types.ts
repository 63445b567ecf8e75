import { expectTypeOf } from "vitest";
import type { RunStatus } from "../../src/experiment/record.ts";
import type { DanfoFrame } from "../../src/results/export/danfo.ts";
import type { Results } from "../../src/results/results.ts";
import type { Run } from "../../src/results/run.ts";
import type { Series } from "../../src/results/series.ts";

interface P {
  readonly lr: number;
  readonly optimizer: "sgd" | "adam";
}
interface M {
  readonly loss: number;
  readonly label: string;
}
declare const results: Results<P, M>;

// Params flow from the definition; metrics are certain only where the run is known to be a success.
for (const run of results) {
  expectTypeOf(run.params).toEqualTypeOf<P>();
  expectTypeOf(run.status).toEqualTypeOf<RunStatus>();
  expectTypeOf(run.metrics.loss).toEqualTypeOf<number | undefined>();
  if (run.status === "success") expectTypeOf(run.metrics.loss).toEqualTypeOf<number>();
  expectTypeOf(run.series("anything")).toEqualTypeOf<Promise<Series>>();
  // @ts-expect-error a misspelt param
  run.params.lrr;
  // @ts-expect-error a metric that the operation does not return
  run.metrics.lost;
}
expectTypeOf(results.best().metrics.loss).toEqualTypeOf<number>();
expectTypeOf(results.best("loss", "min").params.optimizer).toEqualTypeOf<"sgd" | "adam">();
expectTypeOf(results.successful.at(0)!.metrics.loss).toEqualTypeOf<number>();
expectTypeOf(results.filter({ status: "success" }).at(0)!.metrics.loss).toEqualTypeOf<number>();
expectTypeOf(results.filter({ status: "failed" }).at(0)!.metrics.loss).toEqualTypeOf<number | undefined>();
expectTypeOf(results.top(3).at(0)!.metrics.label).toEqualTypeOf<string>();

// Wrong names and values do not compile.
results.filter({ lr: 0.1, optimizer: ["sgd", "adam"], search_type: "grid" });
results.filter((run) => run.params.lr < 0.1);
// @ts-expect-error a status that there is not
results.filter({ status: "succes" });
// @ts-expect-error a value of the wrong type
results.filter({ lr: "0.1" });
// @ts-expect-error not one of the choices
results.filter({ optimizer: "rmsprop" });
// @ts-expect-error an unknown metric
results.best("lost");
// @ts-expect-error an unknown direction
results.best("loss", "up");
// @ts-expect-error an unknown metric
results.summary("lost");
// @ts-expect-error an unknown option
results.display({ group_by: ["lr"] });
// @ts-expect-error no such way to treat formulas
results.toCSV({ formulas: "drop" });

// The key of a group has the types of what it was grouped by.
for (const { key, results: group } of results.groupBy("optimizer", "search_type")) {
  expectTypeOf(key.optimizer).toEqualTypeOf<"sgd" | "adam">();
  expectTypeOf(key.search_type).toEqualTypeOf<unknown>();
  expectTypeOf(group.best().metrics.loss).toEqualTypeOf<number>();
  // @ts-expect-error not grouped by it
  key.lr;
}

// Joined results know what both know.
declare const others: Results<{ readonly lr: number }, { readonly loss: number; readonly extra: number }>;
const joined = results.concat(others);
expectTypeOf(joined.best("loss", "min").metrics.loss).toEqualTypeOf<number>();
expectTypeOf(joined.at(0)!.params.lr).toEqualTypeOf<number>();
expectTypeOf(results.concat(results.successful).at(0)!.params).toEqualTypeOf<P>();
// @ts-expect-error only one of them has it
joined.best("extra");

// Results of anything take the results of something.
expectTypeOf<Results<{ readonly lr: number }, { readonly loss: number }>>().toExtend<Results>();
expectTypeOf(results.at(0)!).toExtend<Run<P, M>>();
expectTypeOf(results.toDanfo()).toEqualTypeOf<Promise<DanfoFrame>>();
