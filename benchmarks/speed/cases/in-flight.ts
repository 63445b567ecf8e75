/** 100 calls in flight of a 10 ms operation: the share of the ideal that is reached. Beside it, a bare loop of promises. */
import { join } from "node:path";
import { Experiment, grid, run } from "metalab";
import { measure, seconds, size } from "../case.ts";

const CALLS = size(10_000);
const IN_FLIGHT = 100;
const CALL_MS = 10;
const sleep = () => new Promise<void>((resolve) => setTimeout(resolve, CALL_MS));

await measure(async (folder) => {
  const experiment = new Experiment({
    name: "calls",
    params: grid({ call: Array.from({ length: CALLS }, (_, i) => i) }),
    operation: async () => {
      await sleep();
      return { ok: 1 };
    },
  });
  const took = await seconds(() =>
    run(experiment, { store: join(folder, "runs"), concurrency: IN_FLIGHT, progress: "none" }).result(),
  );
  const bareTook = await seconds(async () => {
    let next = 0;
    const lane = async () => {
      while (next < CALLS) {
        next += 1;
        await sleep();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  });
  const ideal = (CALLS / IN_FLIGHT) * (CALL_MS / 1000);
  return {
    seconds: took,
    bareSeconds: bareTook,
    idealSeconds: ideal,
    shareOfIdeal: ideal / took,
    shareOfBare: bareTook / took,
  };
});
