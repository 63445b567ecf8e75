/** Everything is done already: how long until `result()` returns. The store is the second argument. */
import { run } from "metalab";
import { trivial } from "../booth.ts";
import { peakMegabytes, seconds, size } from "../case.ts";

const runs = size(1_000_000);
const store = process.argv[3] ?? "./runs";
let cached = 0;
const took = await seconds(async () => {
  const handle = run(trivial(runs), { store, progress: "none" });
  await handle.result();
  cached = handle.progress.cached;
});
if (cached !== runs) throw new Error(`resume: ${cached} of ${runs} runs were cached`);
console.log(
  JSON.stringify({ runs, seconds: took, runsPerSecond: runs / took, peakMegabytes: peakMegabytes() }),
);
