import { expect, test } from "vitest";
import { applyParams } from "../../../src/experiment/params.ts";

const base = Object.freeze({
  model: "cnn",
  training: Object.freeze({ lr: 0.1, optimizer: Object.freeze({ name: "sgd" }) }),
  layers: Object.freeze([Object.freeze({ units: 32 }), Object.freeze({ units: 64 })]),
});

test("a dotted name reaches into the configuration and leaves it unchanged", () => {
  const before = structuredClone(base);
  const applied = applyParams(base, { "training.optimizer.name": "adam", "training.lr": 0.5, model: "mlp" });
  expect(applied).toEqual({ ...before, model: "mlp", training: { lr: 0.5, optimizer: { name: "adam" } } });
  expect(base).toEqual(before);
});

test("what no param touches is shared, not copied", () => {
  const applied = applyParams(base, { "training.lr": 1 });
  expect(applied.layers).toBe(base.layers);
  expect(applied.training.optimizer).toBe(base.training.optimizer);
});

test("missing objects are made", () => {
  expect(applyParams({}, { "a.b.c": 1, "a.b.d": 2 })).toEqual({ a: { b: { c: 1, d: 2 } } });
  expect(applyParams({ a: undefined }, { "a.b": 1 })).toEqual({ a: { b: 1 } });
});

test("a number reaches a place of an array that is there", () => {
  expect(applyParams(base, { "layers.1.units": 8 }).layers).toEqual([{ units: 32 }, { units: 8 }]);
  for (const name of ["layers.2.units", "layers.x", "layers.length", "layers.01", "layers.-1"]) {
    expect(() => applyParams(base, { [name]: 1 })).toThrowError(
      expect.objectContaining({ code: "METALAB_PARAMS_PATH", message: expect.stringContaining(`"${name}"`) }),
    );
  }
});

test("a dotted key that the configuration has at its top wins", () => {
  expect(applyParams({ "a.b": 1, a: { b: 1 } }, { "a.b": 2 })).toEqual({ "a.b": 2, a: { b: 1 } });
});

test("the order of the names does not matter", () => {
  const whole = { lr: 9, steps: 9 };
  const expected = { training: { lr: 1, steps: 9 } };
  expect(applyParams({ training: {} }, { training: whole, "training.lr": 1 })).toEqual(expected);
  expect(applyParams({ training: {} }, { "training.lr": 1, training: whole })).toEqual(expected);
  expect(whole).toEqual({ lr: 9, steps: 9 });
});

test.each([
  ["model.size", /leads through "model".*got "cnn"/],
  ["training.lr.low", /leads through "training\.lr".*got 0\.1/],
])("a name %s that leads through a scalar is refused", (name, message) => {
  expect(() => applyParams(base, { [name]: 1 })).toThrowError(
    expect.objectContaining({ code: "METALAB_PARAMS_PATH", message: expect.stringMatching(message) }),
  );
});

test("null and class instances are no objects to reach into", () => {
  expect(() => applyParams({ a: null }, { "a.b": 1 })).toThrowError(/got null/);
  expect(() => applyParams({ a: new Date(0) }, { "a.b": 1 })).toThrowError(/not an object/);
});

test.each(["a..b", ".a", "a.", "", "__proto__.polluted", "a.__proto__.polluted", "__proto__"])(
  "the name %j is refused",
  (name) => {
    expect(() => applyParams({ a: {} }, Object.fromEntries([[name, 1]]))).toThrowError(
      expect.objectContaining({ code: "METALAB_PARAMS_PATH" }),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  },
);

test("names of inherited members are names like any other", () => {
  const applied = applyParams({}, { "constructor.prototype.polluted": 1, toString: 2 });
  expect(Object.keys(applied)).toEqual(["toString", "constructor"]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("a base that is not a plain object is refused", () => {
  expect(() => applyParams([] as object, {})).toThrowError(
    expect.objectContaining({ code: "METALAB_PARAMS_BASE" }),
  );
});
