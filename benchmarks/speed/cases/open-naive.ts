/** The naive way to read the same store: split every segment into lines and parse each. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { peakMegabytes, seconds } from "../case.ts";

const store = process.argv[3] ?? "./runs";
let runs = 0;
let sum = 0;
const took = await seconds(() => {
  const experiments = join(store, "experiments");
  for (const experiment of readdirSync(experiments)) {
    const segments = join(experiments, experiment, "segments");
    for (const file of readdirSync(segments)) {
      const bytes = readFileSync(join(segments, file));
      for (let from = 0; from < bytes.length; ) {
        const to = bytes.indexOf(10, from);
        const entry = JSON.parse(bytes.toString("utf8", from, to < 0 ? bytes.length : to)) as {
          kind: string;
          metrics: { value: number };
        };
        if (entry.kind === "record") {
          runs += 1;
          sum += entry.metrics.value;
        }
        from = to < 0 ? bytes.length : to + 1;
      }
    }
  }
});
console.log(JSON.stringify({ runs, seconds: took, mean: sum / runs, peakMegabytes: peakMegabytes() }));
