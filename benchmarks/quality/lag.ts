/**
 * What the lag of a search costs: in quality, since a trial knows nothing of the last ones before it, and in time,
 * since workers wait where the next trial may not begin yet.
 *
 *   npx jiti benchmarks/quality/lag.ts [--samplers auto,tpe] [--seeds 10] [--lags 1,2,4,8] [--problems …] [--jobs 2]
 *
 * Quality: normalised regret over the public suite, as in the other tables, after 25, 50 and 100 evaluations. Time:
 * the share of the time in which workers are busy, simulated for runs whose lengths have a lognormal distribution
 * with a standard deviation of the logarithm of 0.5 (a tenth of the runs is 3.6 times as long as another tenth).
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createRng } from "../../src/math/random.ts";
import { type Runs, readRuns } from "./curves.ts";
import type { Task } from "./part.ts";
import { carryOut, compile } from "./pool.ts";
import { readProblems } from "./problem.ts";
import { rankAll } from "./ranking.ts";
import { BUDGETS } from "./score.ts";
import type { Study } from "./study.ts";
import { SUITES } from "./suites.ts";
import { markdown } from "./table.ts";

const { values: given } = parseArgs({
  options: {
    samplers: { type: "string", default: "auto,tpe" },
    seeds: { type: "string", default: "10" },
    lags: { type: "string", default: "1,2,4,8" },
    problems: { type: "string" },
    jobs: { type: "string", default: "2" },
    out: { type: "string", default: fileURLToPath(new URL("../results/quality/lag.md", import.meta.url)) },
  },
});
const BUDGET = 100;
const WORKERS = [1, 2, 4, 8];
const lags = given.lags.split(",").map(Number);
const seeds = Array.from({ length: Number(given.seeds) }, (_, at) => at);
const wanted = given.problems?.split(",");
const suite = SUITES.public;
const problems = readProblems(suite.problems).filter(({ id }) => wanted?.includes(id) ?? true);
const optima = new Map(problems.map(({ id, optimum }) => [id, optimum]));
const random = readRuns(suite.peers).filter(
  ({ sampler, problem }) => sampler === "random" && optima.has(problem),
);

async function runsOf(name: string): Promise<readonly Runs[]> {
  const script = await compile({ name }, fileURLToPath(new URL("part.ts", import.meta.url)));
  const tasks = lags.flatMap((lag) =>
    problems.flatMap((problem) => seeds.map((seed) => ({ problem, seed, budget: BUDGET, lag }))),
  );
  const curves = new Map<string, Map<number, Study>>();
  await carryOut<Task, Study>(script, tasks, Number(given.jobs), ({ problem, seed, lag }, study) => {
    const key = `${name} lag ${lag} ${problem.id}`;
    const made = curves.get(key) ?? new Map<number, Study>();
    made.set(seed, study);
    curves.set(key, made);
    if (made.size === seeds.length) process.stderr.write(`${key}\n`);
  });
  return lags.flatMap((lag) =>
    problems.map(({ id }) => {
      const made = seeds.map((seed) => curves.get(`${name} lag ${lag} ${id}`)!.get(seed)!);
      return {
        problem: id,
        sampler: `${name} ${lag}`,
        seeds,
        sec: made.map(({ seconds }) => seconds),
        curves: made.map(({ curve }) => curve),
      };
    }),
  );
}

/** The share of the time in which workers are busy, over 2,000 trials. */
function busyShare(workers: number, lag: number): number {
  const rng = createRng("lag", workers, lag);
  const free = new Float64Array(workers);
  const ended: number[] = [];
  let busy = 0;
  /** When all trials up to one had ended. */
  let inOrder = 0;
  for (let trial = 0; trial < 2_000; trial += 1) {
    if (trial >= lag) inOrder = Math.max(inOrder, ended[trial - lag]!);
    const worker = free.indexOf(Math.min(...free));
    const length = Math.exp(rng.normal(0, 0.5));
    ended[trial] = Math.max(free[worker]!, inOrder) + length;
    free[worker] = ended[trial]!;
    busy += length;
  }
  return busy / workers / Math.max(...free);
}

const quality: string[][] = [];
for (const name of given.samplers.split(",")) {
  const runs = await runsOf(name);
  for (const lag of lags) {
    const own = runs.filter(({ sampler }) => sampler === `${name} ${lag}`);
    const scores = BUDGETS.map((budget) => rankAll([...own, ...random], optima, budget, "random"));
    const ours = scores.map((table) => table.find(({ sampler }) => sampler === `${name} ${lag}`)!);
    quality.push([name, String(lag), ours.map(({ geomean }) => geomean.toFixed(3)).join(" / ")]);
  }
}
const idle = lags.map((lag) => [
  String(lag),
  ...WORKERS.map((workers) => `${(100 * busyShare(workers, lag)).toFixed(0)} %`),
]);
const text = `# What the lag of a search costs

Normalised regret after ${BUDGETS.join(", ")} evaluations (${seeds.length} seeds, ${problems.length} problems):

${markdown(["sampler", "lag", "normalised regret"], quality)}

Time in which workers are busy, for runs of different lengths:

${markdown(["lag", ...WORKERS.map((workers) => `${workers} ${workers === 1 ? "worker" : "workers"}`)], idle)}
`;
writeFileSync(given.out, text);
console.log(text);
