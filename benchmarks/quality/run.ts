/**
 * Lets samplers minimise the problems of a suite, and prints how they compare with Optuna's.
 *
 *   npm run bench:quality                                     all samplers, all problems of the public suite
 *   npm run bench:quality -- --samplers gp,tpe --problems booth,levy10 --seeds 5 --out /tmp/q
 *   npm run bench:quality -- --samplers gp --options '{"acquisition":"ei"}' --label gp-ei --out /tmp/q
 *   npm run bench:quality -- --suite held-out
 *
 * Curves go to benchmarks/results/quality, one file per sampler; a problem's line is replaced by a later run of it.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Runs, readRuns, writeRuns } from "./curves.ts";
import type { Task } from "./part.ts";
import { carryOut, compile, hasSampler, type SamplerChoice } from "./pool.ts";
import { readProblems } from "./problem.ts";
import { scoreTables } from "./score.ts";
import type { Study } from "./study.ts";
import { SUITES, type SuiteName } from "./suites.ts";

const part = fileURLToPath(new URL("part.ts", import.meta.url));

const KNOWN = ["random", "sobol", "tpe", "gp", "cmaes", "nsga2", "auto"];

const { values: given } = parseArgs({
  options: {
    suite: { type: "string", default: "public" },
    samplers: { type: "string", default: KNOWN.filter(hasSampler).join(",") },
    problems: { type: "string" },
    seeds: { type: "string", default: "20" },
    "first-seed": { type: "string", default: "0" },
    budget: { type: "string", default: "100" },
    jobs: { type: "string", default: "2" },
    options: { type: "string" },
    label: { type: "string" },
    out: { type: "string" },
  },
});
if (!Object.hasOwn(SUITES, given.suite))
  throw new Error(`run: no suite ${given.suite}. Use ${Object.keys(SUITES)}.`);
const suite = SUITES[given.suite as SuiteName];
const budget = Number(given.budget);
const seeds = Array.from({ length: Number(given.seeds) }, (_, at) => at + Number(given["first-seed"]));
const wanted = given.problems?.split(",");
const problems = readProblems(suite.problems).filter(({ id }) => wanted?.includes(id) ?? true);
const folder = given.out ?? suite.results;

for (const name of given.samplers.split(",")) {
  const label = given.label ?? name;
  const choice: SamplerChoice =
    given.options === undefined ? { name } : { name, options: JSON.parse(given.options) };
  const script = await compile(choice, part);
  const studies = new Map<string, Map<number, Study>>(problems.map(({ id }) => [id, new Map()]));
  const tasks = problems.flatMap((problem) => seeds.map((seed) => ({ problem, seed, budget })));
  try {
    await carryOut<Task, Study>(script, tasks, Number(given.jobs), (task, study) => {
      const done = studies.get(task.problem.id)!;
      done.set(task.seed, study);
      if (done.size === seeds.length) process.stderr.write(`${label} ${task.problem.id}\n`);
    });
  } finally {
    rmSync(script, { force: true });
  }
  const runs = problems.map(({ id }): Runs => {
    const made = seeds.map((seed) => studies.get(id)!.get(seed)!);
    return {
      problem: id,
      sampler: label,
      seeds,
      sec: made.map(({ seconds }) => Number(seconds.toFixed(4))),
      curves: made.map(({ curve }) => curve),
    };
  });
  const file = join(folder, `${label}.jsonl`);
  const fresh = new Set(problems.map(({ id }) => id));
  const kept = existsSync(file) ? readRuns(file).filter(({ problem }) => !fresh.has(problem)) : [];
  writeRuns(file, [...kept, ...runs]);
}

const ours = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .flatMap((name) => readRuns(join(folder, name)));
const tables = scoreTables(suite, ours, wanted);
console.log(tables);
writeFileSync(join(folder, "scores.md"), `${tables}\n`);
