import { describe, expect, test } from "vitest";
import { decode, encode } from "../../../../src/identity/canonical.ts";
import { isPruner, type Pruner } from "../../../../src/search/pruner.ts";
import { hyperband } from "../../../../src/search/pruners/hyperband.ts";
import { median } from "../../../../src/search/pruners/median.ts";
import { PRUNER_NAMES, prunerNamed } from "../../../../src/search/pruners/named.ts";
import { patient } from "../../../../src/search/pruners/patient.ts";
import { percentile } from "../../../../src/search/pruners/percentile.ts";
import { successiveHalving } from "../../../../src/search/pruners/successive-halving.ts";
import { threshold } from "../../../../src/search/pruners/threshold.ts";
import { wilcoxon } from "../../../../src/search/pruners/wilcoxon.ts";

const PRUNERS: readonly Pruner[] = [
  median(),
  median({ startupTrials: 2, warmupSteps: 3, intervalSteps: 4 }),
  percentile(25),
  percentile(0, { startupTrials: 0, warmupSteps: 1, intervalSteps: 2 }),
  successiveHalving(),
  successiveHalving({ minResource: 2, reductionFactor: 3, minEarlyStoppingRate: 1 }),
  hyperband({ maxResource: 81 }),
  hyperband({ minResource: 2, maxResource: 64, reductionFactor: 4 }),
  patient({ patience: 3 }),
  patient({ patience: 0, pruner: median({ warmupSteps: 5 }), minDelta: 0.1 }),
  patient({ patience: 1, pruner: patient({ patience: 2, pruner: percentile(10) }) }),
  threshold({ upper: 5 }),
  threshold({ lower: -1, upper: 1, warmupSteps: 2, intervalSteps: 3 }),
  wilcoxon(),
  wilcoxon({ pThreshold: 0.05, startupSteps: 4 }),
];

describe("a pruner's description", () => {
  test.each(PRUNERS.map((pruner) => [JSON.stringify(pruner.describe()), pruner] as const))(
    "makes the same pruner again, after it was kept as text: %s",
    (_, pruner) => {
      const text = JSON.stringify(encode(pruner.describe(), "pruner"));
      const again = prunerNamed("replay()", decode(JSON.parse(text)));
      expect(isPruner(again)).toBe(true);
      expect(again.name).toBe(pruner.name);
      expect(again.describe()).toEqual(pruner.describe());
    },
  );

  test("differs where pruners differ", () => {
    const texts = PRUNERS.map((pruner) => JSON.stringify(pruner.describe()));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("names each pruner that there is", () => {
    expect([...new Set(PRUNERS.map(({ name }) => name))].sort()).toEqual([...PRUNER_NAMES].sort());
  });
});

describe("a name that no pruner has", () => {
  test.each<[unknown, string]>([
    ["medain", 'here: a pruner is named by one of its names, got "medain". Did you mean "median"?'],
    [
      "constructor",
      `here: a pruner is named by one of its names, got "constructor". There are ${PRUNER_NAMES.join(", ")}.`,
    ],
    [
      undefined,
      `here: a pruner is named by one of its names, got undefined. There are ${PRUNER_NAMES.join(", ")}.`,
    ],
  ])("is refused: %j", (description, message) => {
    expect(() => prunerNamed("here", description)).toThrow(
      expect.objectContaining({ code: "METALAB_SEARCH_PRUNER", message }),
    );
  });

  test("is refused inside another pruner too", () => {
    expect(() => prunerNamed("here", { name: "patient", patience: 1, pruner: { name: "meidan" } })).toThrow(
      /^patient\(\): a pruner is named by one of its names, got "meidan"\. Did you mean "median"\?$/,
    );
  });
});
