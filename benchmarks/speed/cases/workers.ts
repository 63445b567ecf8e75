/**
 * Runs in this process, in processes or in threads: `workers.js <inline|processes|threads> <runs> <loops> <folder>`.
 * A run is `loops` rounds of arithmetic, so that it takes the same work wherever it is. Workers import this file again.
 */
import { type Executor, Experiment, grid, inline, processes, run, threads } from "metalab";

const [kind = "inline", runs = "1000", loops = "0", folder = "runs"] = process.argv.slice(2);
const executors: Readonly<Record<string, () => Executor>> = { inline, processes, threads };

const experiment = new Experiment({
  name: "workers",
  params: grid({ x: Array.from({ length: Number(runs) }, (_, x) => x) }),
  operation: ({ params }) => {
    let y = params.x;
    for (let i = 0, n = Number(loops); i < n; i++) y = Math.sqrt(y * y + (i % 7));
    return { y };
  },
});

const start = performance.now();
let first: number | undefined;
const workers = kind === "inline" ? {} : { workers: 2 };
const handle = run(experiment, {
  store: folder,
  resume: false,
  progress: "none",
  executor: executors[kind]!(),
  ...workers,
});
for await (const event of handle) if (event.type === "run:success") first ??= performance.now() - start;
const total = performance.now() - start;
const firstMs = first ?? Number.NaN;
console.log(JSON.stringify({ firstMs, totalMs: total, msPerRun: (total - firstMs) / Number(runs) }));
