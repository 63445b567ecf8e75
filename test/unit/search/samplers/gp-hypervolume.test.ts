import { describe, expect, test } from "vitest";
import { createRng } from "../../../../src/math/random.ts";
import { hypervolumeImprovement, type Pair } from "../../../../src/search/samplers/gp/hypervolume.ts";
import { Learner } from "../../../../src/search/samplers/gp/learner.ts";
import { PLAIN } from "../../../../src/search/samplers/gp/transform.ts";

const SPACE = { size: 2, kinds: Uint8Array.of(0, 0), conditional: Uint8Array.of(0, 0) };
const FRONT: readonly Pair[] = [
  [0.4, -0.9],
  [-0.8, 0.6],
  [-0.1, -0.2],
];
const REFERENCE: Pair = [1, 1.1];

/** Area that a point adds to what the front dominates within the reference point, by its definition. */
function added(first: number, second: number): number {
  const volume = (points: readonly Pair[]): number => {
    const sorted = [...points].sort((p, q) => p[0] - q[0]);
    let area = 0;
    let ceiling = REFERENCE[1];
    for (const [a, b] of sorted) {
      if (a >= REFERENCE[0] || b >= ceiling) continue;
      area += (REFERENCE[0] - a) * (ceiling - b);
      ceiling = b;
    }
    return area;
  };
  return volume([...FRONT, [first, second]]) - volume(FRONT);
}

function learners(): readonly [Learner, Learner] {
  const rng = createRng("gp hypervolume");
  const pair = [new Learner(SPACE, [PLAIN], 3), new Learner(SPACE, [PLAIN], 3)] as const;
  for (let count = 0; count < 6; count += 1) {
    const x = Float64Array.of(rng.next(), rng.next());
    pair[0].add(x, rng.normal(), 0);
    pair[1].add(x, rng.normal(), 0);
  }
  return pair;
}

describe("the expected hypervolume improvement", () => {
  const posteriors = [learners()[0].posterior(), learners()[1].posterior()] as const;
  const term = hypervolumeImprovement(posteriors, FRONT, REFERENCE);

  test("is the mean of what draws add", () => {
    const rng = createRng("gp hypervolume draws");
    for (const x of [Float64Array.of(0.2, 0.9), Float64Array.of(0.6, 0.4)]) {
      const first = new Float64Array(2);
      const second = new Float64Array(2);
      posteriors[0].predict(x, first);
      posteriors[1].predict(x, second);
      let sum = 0;
      const draws = 100_000;
      for (let draw = 0; draw < draws; draw += 1)
        sum += added(
          first[0]! + Math.sqrt(first[1]!) * rng.normal(),
          second[0]! + Math.sqrt(second[1]!) * rng.normal(),
        );
      expect(Math.abs(Math.exp(term.evaluate(x, undefined)) / (sum / draws) - 1)).toBeLessThan(0.05);
    }
  });

  test("has the gradient of finite differences", () => {
    for (const x of [Float64Array.of(0.25, 0.8), Float64Array.of(0.5, 0.35)]) {
      const gradient = new Float64Array(2);
      term.evaluate(x, gradient);
      for (const at of [0, 1]) {
        const up = term.evaluate(x.with(at, x[at]! + 1e-5), undefined);
        const down = term.evaluate(x.with(at, x[at]! - 1e-5), undefined);
        expect(gradient[at]).toBeCloseTo((up - down) / 2e-5, 4);
      }
    }
  });
});
