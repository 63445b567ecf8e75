/** Evaluations after which a root is as good as it gets. */
const ROUNDS = 200;

/**
 * Where a continuous function is 0 between two points at which it has different signs: by false position, in the
 * Illinois form, which halves the value at an end that stays, so that both ends close in.
 *
 * @param f - may be infinite; where it is, the bracket is halved.
 * @param tolerance - width of the bracket, or size of the value, with which it is done.
 * @see Dowell, Jarratt 1971, "A modified regula falsi method for computing the root of an equation", BIT 11, 168–174.
 */
export function findRoot(f: (x: number) => number, low: number, high: number, tolerance: number): number {
  let [a, b, atA, atB] = [low, high, f(low), f(high)];
  for (let round = 0; round < ROUNDS; round += 1) {
    if (Math.abs(b - a) <= tolerance) break;
    let x = b - (atB * (b - a)) / (atB - atA);
    if (!(x > Math.min(a, b) && x < Math.max(a, b))) x = (a + b) / 2;
    const value = f(x);
    if (Math.abs(value) <= tolerance) return x;
    if (value < 0 !== atB < 0) [a, atA] = [b, atB];
    else atA /= 2;
    [b, atB] = [x, value];
  }
  return (a + b) / 2;
}
