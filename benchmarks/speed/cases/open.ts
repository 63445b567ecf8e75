/** Opens the store named by the second argument and sums a metric over all runs. */
import { loadResults } from "metalab";
import { peakMegabytes, seconds, size } from "../case.ts";

const runs = size(1_000_000);
const store = process.argv[3] ?? "./runs";
let length = 0;
let mean = 0;
const took = await seconds(async () => {
  const results = await loadResults(store, { experiment: "trivial" });
  length = results.length;
  mean = results.summary("value").mean;
});
if (length !== runs) throw new Error(`open: ${length} of ${runs} runs`);
console.log(JSON.stringify({ runs, seconds: took, mean, peakMegabytes: peakMegabytes() }));
