import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { createPlan, type Plan } from "../../../src/experiment/plan.ts";
import { seeds } from "../../../src/experiment/seeds.ts";
import type { ParamSource } from "../../../src/experiment/source.ts";
import { grid, manual } from "../../../src/experiment/sources.ts";
import { hexOf } from "../../../src/identity/ids.ts";

const operation = () => ({ loss: 1 });
const idsOf = (plan: Plan) => Array.from({ length: plan.length }, (_, index) => plan.spec(index).id);

/** A source that counts how often each point is made. */
function counting(length: number, at: (index: number) => Readonly<Record<string, unknown>>) {
  const calls: number[] = [];
  const source: ParamSource = {
    kind: "counting",
    length,
    at(index) {
      calls.push(index);
      return at(index);
    },
    describe: () => ({ kind: "counting", length }),
  };
  return { source, calls };
}

test("runs come trial by trial, each with all its replicates", () => {
  const params = manual([{ lr: 0.1 }, { lr: 1 }]);
  const plan = createPlan(
    new Experiment({ name: "a", params, seeds: seeds({ replicates: 3 }), operation }),
    null,
  );
  expect(plan).toMatchObject({ length: 6, trials: 2, replicates: 3 });
  const specs = Array.from({ length: 6 }, (_, index) => plan.spec(index));
  expect(specs.map(({ trial, replicate }) => [trial, replicate])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
  expect(specs.map(({ params }) => params.lr)).toEqual([0.1, 0.1, 0.1, 1, 1, 1]);
  expect(new Set(specs.map(({ id }) => id)).size).toBe(6);
});

test("a replicate has the same seed in every trial", () => {
  const params = manual([{ lr: 0.1 }, { lr: 1 }]);
  const plan = createPlan(
    new Experiment({ name: "a", params, seeds: seeds({ base: 5, replicates: 2 }), operation }),
    null,
  );
  expect(plan.spec(0).seed).toBe(plan.spec(2).seed);
  expect(plan.spec(1).seed).toBe(plan.spec(3).seed);
  expect(plan.spec(0).seed).not.toBe(plan.spec(1).seed);
  expect(plan.spec(1).seed).toBe(seeds({ base: 5 }).root(1));
});

test("specs are the same in any order of asking", () => {
  const experiment = new Experiment({
    name: "a",
    params: grid({ lr: [0.1, 1, 10], kind: ["a", "b"] }),
    seeds: seeds({ replicates: 2 }),
    operation,
  });
  const forwards = idsOf(createPlan(experiment, null));
  const plan = createPlan(experiment, null);
  for (let index = plan.length - 1; index >= 0; index--) {
    expect(plan.spec(index).id).toBe(forwards[index]);
    expect(hexOf(plan.digest(index))).toBe(forwards[index]);
  }
});

test("replicates do not make the params again", () => {
  const { source, calls } = counting(2, (index) => ({ index }));
  const plan = createPlan(
    new Experiment({ name: "a", params: source, seeds: seeds({ replicates: 50 }), operation }),
    null,
  );
  for (let index = 0; index < plan.length; index++) {
    plan.digest(index);
    plan.spec(index);
  }
  expect(calls).toEqual([0, 1]);
});

test("a plan costs nothing until it is asked", () => {
  const { source, calls } = counting(10 ** 12, (index) => ({ index }));
  const plan = createPlan(
    new Experiment({ name: "a", params: source, seeds: seeds({ replicates: 3 }), operation }),
    null,
  );
  expect(plan.length).toBe(3 * 10 ** 12);
  expect(calls).toEqual([]);
  expect(plan.spec(3 * 10 ** 12 - 1)).toMatchObject({
    trial: 10 ** 12 - 1,
    replicate: 2,
    params: { index: 10 ** 12 - 1 },
  });
});

test("more runs than can be counted are refused", () => {
  const { source } = counting(2 ** 52, (index) => ({ index }));
  const experiment = new Experiment({
    name: "a",
    params: source,
    seeds: seeds({ replicates: 3 }),
    operation,
  });
  expect(() => createPlan(experiment, null)).toThrowError(
    expect.objectContaining({ code: "METALAB_PLAN_LENGTH" }),
  );
});

test.each([-1, 2, 0.5, Number.NaN])("there is no run %d of 2", (index) => {
  const plan = createPlan(
    new Experiment({ name: "a", params: manual([{ a: 1 }, { a: 2 }]), operation }),
    null,
  );
  expect(() => plan.digest(index)).toThrowError(expect.objectContaining({ code: "METALAB_PLAN_INDEX" }));
  expect(() => plan.spec(index)).toThrowError(expect.objectContaining({ code: "METALAB_PLAN_INDEX" }));
});

test("params are frozen, with the defaults after them", () => {
  const experiment = new Experiment({
    name: "a",
    params: manual([{ lr: 0.1 }, { lr: 1, wd: 3 }]),
    defaults: { wd: 0, layers: [1] },
    operation,
  });
  const plan = createPlan(experiment, null);
  expect(plan.spec(0).params).toEqual({ lr: 0.1, wd: 0, layers: [1] });
  expect(plan.spec(1).params).toEqual({ lr: 1, wd: 3, layers: [1] });
  expect(Object.keys(plan.spec(0).params)).toEqual(["lr", "wd", "layers"]);
  expect(Object.isFrozen(plan.spec(0).params)).toBe(true);
  expect(Object.isFrozen(plan.spec(0).params.layers)).toBe(true);
});

test("a param equal to its default has the id of a run without it", () => {
  const without = new Experiment({ name: "a", params: manual([{ lr: 0.1 }]), operation });
  const within = new Experiment({
    name: "a",
    params: manual([{ lr: 0.1, wd: 0 }, { lr: 0.1 }, { lr: 0.1, wd: 1 }]),
    defaults: { wd: 0 },
    operation,
  });
  const [id] = idsOf(createPlan(without, null));
  const ids = idsOf(createPlan(within, null));
  expect(ids.slice(0, 2)).toEqual([id, id]);
  expect(ids[2]).not.toBe(id);
});

test("name, version, context and seed change the ids; tags, metadata and description do not", () => {
  const params = manual([{ lr: 0.1 }]);
  const id = (parts: object, contextHash: string | null = null) =>
    createPlan(new Experiment({ name: "a", params, operation, ...parts }), contextHash).spec(0).id;
  const one = id({});
  expect(id({ tags: ["x"], metadata: { a: 1 }, description: "d", operation: () => ({ loss: 2 }) })).toBe(one);
  const others = [
    id({ name: "b" }),
    id({ version: "2" }),
    id({}, "c".repeat(64)),
    id({ seeds: seeds({ base: 1 }) }),
  ];
  expect(new Set([one, ...others]).size).toBe(5);
});

test("a param without identity is refused with experiment, trial and path", () => {
  const { source } = counting(2, (index) => (index === 0 ? { lr: 1 } : { model: { fn: () => 1 } }));
  const plan = createPlan(new Experiment({ name: "bad", params: source, operation }), null);
  plan.digest(0);
  expect(() => plan.digest(1)).toThrowError(
    expect.objectContaining({
      code: "METALAB_VALUE_UNIDENTIFIABLE",
      message: expect.stringMatching(/^Experiment "bad", trial 1: params\.model\.fn/),
      details: expect.objectContaining({ experiment: "bad", trial: 1 }),
    }),
  );
  expect(plan.spec(0).params).toEqual({ lr: 1 });
});

test.each([
  ["an array", [1], "METALAB_SOURCE_POINT"],
  ["undefined", undefined, "METALAB_SOURCE_POINT"],
  ["an instance", new Date(0), "METALAB_SOURCE_POINT"],
  ["an empty name", { "": 1 }, "METALAB_PARAM_NAME"],
  ["the name __proto__", JSON.parse('{"__proto__":1}'), "METALAB_PARAM_NAME"],
])("a foreign source whose point is %s is refused", (_, point, code) => {
  const { source } = counting(1, () => point as never);
  const plan = createPlan(new Experiment({ name: "bad", params: source, operation }), null);
  expect(() => plan.spec(0)).toThrowError(
    expect.objectContaining({ code, message: expect.stringMatching(/trial 0/) }),
  );
});

test("a source that fails once gives the right params when asked again", () => {
  let fails = true;
  const { source } = counting(2, (index) => {
    if (index === 1 && fails) throw new Error("not now");
    return { index };
  });
  const plan = createPlan(new Experiment({ name: "a", params: source, operation }), null);
  expect(plan.spec(0).params).toEqual({ index: 0 });
  expect(() => plan.spec(1)).toThrow("not now");
  fails = false;
  expect(plan.spec(1).params).toEqual({ index: 1 });
});

test("the fingerprint tells apart what gives other runs or another order", () => {
  const print = (parts: object, contextHash: string | null = null) =>
    createPlan(
      new Experiment({ name: "a", params: grid({ a: [1, 2], b: [1, 2] }), operation, ...parts }),
      contextHash,
    ).fingerprint;
  const prints = [
    print({}),
    print({ name: "b" }),
    print({ version: "2" }),
    print({}, "c".repeat(64)),
    print({ defaults: { wd: 0 } }),
    print({ seeds: seeds({ replicates: 2 }) }),
    print({ seeds: seeds({ base: "0" }) }),
    print({ params: grid({ a: [1, 2], b: [1, 3] }) }),
    print({ params: grid({ b: [1, 2], a: [1, 2] }) }),
    print({ params: grid({ a: [2, 1], b: [1, 2] }) }),
  ];
  expect(new Set(prints).size).toBe(prints.length);
  expect(print({ tags: ["x"] })).toBe(prints[0]);
});

test("golden: ids of a grid", () => {
  const experiment = new Experiment({
    name: "golden",
    version: "0.1",
    params: grid({ lr: [0.001, 0.1], kind: ["a", "b"] }),
    defaults: { wd: 0 },
    seeds: seeds({ base: 42, replicates: 2 }),
    operation,
  });
  const plan = createPlan(experiment, null);
  expect(idsOf(plan).map((id) => id.slice(0, 16))).toEqual([
    "7fb85ac9bfafe0cc",
    "1e546cef88fdd60f",
    "81acbf884feb0ff1",
    "3fc35eb8cf9e1dfc",
    "081dcf1281ec4b0d",
    "58b7c6ed1b616211",
    "b5c520d7836e66f9",
    "8bb84e7315375fff",
  ]);
  expect(plan.fingerprint).toBe("64dbccd4b1289daeded83fa7de628028cb5a574f8c6fbe97aca78f04dabcb216");
});

test("golden: an id is the hash of its written form", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const experiment = new Experiment({
    name: "golden",
    version: "0.1",
    params: manual([{ lr: 0.001, kind: "a", wd: 0 }]),
    defaults: { wd: 0 },
    seeds: seeds({ base: 42 }),
    operation,
  });
  const seed = sha256('metalab.seed/1\n["metalab.seed",1,42,"replicate",0]').slice(0, 32);
  expect(createPlan(experiment, null).spec(0).id).toBe(
    sha256(
      `metalab.run/1\n{"context":null,"experiment":{"name":"golden","version":"0.1"},"params":{"kind":"a","lr":0.001},"seed":"${seed}"}`,
    ),
  );
});
