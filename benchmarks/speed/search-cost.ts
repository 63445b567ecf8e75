import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Figures } from "./case.ts";

/** One search to be timed. */
interface Search {
  readonly sampler: string;
  readonly dimensions: number;
  readonly trials: number;
  readonly target: string;
  /** Whether the peer runs it too: some take it minutes. */
  readonly beside: boolean;
}

const SEARCHES: readonly Search[] = [
  { sampler: "random", dimensions: 2, trials: 10_000, target: "≤ 20 µs a trial", beside: true },
  { sampler: "tpe", dimensions: 20, trials: 1_000, target: "≤ 1/10 of Optuna", beside: true },
  { sampler: "cmaes", dimensions: 20, trials: 1_000, target: "≤ 1/10 of Optuna", beside: true },
  { sampler: "gp", dimensions: 5, trials: 100, target: "≤ 2 s", beside: true },
  { sampler: "gp", dimensions: 5, trials: 300, target: "≤ 1/10 of Optuna", beside: true },
  { sampler: "tpe", dimensions: 5, trials: 10_000, target: "≤ 5 ms at the end", beside: false },
];

/** One line of the table of the benchmark. */
interface Row {
  readonly what: string;
  readonly ours: string;
  readonly target: string;
  readonly beside: string;
}

/**
 * Times whole searches in CPU seconds, each beside Optuna's sampler of the same name.
 *
 * @param time - runs the case "search" with these arguments.
 * @param python - a Python with optuna, cmaes and torch; without it nothing stands beside.
 */
export function searchCost(
  root: string,
  time: (args: readonly string[]) => Figures,
  python: string | undefined,
): { readonly rows: readonly Row[]; readonly figures: Readonly<Record<string, Figures>> } {
  const figures: Record<string, Figures> = {};
  const rows = SEARCHES.map(({ sampler, dimensions, trials, target, beside }): Row => {
    const args = [sampler, String(dimensions), String(trials)];
    const ours = time(args);
    const name = `search-${args.join("-")}`;
    figures[name] = ours;
    let other = "";
    if (python !== undefined && beside) {
      const script = join(root, "benchmarks", "peers", "optuna_cost.py");
      const env = { ...process.env, OMP_NUM_THREADS: "1" };
      const theirs = JSON.parse(
        execFileSync(python, [script, ...args], { encoding: "utf8", env }),
      ) as Figures;
      figures[`${name}-optuna`] = theirs;
      other = `Optuna ${told(theirs)}, ${(theirs["seconds"]! / ours["seconds"]!).toFixed(0)} × ours`;
    }
    return {
      what: `${sampler}, ${dimensions} dimensions, ${trials.toLocaleString("en-US")} trials`,
      ours: `${told(ours)}, ${ours["bytesPerTrial"]!.toFixed(0)} bytes a trial`,
      target,
      beside: other,
    };
  });
  return { rows, figures };
}

function told({ trials, seconds, lastMs }: Figures): string {
  const each = (1e6 * seconds!) / trials!;
  const mean = each < 1000 ? `${each.toFixed(1)} µs` : `${(each / 1000).toFixed(1)} ms`;
  return `${seconds!.toPrecision(3)} CPU s, ${mean} a trial, ${lastMs!.toPrecision(2)} ms at the end`;
}
