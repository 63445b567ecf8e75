import { describe, expect, test } from "vitest";
import { canonicalText } from "../../../src/identity/canonical.ts";
import { choice, int, loguniform, normal, uniform } from "../../../src/space/distribution.ts";
import {
  describeSpace,
  isActive,
  paramsAt,
  resolveSpace,
  type Space,
  spaceContains,
  when,
} from "../../../src/space/space.ts";

/** An optimizer with a momentum of its own, and a schedule for some momenta: a chain of conditions. */
const chain = {
  decay: when({ schedule: ["step", "cosine"] }, uniform(0, 1)),
  schedule: when({ optimizer: "sgd" }, choice(["none", "step", "cosine"])),
  optimizer: choice(["sgd", "adam"]),
  lr: loguniform(1e-4, 1),
};

describe("when", () => {
  test("is frozen plain data with lists of values", () => {
    const conditional = when({ optimizer: "sgd", layers: [1, 2] }, uniform(0, 1));
    expect(conditional).toEqual({
      type: "when",
      condition: { optimizer: ["sgd"], layers: [1, 2] },
      of: { type: "uniform", low: 0, high: 1 },
    });
    expect(Object.isFrozen(conditional.condition["layers"])).toBe(true);
  });

  test("refuses conditions that say nothing", () => {
    const code = expect.objectContaining({ code: "METALAB_SPACE_CONDITION" });
    expect(() => when({}, [1])).toThrow(code);
    expect(() => when("optimizer" as never, [1])).toThrow(code);
    expect(() => when({ optimizer: [] }, [1])).toThrow('the condition lists no values for "optimizer"');
    expect(() => when({ a: 1 }, when({ b: 2 }, [1]))).toThrow("Put all names into one condition.");
    expect(() => when({ a: (x: number) => x > 1 }, [1])).toThrow("when(): condition.a: is a function");
  });
});

describe("isActive", () => {
  test("holds when every named parameter is there with one of its values", () => {
    const { condition } = when({ optimizer: ["sgd", "rmsprop"], nesterov: true }, [1]);
    expect(isActive(condition, { optimizer: "rmsprop", nesterov: true, lr: 1 })).toBe(true);
    expect(isActive(condition, { optimizer: "rmsprop", nesterov: false })).toBe(false);
    expect(isActive(condition, { optimizer: "rmsprop" })).toBe(false);
    expect(isActive(condition, { optimizer: "rmsprop", nesterov: 1 })).toBe(false);
  });

  test("compares values by what they are, arrays and NaN too", () => {
    expect(isActive(when({ layers: [[64, 32]] }, [1]).condition, { layers: [64, 32] })).toBe(true);
    expect(isActive(when({ layers: [[64, 32]] }, [1]).condition, { layers: 64 })).toBe(false);
    expect(isActive(when({ x: Number.NaN }, [1]).condition, { x: Number.NaN })).toBe(true);
    expect(isActive(when({ toString: "x" }, [1]).condition, {})).toBe(false);
  });
});

describe("resolveSpace", () => {
  test("puts each parameter after those that it depends on, the rest as written", () => {
    const resolved = resolveSpace(chain, "random");
    expect(resolved.entries.map((entry) => entry.name)).toEqual(["decay", "schedule", "optimizer", "lr"]);
    expect(resolved.order.map((entry) => entry.name)).toEqual(["optimizer", "schedule", "decay", "lr"]);
  });

  test.each<[string, unknown, string, string]>([
    [
      "nothing",
      {},
      "METALAB_SPACE_EMPTY",
      "random(): space must be an object of at least one parameter, got {}.",
    ],
    ["no object", [uniform(0, 1)], "METALAB_SPACE_EMPTY", "random(): space must be an object"],
    [
      "a list of values",
      { a: ["x", "y"] },
      "METALAB_SPACE_DISTRIBUTION",
      'parameter "a" must be a distribution, got ["x","y"]. Write choice([…])',
    ],
    ["a number", { a: 1 }, "METALAB_SPACE_DISTRIBUTION", "Use uniform, loguniform, int"],
    [
      "a type that is none",
      { a: { type: "toString" } },
      "METALAB_SPACE_DISTRIBUTION",
      'got {"type":"toString"}',
    ],
    [
      "bad bounds in plain data",
      { a: { type: "loguniform", low: 0, high: 1 } },
      "METALAB_SPACE_BOUNDS",
      "low must be above 0",
    ],
    [
      "an unknown key in plain data",
      { a: { type: "int", low: 0, high: 1, log: true } },
      "METALAB_SPACE_OPTION",
      'got "log"',
    ],
    ["an empty name", { "": uniform(0, 1) }, "METALAB_PARAM_NAME", 'a parameter needs another name, got ""'],
    [
      "a name that is no key",
      JSON.parse('{"__proto__": {"type": "int", "low": 0, "high": 1}}'),
      "METALAB_PARAM_NAME",
      "__proto__",
    ],
    [
      "an unknown controller",
      { a: when({ b: 1 }, uniform(0, 1)) },
      "METALAB_SPACE_UNKNOWN_PARAM",
      'the condition of "a" names a parameter that is not there, got "b". There are: a.',
    ],
    [
      "a value that never comes",
      { o: choice(["sgd"]), m: when({ o: ["sgd", "adam"] }, uniform(0, 1)) },
      "METALAB_SPACE_CONDITION",
      'the condition of "m" must list values that "o" can have, got "adam"',
    ],
    [
      "a circle",
      { a: when({ b: 1 }, int(0, 1)), b: when({ c: 1 }, int(0, 1)), c: when({ a: 1 }, int(0, 1)) },
      "METALAB_SPACE_CYCLE",
      "a → b → c → a",
    ],
    ["a parameter that controls itself", { a: when({ a: 1 }, int(0, 1)) }, "METALAB_SPACE_CYCLE", "a → a"],
  ])("refuses %s", (_, space, code, message) => {
    expect(() => resolveSpace(space as Space, "random")).toThrow(expect.objectContaining({ code }));
    expect(() => resolveSpace(space as Space, "random")).toThrow(message);
  });

  test("accepts distributions as plain data and gives them as their constructors do", () => {
    const [entry] = resolveSpace({ a: { type: "uniform", low: 0, high: 1 } }, "random").entries;
    expect(entry?.distribution).toEqual(uniform(0, 1));
    expect(Object.isFrozen(entry?.distribution)).toBe(true);
  });
});

describe("paramsAt", () => {
  const resolved = resolveSpace(chain, "random");
  const at = (shares: Readonly<Record<string, number>>) =>
    paramsAt(resolved, (name) => shares[name] as number);

  test("leaves inactive parameters out, down the whole chain", () => {
    expect(at({ optimizer: 0.9, schedule: 0.9, decay: 0.5, lr: 0 })).toEqual({ optimizer: "adam", lr: 1e-4 });
    expect(at({ optimizer: 0, schedule: 0, decay: 0.5, lr: 0 })).toEqual({
      schedule: "none",
      optimizer: "sgd",
      lr: 1e-4,
    });
    expect(at({ optimizer: 0, schedule: 0.5, decay: 0.5, lr: 0 })).toMatchObject({
      schedule: "step",
      decay: 0.5,
    });
  });

  test("keeps the order in which the parameters were written", () => {
    expect(Object.keys(at({ optimizer: 0, schedule: 0.5, decay: 0.5, lr: 0 }))).toEqual(Object.keys(chain));
  });

  test("asks one share of each active parameter and none of the others", () => {
    const asked: string[] = [];
    paramsAt(resolved, (name) => {
      asked.push(name);
      return 0.9;
    });
    expect(asked).toEqual(["optimizer", "lr"]);
  });
});

describe("spaceContains", () => {
  test("knows the points of a space", () => {
    const resolved = resolveSpace(chain, "random");
    expect(spaceContains(resolved, { optimizer: "adam", lr: 0.1 })).toBe(true);
    expect(spaceContains(resolved, { optimizer: "adam", lr: 2 })).toBe(false);
    expect(spaceContains(resolved, { optimizer: "adam" })).toBe(false);
    expect(spaceContains(resolved, { optimizer: "sgd", lr: 0.1 })).toBe(false);
    expect(spaceContains(resolved, { optimizer: "adam", schedule: "none", lr: 0.1 })).toBe(false);
    expect(spaceContains(resolved, { optimizer: "adam", lr: 0.1, other: 1 })).toBe(false);
  });
});

test("a description tells spaces apart and does not depend on how they were made", () => {
  const textOf = (space: Space) => canonicalText(describeSpace(resolveSpace(space, "random")), "space");
  expect(textOf({ a: uniform(0, 1), b: normal(0, 1) })).toBe(textOf({ b: normal(0, 1), a: uniform(0, 1) }));
  expect(textOf({ a: uniform(0, 1) })).not.toBe(textOf({ a: uniform(0, 2) }));
  expect(textOf(chain)).not.toBe(textOf({ ...chain, decay: when({ schedule: "step" }, uniform(0, 1)) }));
  expect(textOf(JSON.parse(JSON.stringify(chain)) as Space)).toBe(textOf(chain));
});
