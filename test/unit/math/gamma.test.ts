import { describe, expect, test } from "vitest";
import { digamma, inverseTrigamma, logBeta, logGamma, trigamma } from "../../../src/math/gamma.ts";
import { isNear } from "../../helpers/near.ts";

// Expected values worked out with 40 digits and rounded (mpmath), or closed forms.
describe("gamma functions", () => {
  test.each([
    [1e-10, 23.025850929882733],
    [0.1, 2.252712651734206],
    [0.5, Math.log(Math.PI) / 2],
    [2.5, 0.2846828704729192],
    [9.99, 12.779315214350195],
    [10, Math.log(362_880)],
    [100, 359.1342053695754],
    [1e6, 12815504.569147611],
    [1e15, 3.3538776394910668e16],
  ])("logGamma(%d) is %d", (x, value) => {
    expect(logGamma(x)).toSatisfy(isNear(value, 1e-14));
  });

  test.each([
    [0.5, 0.5, Math.log(Math.PI)],
    [2, 3, Math.log(1 / 12)],
    [0.5, 1e3, -2.881387696571577],
    [0.5, 1e8, -8.637975427801484],
    [30, 40, -48.30174909591612],
    [1e5, 1e5, -138633.927061348],
  ])("logBeta(%d, %d) is %d", (a, b, value) => {
    expect(logBeta(a, b)).toSatisfy(isNear(value, 1e-14));
    expect(logBeta(b, a)).toBe(logBeta(a, b));
  });

  test.each([
    [0.01, -100.56088545786868, 10001.621213528311],
    [0.5, -1.9635100260214235, Math.PI ** 2 / 2],
    [1, -0.5772156649015329, Math.PI ** 2 / 6],
    [3.7, 1.1671535393615113, 0.31003785767003833],
    [10, 2.251752589066721, 0.10516633568168576],
    [1e4, 9.21029037114285, 0.00010000500016666666],
  ])("digamma and trigamma at %d are %d and %d", (x, first, second) => {
    expect(digamma(x)).toSatisfy(isNear(first, 1e-14));
    expect(trigamma(x)).toSatisfy(isNear(second, 1e-14));
    expect(inverseTrigamma(second)).toSatisfy(isNear(x, 1e-11));
  });

  test("are NaN where they are not defined", () => {
    for (const f of [logGamma, digamma, trigamma, inverseTrigamma]) {
      expect([f(0), f(-1), f(Number.NaN)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    }
  });
});
