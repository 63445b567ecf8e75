import { expect, test } from "vitest";
import { diagnose } from "../../../src/cli/diagnosis.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";

const FAR_MORE_THAN_ARGUMENTS = 130_000;

test("of however many runs it is found which sizes do not fit into memory", async () => {
  const small: RunSketch = { params: { size: 8, depth: 3 }, durationMs: 1 };
  const large: RunSketch = {
    params: { size: 64, depth: 3 },
    status: "failed",
    error: { class: "error", name: "Error", message: "out of memory" },
  };
  const runs = Array.from({ length: FAR_MORE_THAN_ARGUMENTS + 1 }, (_, i) => (i === 5 ? large : small));
  const results = await madeResults(runs);
  const findings = diagnose(results, results.parts[0]!.manifest!, { manual: undefined });
  expect(findings.map(({ what }) => what)).toEqual(["1 run ran out of memory."]);
  expect(findings[0]!.advice[0]).toMatch(/^All of them have size of 64 or more, .* more than 8 succeeded/);
});
