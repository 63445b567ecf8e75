/** A function to minimize: gives the value at `x` and writes the gradient there. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

/** Options of {@link minimizeBox}. */
export interface BoxOptions {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Most steps. */
  readonly iterations: number;
  /**
   * Ends when a step gains less than this share of the value (or of 1, if that is more).
   * @defaultValue 1e-8
   */
  readonly tolerance?: number;
}

/** Pairs of steps and gradient changes that are remembered. */
const MEMORY = 8;
/** Sufficient decrease (Nocedal & Wright 2006, equation 3.6a). */
const DECREASE = 1e-4;
const MOST_HALVINGS = 15;

/**
 * Minimizes a smooth function within a box by limited-memory BFGS steps of the coordinates that are not held at a
 * bound, projected back into the box.
 *
 * @param x - where to begin; ends at the best point found.
 * @returns the value there; that of the beginning if it is not finite.
 * @see Nocedal & Wright 2006, "Numerical Optimization", algorithm 7.4 (two-loop recursion); Bertsekas 1982, "Projected
 * Newton methods for optimization problems with simple constraints", SIAM J. Control Optim. 20, for the projection.
 */
export function minimizeBox(evaluate: Differentiable, x: Float64Array, options: BoxOptions): number {
  const size = x.length;
  const { lower, upper, iterations, tolerance = 1e-8 } = options;
  const gradient = new Float64Array(size);
  const nextX = new Float64Array(size);
  const nextGradient = new Float64Array(size);
  const direction = new Float64Array(size);
  const free = new Uint8Array(size);
  const memory = new PairMemory(size);
  for (let at = 0; at < size; at += 1) x[at] = Math.min(Math.max(x[at]!, lower[at]!), upper[at]!);
  let value = evaluate(x, gradient);
  if (!Number.isFinite(value)) return value;
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    let steepest = 0;
    for (let at = 0; at < size; at += 1) {
      const blocked =
        (x[at]! <= lower[at]! && gradient[at]! > 0) || (x[at]! >= upper[at]! && gradient[at]! < 0);
      free[at] = blocked ? 0 : 1;
      if (!blocked) steepest = Math.max(steepest, Math.abs(gradient[at]!));
    }
    if (!(steepest > 1e-12)) break;
    memory.direction(gradient, free, direction);
    let slope = 0;
    for (let at = 0; at < size; at += 1) slope += direction[at]! * gradient[at]!;
    if (!(slope < 0)) {
      memory.clear();
      for (let at = 0; at < size; at += 1) direction[at] = free[at] === 1 ? -gradient[at]! : 0;
    }
    // Without curvature yet, the first step is a tenth of the box at most.
    let step = 1;
    if (memory.isEmpty) {
      for (let at = 0; at < size; at += 1) {
        const room = (upper[at]! - lower[at]!) / 10;
        if (Math.abs(direction[at]!) * step > room) step = room / Math.abs(direction[at]!);
      }
    }
    let nextValue = Number.NaN;
    let isAccepted = false;
    for (let halving = 0; halving < MOST_HALVINGS; halving += 1) {
      let descent = 0;
      for (let at = 0; at < size; at += 1) {
        nextX[at] = Math.min(Math.max(x[at]! + step * direction[at]!, lower[at]!), upper[at]!);
        descent += gradient[at]! * (nextX[at]! - x[at]!);
      }
      nextValue = evaluate(nextX, nextGradient);
      if (nextValue <= value + DECREASE * descent && descent < 0) {
        isAccepted = true;
        break;
      }
      // The minimum of the parabola through both values and the slope, kept within a tenth and a half.
      const curve = nextValue - value - descent;
      const factor = curve > 0 ? -descent / (2 * curve) : 0.5;
      step *= Number.isFinite(factor) ? Math.min(Math.max(factor, 0.1), 0.5) : 0.1;
    }
    if (!isAccepted) {
      if (memory.isEmpty) break;
      memory.clear();
      continue;
    }
    memory.add(x, nextX, gradient, nextGradient);
    const gain = value - nextValue;
    x.set(nextX);
    gradient.set(nextGradient);
    value = nextValue;
    if (gain <= tolerance * Math.max(Math.abs(value), 1)) break;
  }
  return value;
}

/** The last few steps and the changes of the gradient along them. */
class PairMemory {
  readonly #steps: Float64Array[] = [];
  readonly #changes: Float64Array[] = [];
  readonly #weights = new Float64Array(MEMORY);
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  clear(): void {
    this.#steps.length = 0;
    this.#changes.length = 0;
  }

  add(x: Float64Array, nextX: Float64Array, gradient: Float64Array, nextGradient: Float64Array): void {
    const isFull = this.#steps.length === MEMORY;
    const step = isFull ? (this.#steps.shift() as Float64Array) : new Float64Array(this.#size);
    const change = isFull ? (this.#changes.shift() as Float64Array) : new Float64Array(this.#size);
    let curvature = 0;
    let squared = 0;
    for (let at = 0; at < this.#size; at += 1) {
      step[at] = nextX[at]! - x[at]!;
      change[at] = nextGradient[at]! - gradient[at]!;
      curvature += step[at]! * change[at]!;
      squared += change[at]! * change[at]!;
    }
    // A pair along which the gradient does not grow would make the estimate indefinite.
    if (!(curvature > 1e-10 * squared)) return;
    this.#steps.push(step);
    this.#changes.push(change);
  }

  /** The quasi-Newton direction over the free coordinates; 0 in the others. */
  direction(gradient: Float64Array, free: Uint8Array, direction: Float64Array): void {
    const size = this.#size;
    for (let at = 0; at < size; at += 1) direction[at] = free[at] === 1 ? -gradient[at]! : 0;
    const count = this.#steps.length;
    if (count === 0) return;
    let scale = 1;
    for (let pair = count - 1; pair >= 0; pair -= 1) {
      const step = this.#steps[pair] as Float64Array;
      const change = this.#changes[pair] as Float64Array;
      let along = 0;
      let curvature = 0;
      let squared = 0;
      for (let at = 0; at < size; at += 1) {
        if (free[at] === 0) continue;
        along += step[at]! * direction[at]!;
        curvature += step[at]! * change[at]!;
        squared += change[at]! * change[at]!;
      }
      const weight = curvature > 0 ? along / curvature : 0;
      this.#weights[pair] = weight;
      if (pair === count - 1 && curvature > 0) scale = curvature / squared;
      for (let at = 0; at < size; at += 1) if (free[at] === 1) direction[at]! -= weight * change[at]!;
    }
    for (let at = 0; at < size; at += 1) direction[at]! *= scale;
    for (let pair = 0; pair < count; pair += 1) {
      const step = this.#steps[pair] as Float64Array;
      const change = this.#changes[pair] as Float64Array;
      let along = 0;
      let curvature = 0;
      for (let at = 0; at < size; at += 1) {
        if (free[at] === 0) continue;
        along += change[at]! * direction[at]!;
        curvature += step[at]! * change[at]!;
      }
      if (!(curvature > 0)) continue;
      const weight = (this.#weights[pair] as number) - along / curvature;
      for (let at = 0; at < size; at += 1) if (free[at] === 1) direction[at]! += weight * step[at]!;
    }
  }
}
