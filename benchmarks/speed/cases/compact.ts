/** Writes the store named by the second argument anew, every run of it. */
import { compact } from "metalab";
import { peakMegabytes, seconds, size } from "../case.ts";

const runs = size(1_000_000);
let kept = 0;
const took = await seconds(async () => {
  for (const report of await compact(process.argv[3]!)) kept += report.runs;
});
// The case of gc adds a run.
if (kept - runs > 1 || kept < runs) throw new Error(`compact: ${kept} of ${runs} runs were written anew`);
console.log(JSON.stringify({ seconds: took, peakMegabytes: peakMegabytes() }));
