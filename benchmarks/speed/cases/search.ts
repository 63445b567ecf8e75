/**
 * A whole search of a sphere whose middle is off the centre, by one sampler: CPU seconds of the search, milliseconds
 * of each of the last hundred trials, and bytes kept a trial. Arguments: sampler, dimensions, trials. Needs
 * `--expose-gc`. CPU time, so that a busy machine tells the same.
 */
import { minimize } from "../../../src/search/objective.ts";
import type { Sampler } from "../../../src/search/sampler.ts";
import { cmaes } from "../../../src/search/samplers/cmaes.ts";
import { gp } from "../../../src/search/samplers/gp.ts";
import { random } from "../../../src/search/samplers/random.ts";
import { tpe } from "../../../src/search/samplers/tpe.ts";
import { Study } from "../../../src/search/study.ts";
import { uniform } from "../../../src/space/distribution.ts";
import { resolveSpace } from "../../../src/space/space.ts";
import { UnitSpace } from "../../../src/space/units.ts";
import { bytesInUse, measure } from "../case.ts";

const SAMPLERS: Readonly<Record<string, () => Sampler>> = { cmaes, gp, random, tpe };

const LAST = 100;

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

await measure(async () => {
  const [name = "random", dimensions = "2", count = "1000"] = process.argv.slice(2);
  const sampler = SAMPLERS[name]!();
  const names = Array.from({ length: Number(dimensions) }, (_, at) => `x${at}`);
  const entries = Object.fromEntries(names.map((each) => [each, uniform(-5, 5)]));
  const space = new UnitSpace(resolveSpace(entries, "bench"));
  const trials = Number(count);
  const objectives = [minimize("value")];
  const study = new Study({ space, sampler, objectives, constraints: 0, seed: 0, start: [] });
  const before = bytesInUse();
  const began = process.cpuUsage();
  let beforeLast = process.cpuUsage();
  for (let number = 0; number < trials; number += 1) {
    if (number === trials - LAST) beforeLast = process.cpuUsage();
    const { params } = study.ask(trials);
    const value = names.reduce((sum, each) => sum + ((params[each] as number) - 1) ** 2, 0);
    study.tell(number, { state: "complete", losses: [value], errors: [Number.NaN], count: 1 });
  }
  const seconds = secondsSince(began);
  const lastMs = (1000 * secondsSince(beforeLast)) / LAST;
  const bytesPerTrial = (bytesInUse() - before) / study.history.length;
  return { trials, seconds, lastMs, bytesPerTrial };
});
