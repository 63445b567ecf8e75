/** Works out what `gc` would remove of the store named by the second argument: all but its 1,000 best runs. */
import { Experiment, gc, grid, minimize, run } from "metalab";
import { peakMegabytes, seconds, size } from "../case.ts";

const runs = size(1_000_000);
const store = process.argv[3] ?? "./runs";
// The trivial experiment has no objective; a plan of one run gives it one.
const objective = new Experiment({
  name: "trivial",
  params: grid({ x: [0], y: [0] }),
  operation: () => ({ value: Number.MAX_VALUE }),
  objective: minimize("value"),
});
await run(objective, { store, progress: "none" }).result();
let going = 0;
const took = await seconds(async () => {
  going = (await gc(store, { keepBest: 1000 })).runs;
});
if (Math.abs(going - (runs - 1000)) > 2) throw new Error(`gc: ${going} of ${runs} runs would go`);
console.log(JSON.stringify({ runs, seconds: took, peakMegabytes: peakMegabytes() }));
