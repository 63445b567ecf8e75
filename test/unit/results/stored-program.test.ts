import { expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";

function tableOf(metadata: Readonly<Record<string, unknown>>): Promise<string> {
  const experiment = new Experiment({
    name: "described",
    metadata,
    params: grid({ x: [1] }),
    operation: ({ params }) => ({ y: params.x }),
  });
  return run(experiment, { store: memoryStore(), progress: "none" })
    .result()
    .then((results) => results.toCSV());
}

test("what an experiment is made again from is no column of tables; other metadata of that name is", async () => {
  const stored = await tableOf({ team: "a", program: { format: 1, kind: "search", command: ["train"] } });
  expect(stored).toContain("metadata.team");
  expect(stored).not.toContain("metadata.program");
  expect(await tableOf({ program: "lunar" })).toContain("metadata.program");
});
