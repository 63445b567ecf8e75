import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closest, nearest } from "../../../src/space/nearest.ts";

describe("the nearest name", () => {
  test.each([
    ["frist", ["second", "first"], "first"],
    ["sl", ["ls", "logs"], "ls"],
    ["maximise", ["minimize", "maximize"], "maximize"],
    ["batchsize", ["lr", "batch_size"], "batch_size"],
    ["LR", ["lr"], "lr"],
    ["params.lrr", ["lr", "batch"], "lr"],
    ["training.epoch", ["training.epochs", "epochs"], "training.epochs"],
    ["学率", ["学习率"], "学习率"],
    ["x", ["y"], undefined],
    ["dropout", ["lr", "batch"], undefined],
    ["?", ["!"], undefined],
    ["", ["lr"], undefined],
  ])("to %j among %j is %j", (name, names, near) => {
    expect(closest(name, names)).toBe(near);
  });

  test("of several as near are the first three, in their order", () => {
    expect(nearest("los", ["lost", "loss", "lo", "lot", "dropout"])).toEqual(["lost", "loss", "lo"]);
  });

  test("is the name itself where there is one, and any that differs by one swap of neighbours", () => {
    const word = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(word, fc.nat(), fc.array(word, { maxLength: 5 }), (name, at, others) => {
        expect(nearest(name, [...others, name])).toContain(name);
        const place = at % (name.length - 1);
        const swapped = `${name.slice(0, place)}${name[place + 1]}${name[place]}${name.slice(place + 2)}`;
        expect(closest(swapped, [name])).toBe(name);
      }),
    );
  });
});
