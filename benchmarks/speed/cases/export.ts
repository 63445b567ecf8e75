/** Fills the store named by the second argument with wide runs, or writes those of a full one as Parquet or Arrow. */
import { rmSync, statSync } from "node:fs";
import { loadResults, run } from "metalab";
import { peakMegabytes, seconds, size } from "../case.ts";
import { wide } from "../wide.ts";

const runs = size(1_000_000);
const store = process.argv[3] ?? "./runs";
const what = process.argv[4] ?? "fill";

if (what === "fill") {
  const took = await seconds(() => run(wide(runs), { store, progress: "none" }).result());
  console.log(JSON.stringify({ runs, seconds: took, peakMegabytes: peakMegabytes() }));
} else {
  const results = await loadResults(store, { experiment: "wide" });
  if (results.length !== runs) throw new Error(`export: ${results.length} of ${runs} runs`);
  const path = `${store}.${what}`;
  const before = process.cpuUsage();
  const took = await seconds(() => (what === "parquet" ? results.toParquet(path) : results.writeArrow(path)));
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  const megabytes = statSync(path).size / 2 ** 20;
  rmSync(path);
  console.log(JSON.stringify({ runs, seconds: took, cpuSeconds, megabytes, peakMegabytes: peakMegabytes() }));
}
