import { describe, expect, test } from "vitest";
import { decode, encode } from "../../../../src/identity/canonical.ts";
import { isSampler, type Sampler } from "../../../../src/search/sampler.ts";
import { auto } from "../../../../src/search/samplers/auto.ts";
import { cmaes } from "../../../../src/search/samplers/cmaes.ts";
import { gp } from "../../../../src/search/samplers/gp.ts";
import { grid } from "../../../../src/search/samplers/grid.ts";
import { SAMPLER_NAMES, samplerNamed } from "../../../../src/search/samplers/named.ts";
import { nsga2 } from "../../../../src/search/samplers/nsga2.ts";
import { random } from "../../../../src/search/samplers/random.ts";
import { sobol } from "../../../../src/search/samplers/sobol.ts";
import { tpe } from "../../../../src/search/samplers/tpe.ts";

const SAMPLERS: readonly Sampler[] = [
  auto(),
  random(),
  sobol(),
  grid(),
  grid({ points: 4 }),
  grid({ points: { x: 3, y: 2 } }),
  tpe(),
  tpe({ startupTrials: 0, candidates: 7 }),
  gp(),
  gp({ acquisition: "lcb", initialPoints: 3 }),
  cmaes(),
  cmaes({ startupTrials: 5, population: 9, restarts: "none", surrogate: false }),
  nsga2(),
  nsga2({ population: 12, surrogate: false }),
];

describe("a sampler's description", () => {
  test.each(SAMPLERS.map((sampler) => [JSON.stringify(sampler.describe()), sampler] as const))(
    "makes the same sampler again, after it was kept as text: %s",
    (_, sampler) => {
      const text = JSON.stringify(encode(sampler.describe(), "sampler"));
      const again = samplerNamed("replay()", decode(JSON.parse(text)));
      expect(isSampler(again)).toBe(true);
      expect(again.name).toBe(sampler.name);
      expect(again.describe()).toEqual(sampler.describe());
    },
  );

  test("differs where samplers differ", () => {
    const texts = SAMPLERS.map((sampler) => JSON.stringify(sampler.describe()));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("names each sampler that there is", () => {
    expect([...new Set(SAMPLERS.map(({ name }) => name))].sort()).toEqual([...SAMPLER_NAMES].sort());
    for (const name of SAMPLER_NAMES) expect(samplerNamed("here", name).name).toBe(name);
  });
});

describe("a name that no sampler has", () => {
  test.each<[unknown, string]>([
    ["cma", 'here: a sampler is named by one of its names, got "cma". '],
    ["toString", 'here: a sampler is named by one of its names, got "toString". There are auto, random, '],
    [{ acquisition: "ei" }, "here: a sampler is named by one of its names, got undefined. There are "],
    [7, "here: a sampler is named by one of its names, got 7. There are "],
  ])("is refused: %j", (description, message) => {
    expect(() => samplerNamed("here", description)).toThrow(
      expect.objectContaining({ code: "METALAB_SEARCH_SAMPLER", message: expect.stringContaining(message) }),
    );
  });

  test("is answered with the nearest", () => {
    expect(() => samplerNamed("here", "soboll")).toThrow(/got "soboll"\. Did you mean "sobol"\?$/);
  });

  test("and options of another sampler are refused by the sampler", () => {
    expect(() => samplerNamed("here", { name: "tpe", acquisition: "ei" })).toThrow(
      expect.objectContaining({ code: "METALAB_UNKNOWN_OPTION" }),
    );
    expect(() => samplerNamed("here", { name: "gp", acquisition: "logeii" })).toThrow(
      expect.objectContaining({
        code: "METALAB_SAMPLER_OPTION",
        message: 'gp(): acquisition must be one of logei, ei, lcb, pi, got "logeii". Did you mean "logei"?',
      }),
    );
  });
});
