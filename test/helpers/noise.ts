import type { Rng } from "../../src/math/random.ts";

/** Kinds of noise with mean 0 and standard deviation 1. */
export const NOISES: Readonly<Record<string, (rng: Rng) => number>> = {
  normal: (rng) => rng.normal(),
  exponential: (rng) => -Math.log(1 - rng.next()) - 1,
  "log-normal": (rng) => (Math.exp(rng.normal()) - Math.exp(0.5)) / Math.sqrt((Math.E - 1) * Math.E),
  "Student's t with 3 degrees of freedom": (rng) =>
    rng.normal() / Math.sqrt(rng.normal() ** 2 + rng.normal() ** 2 + rng.normal() ** 2),
  "one in twenty ten times as large": (rng) =>
    (rng.normal() * (rng.next() < 0.05 ? 10 : 1)) / Math.sqrt(0.95 + 5),
};
