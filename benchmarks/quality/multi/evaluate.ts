/**
 * Evaluates problems of two objectives for programs in other languages. One request a line on standard input,
 * `{ "problem": id, "x": point }`; one answer a line on standard output. The first line of output describes the problems.
 */
import { createInterface } from "node:readline";
import type { Point } from "../problem.ts";
import { MULTI } from "./problems.ts";

const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

say(MULTI.map(({ id, box, constraints, reference }) => ({ id, box, constraints, reference })));
for await (const line of createInterface({ input: process.stdin })) {
  const { problem, x } = JSON.parse(line) as { readonly problem: string; readonly x: Point };
  say(MULTI.find(({ id }) => id === problem)!.evaluate(x));
}
