/** One update of the point in place, from its gradient. */
export type Update = (x: Float64Array, gradient: Float64Array) => void;

/** Three first-order optimisers; each call makes a fresh one with its own state. */
export const algorithms: Readonly<
  Record<"sgd" | "momentum" | "adam", (lr: number, dimension: number) => Update>
> = {
  sgd: (lr) => (x, gradient) => {
    for (let i = 0; i < x.length; i += 1) x[i] = x[i]! - lr * gradient[i]!;
  },
  momentum: (lr, dimension) => {
    const velocity = new Float64Array(dimension);
    return (x, gradient) => {
      for (let i = 0; i < x.length; i += 1) {
        velocity[i] = 0.9 * velocity[i]! - lr * gradient[i]!;
        x[i] = x[i]! + velocity[i]!;
      }
    };
  },
  // Kingma & Ba 2015, Algorithm 1, with the default β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
  adam: (lr, dimension) => {
    const m = new Float64Array(dimension);
    const v = new Float64Array(dimension);
    let t = 0;
    return (x, gradient) => {
      t += 1;
      for (let i = 0; i < x.length; i += 1) {
        m[i] = 0.9 * m[i]! + 0.1 * gradient[i]!;
        v[i] = 0.999 * v[i]! + 0.001 * gradient[i]! ** 2;
        const mean = m[i]! / (1 - 0.9 ** t);
        const variance = v[i]! / (1 - 0.999 ** t);
        x[i] = x[i]! - (lr * mean) / (Math.sqrt(variance) + 1e-8);
      }
    };
  },
};
