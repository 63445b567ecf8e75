import { type Runs, readRuns } from "./curves.ts";
import { readProblems } from "./problem.ts";
import { median, rankAll } from "./ranking.ts";
import type { Suite } from "./suites.ts";
import { markdown } from "./table.ts";

/** Numbers of evaluations after which optimisers are compared. */
export const BUDGETS = [25, 50, 100];

/** What the names of Optuna's samplers begin with in tables that have ours beside them. */
const PEER = "optuna ";
const RANDOM = `${PEER}random`;

/**
 * Two tables in Markdown: scores over the suite, and normalised regret problem by problem. Everything is normalised by
 * the median regret of Optuna's random search.
 *
 * @param ours - runs of our samplers.
 * @param wanted - the problems to look at; all by default.
 */
export function scoreTables(suite: Suite, ours: readonly Runs[], wanted?: readonly string[]): string {
  const isWanted = ({ problem }: Runs) => wanted?.includes(problem) ?? true;
  const optima = new Map(readProblems(suite.problems).map(({ id, optimum }) => [id, optimum]));
  const peers = readRuns(suite.peers)
    .filter(isWanted)
    .map((runs) => ({ ...runs, sampler: `${PEER}${runs.sampler}` }));
  const all = [...peers, ...ours.filter(isWanted)];
  const names = [...new Set(all.map(({ sampler }) => sampler))];

  const rows = names.map((sampler) => {
    const isOurs = !sampler.startsWith(PEER);
    const own = all.filter((runs) => runs.sampler === sampler);
    const problems = new Set(own.map(({ problem }) => problem));
    const beside = thoseWith(problems, peers);
    const tables = BUDGETS.map((budget) => {
      return rankAll(isOurs ? [...beside, ...own] : beside, optima, budget, RANDOM);
    });
    const alone = tables.map((scores) => scores.find((score) => score.sampler === sampler)!);
    const rivals = tables.map((scores) =>
      Math.min(...scores.filter((score) => score.sampler !== sampler).map(({ rank }) => rank)),
    );
    const together = BUDGETS.map((budget) => {
      const scores = rankAll(thoseWith(problems, all), optima, budget, RANDOM);
      return scores.find((score) => score.sampler === sampler)!.rank;
    });
    const last = alone[alone.length - 1]!;
    const seconds = median(own.flatMap(({ sec }) => sec));
    return [
      sampler,
      alone.map(({ rank }) => rank.toFixed(2)).join(" / "),
      rivals.map((rank) => rank.toFixed(2)).join(" / "),
      together.map((rank) => rank.toFixed(2)).join(" / "),
      alone.map(({ geomean }) => geomean.toFixed(3)).join(" / "),
      `${[...last.normalised.values()].filter((value) => value < 1).length}/${last.normalised.size}`,
      seconds.toPrecision(2),
      String(Math.max(...own.map(({ seeds }) => seeds.length))),
    ];
  });
  const summary = markdown(
    [
      "optimiser",
      "rank beside Optuna's",
      "best other there",
      "rank among all",
      "normalised regret",
      "better than random",
      "s per search",
      "seeds",
    ],
    rows,
  );

  const last = BUDGETS[BUDGETS.length - 1]!;
  const regret = new Map(
    names.map((sampler) => {
      const own = all.filter((runs) => runs.sampler === sampler);
      const random = sampler === RANDOM ? [] : peers.filter((runs) => runs.sampler === RANDOM);
      const kept = new Set(own.map(({ problem }) => problem));
      const scores = rankAll(
        [...own, ...random.filter(({ problem }) => kept.has(problem))],
        optima,
        last,
        RANDOM,
      );
      return [sampler, scores.find((score) => score.sampler === sampler)!.normalised];
    }),
  );
  const problems = [...optima.keys()].filter((problem) =>
    names.some((name) => regret.get(name)!.has(problem)),
  );
  const detail = markdown(
    ["problem", ...names],
    problems.map((problem) => [
      problem,
      ...names.map((name) => {
        const value = regret.get(name)!.get(problem);
        return value === undefined ? "" : value.toPrecision(2);
      }),
    ]),
  );
  const budgets = BUDGETS.join(" / ");
  return `Ranks and geometric means after ${budgets} evaluations; medians over seeds.\n\n${summary}\n\nMedian regret after ${last} evaluations over that of random search.\n\n${detail}`;
}

/** Runs on these problems, of the optimisers that have runs on all of them. */
function thoseWith(problems: ReadonlySet<string>, runs: readonly Runs[]): readonly Runs[] {
  const within = runs.filter(({ problem }) => problems.has(problem));
  return within.filter(
    ({ sampler }) => within.filter((other) => other.sampler === sampler).length === problems.size,
  );
}
