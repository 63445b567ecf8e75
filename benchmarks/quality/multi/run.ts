/**
 * Lets samplers search for the fronts of problems of two objectives, and prints the share of the best hypervolume
 * that they reach, beside Optuna's.
 *
 *   npm run bench:quality:multi -- --samplers nsga2,tpe --seeds 10 --out /tmp/q
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { carryOut, compile, hasSampler } from "../pool.ts";
import { median } from "../ranking.ts";
import { markdown } from "../table.ts";
import type { MultiTask } from "./part.ts";
import { bestVolume, MULTI } from "./problems.ts";
import { MARKS, type MultiStudy } from "./study.ts";

/** All runs of one optimiser on one problem: one line of a file. */
interface Volumes {
  readonly problem: string;
  readonly sampler: string;
  readonly sec: readonly number[];
  /** For each seed the hypervolume after each of {@link MARKS}. */
  readonly volumes: readonly (readonly number[])[];
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const { values: given } = parseArgs({
  options: {
    samplers: {
      type: "string",
      default: ["random", "nsga2", "tpe", "gp", "auto"].filter(hasSampler).join(","),
    },
    problems: { type: "string" },
    seeds: { type: "string", default: "10" },
    jobs: { type: "string", default: "2" },
    out: { type: "string", default: at("../../results/quality/multi") },
  },
});
const seeds = Array.from({ length: Number(given.seeds) }, (_, seed) => seed);
const wanted = given.problems?.split(",");
const problems = MULTI.filter(({ id }) => wanted?.includes(id) ?? true);

function readVolumes(file: string): Volumes[] {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Volumes);
}

for (const name of given.samplers.split(",")) {
  const script = await compile({ name }, at("part.ts"));
  const studies = new Map<string, MultiStudy>();
  const tasks = problems.flatMap(({ id }) => seeds.map((seed): MultiTask => ({ problem: id, seed })));
  try {
    await carryOut<MultiTask, MultiStudy>(script, tasks, Number(given.jobs), ({ problem, seed }, study) => {
      studies.set(`${problem} ${seed}`, study);
    });
  } finally {
    rmSync(script, { force: true });
  }
  const file = join(given.out, `${name}.jsonl`);
  const fresh = problems.map(({ id }): Volumes => {
    const made = seeds.map((seed) => studies.get(`${id} ${seed}`)!);
    return {
      problem: id,
      sampler: name,
      sec: made.map(({ seconds }) => Number(seconds.toFixed(3))),
      volumes: made.map(({ volumes }) => volumes.map((volume) => Number(volume.toPrecision(7)))),
    };
  });
  const isKept = ({ problem }: Volumes) => !problems.some(({ id }) => id === problem);
  const kept = existsSync(file) ? readVolumes(file).filter(isKept) : [];
  mkdirSync(given.out, { recursive: true });
  writeFileSync(file, [...kept, ...fresh].map((each) => `${JSON.stringify(each)}\n`).join(""));
}

const ours = readdirSync(given.out)
  .filter((name) => name.endsWith(".jsonl"))
  .flatMap((name) => readVolumes(join(given.out, name)));
const peers = readVolumes(at("optuna.jsonl")).map((each) => ({ ...each, sampler: `optuna ${each.sampler}` }));
const all = [...peers, ...ours].filter(({ problem }) => problems.some(({ id }) => id === problem));
const names = [...new Set(all.map(({ sampler }) => sampler))];
const rows = problems.map((problem) => {
  const best = bestVolume(problem);
  return [
    problem.id,
    ...names.map((name) => {
      const runs = all.find((each) => each.problem === problem.id && each.sampler === name);
      if (runs === undefined) return "";
      const shares = MARKS.map((_, mark) => median(runs.volumes.map((each) => each[mark]!)) / best);
      return shares.map((share) => share.toFixed(4)).join(" / ");
    }),
  ];
});
const seconds = names.map((name) =>
  median(all.filter(({ sampler }) => sampler === name).flatMap(({ sec }) => sec)).toPrecision(2),
);
const table = markdown(["problem", ...names], [...rows, ["s per search", ...seconds]]);
const text = `Median share of the best hypervolume after ${MARKS.join(" / ")} evaluations.\n\n${table}\n`;
console.log(text);
writeFileSync(join(given.out, "scores.md"), text);
