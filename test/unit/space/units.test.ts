import { describe, expect, test } from "vitest";
import {
  choice,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  uniform,
} from "../../../src/space/distribution.ts";
import { resolveSpace, type Space, when } from "../../../src/space/space.ts";
import { snapUnit, type UnitDimension, UnitSpace } from "../../../src/space/units.ts";

function units(space: Space): UnitSpace {
  return new UnitSpace(resolveSpace(space, "test"));
}

describe("a unit space", () => {
  const mixed = units({
    lr: loguniform(1e-5, 1e-1),
    depth: int(1, 10),
    width: logint(2, 512),
    dropout: uniform(0, 0.8, { step: 0.1 }),
    act: choice(["relu", { name: "gelu" }, "tanh"]),
    bias: normal(3, 2),
    scale: lognormal(0, 1),
    fixed: uniform(2, 2),
  });

  test("says of each parameter what kind it is and how many values it has", () => {
    expect(mixed.dimensions.map(({ name, kind, count }) => [name, kind, count])).toEqual([
      ["lr", "real", Number.POSITIVE_INFINITY],
      ["depth", "ordinal", 10],
      ["width", "ordinal", 511],
      ["dropout", "ordinal", 9],
      ["act", "category", 3],
      ["bias", "real", Number.POSITIVE_INFINITY],
      ["scale", "real", Number.POSITIVE_INFINITY],
      ["fixed", "ordinal", 1],
    ]);
    expect(mixed.size).toBe(8);
    expect(mixed.isConditional).toBe(false);
    expect(mixed.indexOf("act")).toBe(4);
    expect(mixed.indexOf("axt")).toBe(-1);
  });

  test("counts its points where they can be counted", () => {
    expect(mixed.cells).toBe(Number.POSITIVE_INFINITY);
    expect(units({ a: int(1, 4), b: choice(["x", "y"]), c: uniform(0, 1, { step: 0.5 }) }).cells).toBe(24);
  });

  test("encodes a point as the shares at which its values lie", () => {
    const vector = mixed.encode({
      lr: 1e-3,
      depth: 4,
      width: 32,
      dropout: 0.2,
      act: { name: "gelu" },
      bias: 3 + 2 * 1.959963984540054,
      scale: 1,
      fixed: 2,
    });
    expect(vector[0]).toBeCloseTo(0.5, 12);
    expect(vector[1]).toBeCloseTo(0.35, 12);
    // Half a value below 2 and above 512: log(32 / 1.5) / log(512.5 / 1.5).
    expect(vector[2]).toBeCloseTo(0.524572683, 9);
    expect(vector[3]).toBeCloseTo(2.5 / 9, 12);
    expect(vector[4]).toBeCloseTo(0.5, 12);
    expect(vector[5]).toBeCloseTo(0.975, 12);
    expect(vector[6]).toBeCloseTo(0.5, 12);
    expect(vector[7]).toBe(0.5);
  });

  test("decodes what it encoded, and snapping twice is snapping once", () => {
    for (let at = 0; at < 200; at += 1) {
      const raw = Float64Array.from(
        mixed.dimensions,
        (_, dimension) => (at * 0.6180339887 + dimension * 0.2618) % 1,
      );
      const once = mixed.snap(raw);
      const twice = mixed.snap(once);
      for (let dimension = 0; dimension < mixed.size; dimension += 1) {
        const { kind } = mixed.dimensions[dimension] as UnitDimension;
        if (kind === "real") expect(once[dimension]).toBeCloseTo(raw[dimension] as number, 12);
        if (kind === "real") expect(twice[dimension]).toBeCloseTo(once[dimension] as number, 12);
        else expect(twice[dimension]).toBe(once[dimension]);
      }
      const { lr: _lr, bias: _bias, scale: _scale, ...finite } = mixed.decode(raw);
      expect(mixed.decode(once)).toMatchObject(finite);
    }
  });

  test("snaps one coordinate as it snaps a vector", () => {
    const raw = Float64Array.from(mixed.dimensions, () => 0.371);
    const snapped = mixed.snap(raw);
    expect(mixed.dimensions.map((dimension) => snapUnit(dimension, 0.371))).toEqual(
      mixed.dimensions.map(({ kind }, at) => (kind === "real" ? 0.371 : snapped[at])),
    );
  });

  test("gives value i of n choices the coordinates from i / n to (i + 1) / n", () => {
    const space = units({ c: choice(["a", "b", "c", "d"]) });
    const at = (unit: number) => space.decode([unit]).c;
    expect([0, 0.2499, 0.25, 0.4999, 0.5, 0.75, 1].map(at)).toEqual(["a", "a", "b", "b", "c", "d", "d"]);
  });
});

describe("a conditional unit space", () => {
  const space = units({
    momentum: when({ optimizer: "sgd" }, uniform(0, 1)),
    optimizer: choice(["sgd", "adam"]),
    nesterov: when({ momentum: [0.5, 1], optimizer: "sgd" }, choice([true, false])),
  });

  test("has NaN where a parameter is inactive", () => {
    expect(space.isConditional).toBe(true);
    expect([...space.encode({ optimizer: "adam" })]).toEqual([Number.NaN, 0.75, Number.NaN]);
    expect([...space.encode({ momentum: 0.5, optimizer: "sgd", nesterov: true })]).toEqual([0.5, 0.25, 0.25]);
    expect([...space.encode({ momentum: 0.2, optimizer: "sgd" })]).toEqual([0.2, 0.25, Number.NaN]);
  });

  test("looks at no coordinate of an inactive parameter", () => {
    expect(space.decode([Number.NaN, 0.9, Number.NaN])).toEqual({ optimizer: "adam" });
    expect(space.decode([0.3, 0.9, 0.3])).toEqual({ optimizer: "adam" });
    expect(Object.keys(space.decode([0.5, 0.1, 0.6]))).toEqual(["momentum", "optimizer", "nesterov"]);
    expect([...space.snap([0.3, 0.9, 0.3])]).toEqual([Number.NaN, 0.75, Number.NaN]);
  });
});
