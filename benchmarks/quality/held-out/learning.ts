/** Models that are really trained, and a surface made like the outcome of training. */
import type { MakeFunction } from "../functions.ts";
import { mulberry32 } from "../noise.ts";
import { IRIS } from "./iris.ts";

const { abs, exp, log, log2, log10, max, min, sqrt, tanh } = Math;
const FOLDS = 3;
const CLASSES = 3;
/** Every second flower: an evaluation takes milliseconds. */
const FLOWERS = IRIS.filter((_, at) => at % 2 === 0);

/** Loss after training: too small a step does not arrive, too large a one diverges, and the batch moves both. */
const trainingSurface: MakeFunction = () => (point) => {
  const { lr, batch, decay, l2, warmup } = point as Readonly<Record<string, number>>;
  const step = log10(lr!) - 0.5 * log10(batch! / 64);
  const reach = (1 - decay! ** 60) / (60 * (1 - decay!) + 1e-9);
  const arrived = 1 - exp(-6 * 10 ** (step + 1.6) * (0.3 + reach));
  const blown = max(0, step + 1.3 - 0.03 * warmup!);
  const penalty = 0.04 * (log10(l2!) + 3.7) ** 2 + 0.02 * abs(log2(batch!) - 5.5) + 0.004 * warmup!;
  return 1 - 0.8 * arrived + 1.5 * blown ** 2 + penalty;
};

/** Mean squared error of one-against-rest kernel ridge regression of the iris species, three-fold. */
const irisKernel: MakeFunction = () => (point) => {
  const { kernel, scaling } = point as Readonly<Record<string, string>>;
  const { lambda, gamma = 1, degree = 1, offset = 0 } = point as Readonly<Record<string, number>>;
  const rows = scaled(scaling!);
  const similar = (a: readonly number[], b: readonly number[]): number => {
    if (kernel === "rbf") return exp(-gamma * a.reduce((total, v, i) => total + (v - b[i]!) ** 2, 0));
    const dot = a.reduce((total, v, i) => total + v * b[i]!, 0) / a.length;
    return kernel === "poly" ? (dot + offset) ** degree : dot;
  };
  let error = 0;
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const train = rows.map((_, i) => i).filter((i) => i % FOLDS !== fold);
    const test = rows.map((_, i) => i).filter((i) => i % FOLDS === fold);
    const gram = train.map((i) => train.map((j) => similar(rows[i]!, rows[j]!) + (i === j ? lambda! : 0)));
    const wanted = train.map((i) =>
      Array.from({ length: CLASSES }, (_, c) => (FLOWERS[i]![4] === c ? 1 : 0)),
    );
    const weights = solve(gram, wanted);
    for (const i of test) {
      const near = train.map((j) => similar(rows[i]!, rows[j]!));
      for (let c = 0; c < CLASSES; c += 1) {
        const told = near.reduce((total, value, j) => total + value * weights[j]![c]!, 0);
        error += (told - (FLOWERS[i]![4] === c ? 1 : 0)) ** 2 / rows.length;
      }
    }
  }
  return min(error, 10);
};

function scaled(scaling: string): number[][] {
  const rows = FLOWERS.map((row) => row.slice(0, 4));
  if (scaling === "none") return rows.map((row) => row.map((v) => v / 10));
  const columns = [0, 1, 2, 3].map((at) => rows.map((row) => row[at]!));
  const centre = columns.map((column) =>
    scaling === "range" ? min(...column) : column.reduce((a, b) => a + b, 0) / column.length,
  );
  const spread = columns.map((column, at) =>
    scaling === "range"
      ? max(...column) - min(...column)
      : sqrt(column.reduce((total, v) => total + (v - centre[at]!) ** 2, 0) / column.length),
  );
  return rows.map((row) => row.map((v, at) => (v - centre[at]!) / spread[at]!));
}

/** Solves `matrix · x = right` by elimination with pivots; what is singular is left as it comes out. */
function solve(matrix: number[][], right: number[][]): number[][] {
  const n = matrix.length;
  for (let k = 0; k < n; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < n; i += 1) if (abs(matrix[i]![k]!) > abs(matrix[pivot]![k]!)) pivot = i;
    [matrix[k], matrix[pivot]] = [matrix[pivot]!, matrix[k]!];
    [right[k], right[pivot]] = [right[pivot]!, right[k]!];
    const row = matrix[k]!;
    for (let i = k + 1; i < n; i += 1) {
      const below = matrix[i]!;
      const factor = below[k]! / (row[k]! || 1e-300);
      if (factor === 0) continue;
      for (let j = k; j < n; j += 1) below[j]! -= factor * row[j]!;
      for (let c = 0; c < right[i]!.length; c += 1) right[i]![c]! -= factor * right[k]![c]!;
    }
  }
  for (let k = n - 1; k >= 0; k -= 1) {
    for (let c = 0; c < right[k]!.length; c += 1) {
      let value = right[k]![c]!;
      for (let j = k + 1; j < n; j += 1) value -= matrix[k]![j]! * right[j]![c]!;
      right[k]![c] = value / (matrix[k]![k]! || 1e-300);
    }
  }
  return right;
}

/** Points of two noisy spirals with their side, −1 or 1, which is wrong for one in ten. */
const SPIRALS = (() => {
  const random = mulberry32(77);
  return Array.from({ length: 120 }, (_, i) => {
    const side = i % 2 === 0 ? 1 : -1;
    const turn = 0.5 + 2.2 * random();
    const jitter = () => 0.25 * (random() + random() - 1);
    return [
      side * 0.3 * turn * Math.cos(turn) + jitter(),
      side * 0.3 * turn * Math.sin(turn) + jitter(),
      random() < 0.1 ? -side : side,
    ] as const;
  });
})();

/** Logarithmic loss on the second half of the spirals of a network trained on the first half by descent with momentum. */
const spiralsNet: MakeFunction = () => (point) => {
  const { lr, momentum, hidden, epochs, l2, spread } = point as Readonly<Record<string, number>>;
  const random = mulberry32(5);
  const width = hidden!;
  const weights = Float64Array.from({ length: 4 * width + 1 }, () => spread! * (2 * random() - 1));
  const speed = new Float64Array(weights.length);
  const gradient = new Float64Array(weights.length);
  const inner = new Float64Array(width);
  const half = SPIRALS.length / 2;
  const forward = (a: number, b: number): number => {
    let out = weights[4 * width]!;
    for (let h = 0; h < width; h += 1) {
      inner[h] = tanh(weights[4 * h]! * a + weights[4 * h + 1]! * b + weights[4 * h + 2]!);
      out += weights[4 * h + 3]! * inner[h]!;
    }
    return out;
  };
  const loss = (margin: number) => (margin > 0 ? log(1 + exp(-margin)) : log(1 + exp(margin)) - margin);
  for (let epoch = 0; epoch < epochs!; epoch += 1) {
    gradient.fill(0);
    for (let i = 0; i < half; i += 1) {
      const [a, b, side] = SPIRALS[i]!;
      const slope = -side / (1 + exp(side * forward(a, b))) / half;
      gradient[4 * width]! += slope;
      for (let h = 0; h < width; h += 1) {
        const back = slope * weights[4 * h + 3]! * (1 - inner[h]! ** 2);
        gradient[4 * h]! += back * a;
        gradient[4 * h + 1]! += back * b;
        gradient[4 * h + 2]! += back;
        gradient[4 * h + 3]! += slope * inner[h]!;
      }
    }
    for (let k = 0; k < weights.length; k += 1) {
      speed[k] = momentum! * speed[k]! - lr! * (gradient[k]! + l2! * weights[k]!);
      weights[k]! += speed[k]!;
    }
  }
  let total = 0;
  for (let i = half; i < SPIRALS.length; i += 1) {
    const [a, b, side] = SPIRALS[i]!;
    total += loss(side * forward(a, b)) / half;
  }
  return Number.isFinite(total) ? min(total, 10) : 10;
};

export const LEARNING: Readonly<Record<string, MakeFunction>> = {
  training_surface: trainingSurface,
  iris_kernel: irisKernel,
  spirals_net: spiralsNet,
};
