/**
 * One of many runs failed: how long from `run()` until it begins again. With the word "fill" as the third argument
 * the store, the second argument, is filled first.
 */
import { Experiment, grid, run } from "metalab";
import { seconds, size } from "../case.ts";

const runs = size(100_000);
const store = process.argv[3] ?? "./runs";
const isFill = process.argv[4] === "fill";
let beganMs = 0;
const experiment = new Experiment({
  name: "retry",
  params: grid({ x: Array.from({ length: runs }, (_, i) => i) }),
  operation: ({ params }) => {
    beganMs ||= performance.now();
    if (isFill && params.x === runs - 7) throw new Error("fails once");
    return { value: params.x };
  },
});
const startMs = performance.now();
const took = await seconds(async () => {
  await run(experiment, { store, progress: "none" }).result();
});
console.log(JSON.stringify({ runs, seconds: took, firstStartSeconds: (beganMs - startMs) / 1000 }));
