import { readFileSync } from "node:fs";
import { choice, type Distribution, int, logint, loguniform, uniform } from "../../src/space/distribution.ts";
import { resolveSpace, type Space } from "../../src/space/space.ts";
import { UnitSpace } from "../../src/space/units.ts";
import { type When, when } from "../../src/space/when.ts";
import { FUNCTIONS, type MakeFunction } from "./functions.ts";
import { CLASSIC } from "./held-out/classic.ts";
import { LEARNING } from "./held-out/learning.ts";
import { STRUCTURED } from "./held-out/structured.ts";
import { gauss } from "./noise.ts";

/** A point: parameter name → value; inactive parameters are not there. */
export type Point = Readonly<Record<string, unknown>>;

/** One parameter of a problem, as plain data. */
export interface Parameter {
  readonly name: string;
  readonly type: "float" | "int" | "cat";
  readonly low?: number;
  readonly high?: number;
  readonly log?: boolean;
  readonly choices?: readonly (string | number | boolean)[];
  /** It exists only where every named parameter has this value, or one of these values. */
  readonly when?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
}

type Scalar = string | number | boolean;

/** A function to be minimised, as plain data: all that a second implementation needs besides the formula. */
export interface Problem {
  readonly id: string;
  /** Name of its formula. */
  readonly fn: string;
  readonly consts?: Readonly<Record<string, unknown>>;
  readonly params: readonly Parameter[];
  /** Lowest value that the function takes. */
  readonly optimum: number;
  readonly argmin?: Point;
  /** Standard deviation of what is added to each evaluation; absent for none. */
  readonly noise?: { readonly sd: number };
  /** Points with their values, to check a formula by. */
  readonly tests: readonly { readonly x: Point; readonly y: number }[];
}

/** Formulas by the name that problems call them by. */
const FORMULAS: Readonly<Record<string, MakeFunction>> = {
  ...FUNCTIONS,
  ...CLASSIC,
  ...STRUCTURED,
  ...LEARNING,
};

/** A problem that can be evaluated. */
export interface Runnable {
  readonly id: string;
  readonly space: UnitSpace;
  /** Value without noise. */
  value(x: Point): number;
  /** What the evaluation with this index, from 0, shows in the run with this seed. */
  observe(x: Point, seed: number, index: number): number;
}

/** Reads the problems of a file of this folder, for example `problems.json`. */
export function readProblems(file: string | URL): readonly Problem[] {
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly problems: readonly Problem[] }).problems;
}

export function runnable(problem: Problem): Runnable {
  const make = FORMULAS[problem.fn];
  if (make === undefined)
    throw new Error(`quality: problem ${problem.id} names no known function, got ${problem.fn}`);
  const value = make(
    problem.consts ?? {},
    problem.params.map(({ name }) => name),
  );
  const sd = problem.noise?.sd ?? 0;
  return {
    id: problem.id,
    space: new UnitSpace(resolveSpace(spaceOf(problem.params), "quality")),
    value,
    observe: (x, seed, index) => (sd === 0 ? value(x) : value(x) + sd * gauss(seed, index)),
  };
}

/** The space of some parameters. */
export function spaceOf(params: readonly Parameter[]): Space {
  const entries: Record<string, Distribution | When<Distribution>> = {};
  for (const parameter of params) {
    const distribution = distributionOf(parameter);
    entries[parameter.name] =
      parameter.when === undefined ? distribution : when(parameter.when, distribution);
  }
  return entries;
}

function distributionOf({ type, low = 0, high = 1, log = false, choices = [] }: Parameter): Distribution {
  if (type === "cat") return choice(choices);
  if (type === "int") return log ? logint(low, high) : int(low, high);
  return log ? loguniform(low, high) : uniform(low, high);
}
