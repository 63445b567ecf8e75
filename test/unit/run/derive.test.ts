import { expect, test } from "vitest";
import { derive } from "../../../src/run/derive.ts";
import { loadResults } from "../../../src/run/load.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX } from "../../helpers/sweeps.ts";

const QUIET = { progress: "none" } as const;

function experiment(n: number) {
  return overX(n, ({ params, capture }) => {
    for (let step = 0; step < 3; step++) capture.metric("loss", params.x * step, { step });
    if (params.x === 3) throw new Error("no");
    return { y: params.x };
  });
}

test("derived metrics are kept, shown, and worked out once for each code, version and execution", async () => {
  const store = memoryStore();
  const results = await run(experiment(4), { store, ...QUIET }).result();
  let calls = 0;
  const compute = async (
    one: (typeof results extends Iterable<infer R> ? R : never) | { series: unknown },
  ) => {
    calls++;
    const { value } = await (one as { series(name: string): Promise<{ value: Float64Array }> }).series(
      "loss",
    );
    return Math.max(...value);
  };
  const first = await derive(results, { names: "most", compute });
  expect(first).toMatchObject({ computed: 3, cached: 0, failures: [] });
  expect(Array.from(first.results, (one) => one.metric("most"))).toEqual([0, 2, 4, undefined]);
  expect(first.results.top(1, "most" as never, "max").at(0)?.params.x).toBe(2);
  const loaded = await loadResults(store, { experiment: "sweep" });
  expect(loaded.table().map((row) => row["metrics.most"])).toEqual([0, 2, 4, undefined]);
  expect(await derive(results, { names: "most", compute })).toMatchObject({ computed: 0, cached: 3 });
  expect(calls).toBe(3);
  await run(experiment(4), { store, resume: false, only: { x: 1 }, ...QUIET }).result();
  const from = { store, experiment: "sweep" };
  expect(await derive(from, { names: "most", compute })).toMatchObject({ computed: 1, cached: 2 });
  expect(await derive(from, { names: "most", compute, version: "2" })).toMatchObject({ computed: 3 });
  expect(await derive(from, { names: "most", compute: () => 7 })).toMatchObject({ computed: 3 });
  expect((await loadResults(store, { experiment: "sweep" })).at(0)?.id).toBe(results.at(0)?.id);
});

test("a compute that fails is told for each run, and takes old values back", async () => {
  const store = memoryStore();
  const results = await run(experiment(3), { store, ...QUIET }).result();
  await derive(results, { names: ["a", "b"], compute: () => ({ a: 1, b: "text" }) });
  const again = await derive(results, {
    names: ["a", "b"],
    compute: (one) => {
      if (one.params.x === 1) throw new Error("bad run");
      return one.params.x === 2 ? ({ a: [1] } as never) : { a: 2 };
    },
  });
  expect(again.computed).toBe(1);
  expect(again.failures.map(({ message }) => message)).toEqual(["bad run", expect.stringContaining("[1]")]);
  expect(Array.from(again.results, (one) => [one.metric("a"), one.metric("b")])).toEqual([
    [2, undefined],
    [undefined, undefined],
    [undefined, undefined],
  ]);
});

test("what runs reported themselves is never overridden", async () => {
  const store = memoryStore();
  const results = await run(experiment(2), { store, ...QUIET }).result();
  const compute = () => 1;
  await expect(derive(results, { names: "y", compute })).rejects.toMatchObject({
    code: "METALAB_DERIVE_CAPTURED",
  });
  await expect(derive(results, { names: [], compute })).rejects.toMatchObject({
    code: "METALAB_OPTION_VALUE",
  });
  await expect(derive(results, { name: "z", compute } as never)).rejects.toThrow('Use "names"');
});
