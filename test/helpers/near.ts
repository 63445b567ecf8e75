/** Whether a number is an expected one to a relative tolerance, or equal to it. */
export function isNear(expected: number, relative: number): (actual: number) => boolean {
  return (actual) =>
    Object.is(actual, expected) || Math.abs(actual - expected) <= relative * Math.abs(expected);
}
