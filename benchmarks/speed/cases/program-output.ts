/** Gigabytes of output of a program: time, and the memory that it takes here. */
import { join } from "node:path";
import { Experiment, grid, programOperation, run } from "metalab";
import { measure, peakMegabytes, seconds, size } from "../case.ts";

const gigabytes = size(2);

/** Lines of text, some with metrics. */
const script = `
  const { writeSync } = require("fs");
  const lines = Array.from({ length: 8_000 }, (_, i) => i % 100 === 0 ? '{"step": ' + i + ', "loss": 0.5}' : "line " + i + " of what a program says while it works, with a loss of 0.123 and so on " + "x".repeat(50)).join("\\n") + "\\n";
  const block = Buffer.from(lines);
  for (let left = ${gigabytes} * 1e9; left > 0; left -= block.length)
    for (let at = 0; at < block.length; ) try { at += writeSync(1, block, at); } catch (error) { if (error.code !== "EAGAIN") throw error; }
`;

await measure(async (folder) => {
  const before = peakMegabytes();
  const experiment = new Experiment({
    name: "output",
    params: grid({ x: [1] }),
    operation: programOperation({
      argv: () => [process.execPath, "-e", script],
      sources: [],
      folder: join(folder, "work"),
    }),
  });
  const took = await seconds(() =>
    run(experiment, { store: join(folder, "runs"), progress: false }).result(),
  );
  return {
    gigabytes,
    seconds: took,
    megabytesPerSecond: (gigabytes * 1000) / took,
    moreMegabytes: peakMegabytes() - before,
  };
});
