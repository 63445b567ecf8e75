import { describe, expect, test } from "vitest";
import { rowStart } from "../../../../src/math/cholesky.ts";
import { createRng } from "../../../../src/math/random.ts";
import {
  Acquisition,
  type AcquisitionName,
  improvement,
  probability,
} from "../../../../src/search/samplers/gp/acquisition.ts";
import type { FeatureSpace } from "../../../../src/search/samplers/gp/features.ts";
import { Kernel } from "../../../../src/search/samplers/gp/kernel.ts";
import { Learner } from "../../../../src/search/samplers/gp/learner.ts";
import { factorOf } from "../../../../src/search/samplers/gp/model.ts";
import { Observations } from "../../../../src/search/samplers/gp/observations.ts";
import { Posterior } from "../../../../src/search/samplers/gp/posterior.ts";
import { PLAIN } from "../../../../src/search/samplers/gp/transform.ts";

const PLANE: FeatureSpace = { size: 2, kinds: Uint8Array.of(0, 0), conditional: Uint8Array.of(0, 0) };
const KERNEL = new Kernel(
  PLANE,
  Float64Array.of(0.5, 0.8, 0.3, 0.6, 0.7, 0.4, 0.01).map((value) => Math.log(value)),
);

function posteriorOf(kernel: Kernel, rows: readonly number[][], targets: readonly number[]): Posterior {
  const data = new Observations(kernel.space);
  for (const [index, row] of rows.entries()) data.add(Float64Array.from(row), targets[index]!, 0);
  const factor = new Float64Array(rowStart(data.count));
  expect(factorOf(kernel, data, new Float64Array(data.count), factor)).toBe(true);
  return Posterior.of(kernel, data.points, data.count, factor, Float64Array.from(targets));
}

const ROWS = [
  [0.1, 0.2],
  [0.4, 0.9],
  [0.8, 0.5],
  [0.6, 0.1],
];
const TARGETS = [0.5, -1, 0.3, 1.2];

describe("the posterior", () => {
  test("is that of NumPy's solution of the same equations", () => {
    const posterior = posteriorOf(KERNEL, ROWS, TARGETS);
    const moments = new Float64Array(2);
    posterior.predict(Float64Array.of(0.3, 0.6), moments);
    expect(moments[0]).toBeCloseTo(-0.4103206491951677, 12);
    expect(moments[1]).toBeCloseTo(0.12599533228634874, 12);
  });

  test("believing a point keeps the mean and leaves little variance there", () => {
    const posterior = posteriorOf(KERNEL, ROWS, TARGETS);
    const x = Float64Array.of(0.3, 0.6);
    const believed = posterior.believing([x]);
    const before = new Float64Array(2);
    const after = new Float64Array(2);
    posterior.predict(x, before);
    believed.predict(x, after);
    expect(after[0]).toBeCloseTo(before[0]!, 12);
    // One observation with noise n turns a variance v into v n / (v + n).
    expect(after[1]).toBeCloseTo((before[1]! * 0.01) / (before[1]! + 0.01), 12);
  });
});

const MIXED: FeatureSpace = {
  size: 4,
  kinds: Uint8Array.of(0, 1, 0, 1),
  conditional: Uint8Array.of(0, 0, 1, 1),
};

function mixedRows(count: number): number[][] {
  const rng = createRng("gp mixed rows");
  return Array.from({ length: count }, () => {
    const isOn = rng.next() < 0.6;
    return [rng.next(), isOn ? 1 : 0, isOn ? rng.next() : Number.NaN, isOn ? rng.int(0, 2) : -1];
  });
}

describe("gradients agree with finite differences", () => {
  test.each<AcquisitionName>(["logei", "ei", "pi", "lcb"])("of %s with a demand", (name) => {
    const rng = createRng("gp gradient");
    const parameters = Float64Array.from({ length: 11 }, () => rng.uniform(-1.5, 0));
    const rows = mixedRows(12);
    const kernel = new Kernel(MIXED, parameters);
    const posterior = posteriorOf(
      kernel,
      rows,
      rows.map(() => rng.normal()),
    );
    const demand = posteriorOf(
      kernel,
      rows,
      rows.map(() => rng.normal()),
    );
    const acquisition = new Acquisition([improvement(name, posterior, -0.8), probability(demand, -0.2)]);
    for (const x of [Float64Array.of(0.31, 1, 0.52, 2), Float64Array.of(0.77, 0, Number.NaN, -1)]) {
      const gradient = new Float64Array(4);
      const value = acquisition.valueAndGradient(x, gradient);
      expect(acquisition.value(x)).toBe(value);
      for (const at of [0, 2]) {
        if (Number.isNaN(x[at]!)) {
          expect(gradient[at]).toBe(0);
          continue;
        }
        const step = 1e-5;
        const up = x.with(at, x[at]! + step);
        const down = x.with(at, x[at]! - step);
        const slope = (acquisition.value(up) - acquisition.value(down)) / (2 * step);
        expect(gradient[at]).toBeCloseTo(slope, 5);
      }
    }
  });

  test("of covariances by the parameters of the kernel", () => {
    const rng = createRng("gp parameters");
    const rows = mixedRows(7);
    const points = Float64Array.from(rows.flat());
    const weights = Float64Array.from({ length: rowStart(7) }, () => rng.normal());
    const parameters = Float64Array.from({ length: 11 }, () => rng.uniform(-1.5, 0.5));
    const total = (values: Float64Array): number => {
      const matrix = new Float64Array(rowStart(7));
      new Kernel(MIXED, values).matrix(points, 7, matrix);
      let sum = 0;
      for (let row = 0; row < 7; row += 1)
        for (let column = 0; column <= row; column += 1)
          sum +=
            (row === column ? 1 : 2) * weights[rowStart(row) + column]! * matrix[rowStart(row) + column]!;
      return sum;
    };
    const gradient = new Float64Array(11);
    new Kernel(MIXED, parameters).addParameterGradient(points, 7, weights, gradient);
    for (let at = 0; at < 10; at += 1) {
      const up = parameters.with(at, parameters[at]! + 1e-5);
      const down = parameters.with(at, parameters[at]! - 1e-5);
      expect(gradient[at]).toBeCloseTo((total(up) - total(down)) / 2e-5, 6);
    }
  });
});

describe("a learner", () => {
  test("comes to the same whether it is asked in between or not", () => {
    const rng = createRng("gp learner");
    const asked = new Learner(PLANE, [PLAIN], 5);
    const silent = new Learner(PLANE, [PLAIN], 5);
    for (let count = 0; count < 45; count += 1) {
      const x = Float64Array.of(rng.next(), rng.next());
      const value = Math.sin(5 * x[0]!) + x[1]! ** 2;
      asked.add(x, value, 0);
      silent.add(x, value, 0);
      if (count >= 3) asked.posterior();
    }
    const x = Float64Array.of(0.3, 0.7);
    expect(asked.posterior().mean(x)).toBe(silent.posterior().mean(x));
    expect(asked.learned?.kernel.parameters).toEqual(silent.learned?.kernel.parameters);
  });

  test("predicts a smooth function well, and finds that there is no noise", () => {
    const rng = createRng("gp smooth");
    const learner = new Learner(PLANE, [PLAIN], 5);
    const f = (x: Float64Array): number => Math.sin(5 * x[0]!) + x[1]! ** 2;
    for (let count = 0; count < 40; count += 1) {
      const x = Float64Array.of(rng.next(), rng.next());
      learner.add(x, f(x), 0);
    }
    expect(learner.posterior().kernel.noise).toBeLessThan(1e-4);
    for (let count = 0; count < 10; count += 1) {
      const x = Float64Array.of(rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9));
      expect(Math.abs(learner.posterior().mean(x) - learner.target(f(x)))).toBeLessThan(0.05);
    }
  });

  test("finds noise where there is some", () => {
    const rng = createRng("gp noise");
    const learner = new Learner(PLANE, [PLAIN], 5);
    for (let count = 0; count < 80; count += 1) {
      const x = Float64Array.of(rng.next(), rng.next());
      learner.add(x, 3 * x[0]! + rng.normal(0, 0.5), 0);
    }
    // Variance of the whole is 9 / 12 + 1 / 4 = 1, a quarter of which is noise.
    expect(learner.posterior().kernel.noise).toBeGreaterThan(0.12);
    expect(learner.posterior().kernel.noise).toBeLessThan(0.45);
  });
});
