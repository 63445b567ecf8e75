/** What a run of a program costs on top of starting the program alone. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { Experiment, grid, programOperation, run } from "metalab";
import { measure, size } from "../case.ts";

const runs = size(200);
/** Of each kind in turn, so that a machine that gets slower in the meantime is slower for both. */
const ROUNDS = 5;
const argv = ["/bin/sh", "-c", "echo '{\"y\": 1}'"];

function alone(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "pipe"], detached: true });
    child.stdout.resume();
    child.stderr.resume();
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}

await measure(async (folder) => {
  const each = Math.ceil(runs / ROUNDS);
  const aloneMs: number[] = [];
  const oursMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < each; i++) await alone();
    aloneMs.push((performance.now() - start) / each);
    const experiment = new Experiment({
      name: `round-${round}`,
      params: grid({ x: Array.from({ length: each }, (_, i) => i) }),
      operation: programOperation({ argv: () => argv, sources: [], folder: join(folder, "work") }),
    });
    const began = performance.now();
    const results = await run(experiment, { store: join(folder, "runs"), progress: false }).result();
    oursMs.push((performance.now() - began) / each);
    if (results.successful.length !== each) throw new Error("programs: a run failed");
  }
  const median = (times: readonly number[]) =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  return { aloneMs: median(aloneMs), oursMs: median(oursMs), overheadMs: median(oursMs) - median(aloneMs) };
});
