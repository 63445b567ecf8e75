/**
 * The work of `workers.js` without metalab: `bare-workers.js <runs> <loops>` shares it out between two processes, half
 * of the runs each, and nothing of it is kept.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const [runs = "1000", loops = "0", first] = process.argv.slice(2);

if (first === undefined) {
  const start = performance.now();
  const half = Math.ceil(Number(runs) / 2);
  const workers = [0, half].map((from) =>
    fork(fileURLToPath(import.meta.url), [runs, loops, String(from)], { stdio: "inherit" }),
  );
  await Promise.all(workers.map((worker) => once(worker, "exit")));
  console.log(JSON.stringify({ totalMs: performance.now() - start }));
} else {
  const from = Number(first);
  const to = Math.min(Number(runs), from + Math.ceil(Number(runs) / 2));
  let sum = 0;
  for (let x = from; x < to; x++) {
    let y = x;
    for (let i = 0, n = Number(loops); i < n; i++) y = Math.sqrt(y * y + (i % 7));
    sum += y;
  }
  // So that nothing of it can be left out.
  if (Number.isNaN(sum)) process.exitCode = 1;
}
