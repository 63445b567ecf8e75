/** How many bytes a run costs the driver over a whole sweep: what is in use near its end, less near its beginning. */
import { join } from "node:path";
import { Experiment, random, run, uniform } from "metalab";
import { bytesInUse, measure, peakMegabytes, size } from "../case.ts";

const runs = size(1_000_000);

await measure(async (folder) => {
  let count = 0;
  let early = 0;
  let late = 0;
  const experiment = new Experiment({
    name: "memory",
    params: random({ space: { x: uniform(-10, 10), y: uniform(-10, 10) }, trials: runs, seed: 1 }),
    operation: ({ params }) => {
      count += 1;
      if (count === 1_000) early = bytesInUse();
      if (count === runs) late = bytesInUse();
      return { value: params.x + params.y };
    },
  });
  const before = bytesInUse();
  await run(experiment, { store: join(folder, "runs"), progress: "none" }).result();
  return {
    runs,
    bytesPerRun: (late - before) / runs,
    growthPerRun: (late - early) / runs,
    peakMegabytes: peakMegabytes(),
  };
});
