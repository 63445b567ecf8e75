import type { Point } from "./problem.ts";

/**
 * Makes a function of points.
 *
 * @param consts - numbers of the problem.
 * @param names - its parameters in their order.
 */
export type MakeFunction = (
  consts: Readonly<Record<string, unknown>>,
  names: readonly string[],
) => (x: Point) => number;

/** A function of real vectors as a function of points. */
export function ofVector(f: (x: readonly number[]) => number): MakeFunction {
  return (_, names) => (x) => f(names.map((name) => x[name] as number));
}

const { PI, abs, cos, exp, log2, log10, sin, sqrt } = Math;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function booth([a = 0, b = 0]: readonly number[]): number {
  return (a + 2 * b - 7) ** 2 + (2 * a + b - 5) ** 2;
}

function branin([a = 0, b = 0]: readonly number[]): number {
  const bend = b - (5.1 / (4 * PI ** 2)) * a ** 2 + (5 / PI) * a - 6;
  return bend ** 2 + 10 * (1 - 1 / (8 * PI)) * cos(a) + 10;
}

function rosenbrock(x: readonly number[]): number {
  let total = 0;
  for (let i = 0; i + 1 < x.length; i += 1) total += 100 * (x[i + 1]! - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2;
  return total;
}

export function ackley(x: readonly number[]): number {
  const spread = sqrt(sum(x.map((v) => v * v)) / x.length);
  const wave = sum(x.map((v) => cos(2 * PI * v))) / x.length;
  return -20 * exp(-0.2 * spread) - exp(wave) + 20 + Math.E;
}

export function rastrigin(x: readonly number[]): number {
  return 10 * x.length + sum(x.map((v) => v * v - 10 * cos(2 * PI * v)));
}

export function levy(x: readonly number[]): number {
  const w = x.map((v) => 1 + (v - 1) / 4);
  const last = w[w.length - 1]!;
  const inner = w.slice(0, -1).map((v) => (v - 1) ** 2 * (1 + 10 * sin(PI * v + 1) ** 2));
  return sin(PI * w[0]!) ** 2 + sum(inner) + (last - 1) ** 2 * (1 + sin(2 * PI * last) ** 2);
}

export function griewank(x: readonly number[]): number {
  const product = x.reduce((total, v, i) => total * cos(v / sqrt(i + 1)), 1);
  return 1 + sum(x.map((v) => v * v)) / 4000 - product;
}

function styblinskiTang(x: readonly number[]): number {
  return sum(x.map((v) => v ** 4 - 16 * v ** 2 + 5 * v)) / 2;
}

/** Hartmann's function with the numbers `alpha`, `A` and `P`. */
const hartmann: MakeFunction = (consts, names) => {
  const { alpha, A, P } = consts as { alpha: number[]; A: number[][]; P: number[][] };
  return (x) => {
    const v = names.map((name) => x[name] as number);
    return -sum(
      alpha.map((weight, i) => weight * exp(-sum(v.map((t, j) => A[i]![j]! * (t - P[i]![j]!) ** 2)))),
    );
  };
};

/** The settings of a small network: a bowl whose middle depends on the optimiser, steeper in depth for some activations. */
const mixedNet: MakeFunction = (consts) => {
  const { T, A, O } = consts as Readonly<Record<"T" | "A" | "O", Readonly<Record<string, number>>>>;
  return (x) => {
    const opt = x["opt"] as string;
    const activation = A[x["act"] as string]!;
    const rate = log10(x["lr"] as number) - T[opt]!;
    const depth = (x["depth"] as number) - 4;
    const units = log2(x["units"] as number) - 6;
    const dropout = (x["dropout"] as number) - 0.2 - 0.05 * depth;
    const bowl =
      0.5 * rate ** 2 + 0.05 * (1 + activation) * depth ** 2 + 0.15 * units ** 2 + 2 * dropout ** 2;
    return bowl + activation + O[opt]!;
  };
};

/** A choice among three methods with settings of their own. */
const condKernel: MakeFunction = () => (x) => {
  if (x["algo"] === "lin") return 0.35 + 0.2 * (log10(x["reg"] as number) + 1) ** 2;
  if (x["algo"] === "rbf") {
    const gamma = log10(x["gamma"] as number) + 2;
    return 0.3 * abs(log10(x["C"] as number) - 0.5 - 0.4 * gamma) + 0.15 * gamma ** 2;
  }
  const off = abs((x["k"] as number) - 9) / 10;
  return (x["metric"] === "cos" ? 0.12 : 0.22) + (2 * off ** 2) / (1 + off);
};

/** Formulas by the name that problems call them by. */
export const FUNCTIONS: Readonly<Record<string, MakeFunction>> = {
  booth: ofVector(booth),
  branin: ofVector(branin),
  hartmann,
  rosenbrock: ofVector(rosenbrock),
  ackley: ofVector(ackley),
  rastrigin: ofVector(rastrigin),
  levy: ofVector(levy),
  griewank: ofVector(griewank),
  styblinski_tang: ofVector(styblinskiTang),
  mixed_net: mixedNet,
  cond_kernel: condKernel,
};
