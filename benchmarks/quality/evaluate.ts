/**
 * Evaluates problems for programs in other languages. One request a line on standard input,
 * `{ "problem": id, "x": point }`; one answer a line on standard output, `{ "value": number }`.
 *
 *   jiti benchmarks/quality/evaluate.ts held-out
 */
import { createInterface } from "node:readline";
import { type Point, readProblems, runnable } from "./problem.ts";
import { SUITES, type SuiteName } from "./suites.ts";

const suite = SUITES[(process.argv[2] ?? "public") as SuiteName];
const problems = new Map(readProblems(suite.problems).map((problem) => [problem.id, runnable(problem)]));

for await (const line of createInterface({ input: process.stdin })) {
  const { problem, x } = JSON.parse(line) as { readonly problem: string; readonly x: Point };
  process.stdout.write(`${JSON.stringify({ value: problems.get(problem)!.value(x) })}\n`);
}
