/** Fills the store named by the second argument with trivial runs, for the cases that read it. */
import { run } from "metalab";
import { trivial } from "../booth.ts";
import { peakMegabytes, seconds, size } from "../case.ts";

const runs = size(1_000_000);
const store = process.argv[3] ?? "./runs";
const took = await seconds(() => run(trivial(runs), { store, progress: "none" }).result());
console.log(JSON.stringify({ runs, runsPerSecond: runs / took, peakMegabytes: peakMegabytes() }));
