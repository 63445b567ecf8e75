import type { Capture, RunSeeds } from "metalab";

/** Gradient steps of one run. */
const STEPS = 10_000;

/** A run counts as converged at the first step whose value is below this. */
const TOLERANCE = 1e-10;

/** The Booth function, f(x, y) = (x + 2y − 7)² + (2x + y − 5)²; its minimum is f(1, 3) = 0. */
function booth(x: number, y: number): number {
  return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2;
}

/** One run: gradient descent with momentum from a random start in [-10, 10]², every step captured. */
export function descend({
  params: { lr, momentum },
  seeds,
  capture,
}: {
  readonly params: { readonly lr: number; readonly momentum: number };
  readonly seeds: RunSeeds;
  readonly capture: Capture;
}): { final_value: number; distance: number; steps_to_converge: number } {
  const start = seeds.rng("start");
  let x = start.uniform(-10, 10);
  let y = start.uniform(-10, 10);
  let velocityX = 0;
  let velocityY = 0;
  let converged = STEPS;
  for (let step = 0; step < STEPS; step += 1) {
    const a = x + 2 * y - 7;
    const b = 2 * x + y - 5;
    velocityX = momentum * velocityX - lr * (2 * a + 4 * b);
    velocityY = momentum * velocityY - lr * (4 * a + 2 * b);
    x += velocityX;
    y += velocityY;
    const value = booth(x, y);
    if (converged === STEPS && value < TOLERANCE) converged = step;
    capture.metric("value", value, { step });
  }
  return { final_value: booth(x, y), distance: Math.hypot(x - 1, y - 3), steps_to_converge: converged };
}
