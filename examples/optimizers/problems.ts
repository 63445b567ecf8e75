/** Value and gradient of the three test problems, each with its minimum 0. */
export type Problem = (x: Float64Array, gradient: Float64Array) => number;

/** f(x) = Σ xᵢ² */
const sphere: Problem = (x, gradient) => {
  let value = 0;
  for (let i = 0; i < x.length; i += 1) {
    value += x[i]! ** 2;
    gradient[i] = 2 * x[i]!;
  }
  return value;
};

/** f(x) = Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)² */
const rosenbrock: Problem = (x, gradient) => {
  gradient.fill(0);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i += 1) {
    const slope = x[i + 1]! - x[i]! ** 2;
    value += 100 * slope ** 2 + (1 - x[i]!) ** 2;
    gradient[i] = gradient[i]! - 400 * x[i]! * slope - 2 * (1 - x[i]!);
    gradient[i + 1] = gradient[i + 1]! + 200 * slope;
  }
  return value;
};

/** f(x) = −20 exp(−0.2 √(Σxᵢ²/n)) − exp(Σcos(2πxᵢ)/n) + 20 + e */
const ackley: Problem = (x, gradient) => {
  const n = x.length;
  let squares = 0;
  let cosines = 0;
  for (const xi of x) {
    squares += xi * xi;
    cosines += Math.cos(2 * Math.PI * xi);
  }
  const norm = Math.sqrt(squares / n);
  const first = 20 * Math.exp(-0.2 * norm);
  const second = Math.exp(cosines / n);
  for (let i = 0; i < n; i += 1) {
    const pull = norm === 0 ? 0 : (first * 0.2 * x[i]!) / (n * norm);
    gradient[i] = pull + (second * 2 * Math.PI * Math.sin(2 * Math.PI * x[i]!)) / n;
  }
  return 20 + Math.E - first - second;
};

export const problems: Readonly<Record<"sphere" | "rosenbrock" | "ackley", Problem>> = {
  sphere,
  rosenbrock,
  ackley,
};
