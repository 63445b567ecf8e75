import { describe, expect, test } from "vitest";
import { logImprovement, logNormalCdf } from "../../../src/math/mills.ts";

// Computed with mpmath 1.3 at 50 digits.
const IMPROVEMENT: readonly (readonly [number, number, number])[] = [
  [-1e4, -50000019.33961931, -50000010.12927891],
  [-40, -808.29856835662, -804.6084420137538],
  [-12.5, -84.11418284068544, -81.57596787074388],
  [-11, -66.2388415539191, -63.82493409442372],
  [-5, -16.74430116266099, -15.064998393988725],
  [-3.0001, -7.870039297756778, -6.608054536023052],
  [-2.9999, -7.869332830253237, -6.607397916292055],
  [-1, -2.4851210257126413, -1.8410216450092636],
  [0.5, -0.3598276837450638, -0.3689464152886564],
  [3, 1.0987396653277077, -0.0013508099647481938],
  [0.1, -0.7964313395507472, -0.6165050101150263],
  [9.5, 2.2512917986064953, -1.0494515075362608e-21],
];

describe("logarithms of normal probabilities", () => {
  test.each(IMPROVEMENT)("at %f", (z, improvement, cdf) => {
    expect(Math.abs(logImprovement(z) - improvement)).toBeLessThan(
      1e-12 * Math.max(1, Math.abs(improvement)),
    );
    expect(Math.abs(logNormalCdf(z) - cdf)).toBeLessThan(1e-12 * Math.max(1, Math.abs(cdf)));
  });
});
