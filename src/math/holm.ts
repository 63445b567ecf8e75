/**
 * Probabilities corrected for how many there are, by Holm's step-down method: rejecting those below α makes any false
 * rejection at most α likely, whatever the tests depend on each other. NaN stays and is not counted.
 *
 * @see Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
 * 65–70.
 */
export function holm(probabilities: readonly number[]): readonly number[] {
  const order = [...probabilities.keys()]
    .filter((at) => !Number.isNaN(probabilities[at]))
    .sort((i, j) => probabilities[i]! - probabilities[j]!);
  const corrected = probabilities.map(() => Number.NaN);
  let least = 0;
  for (const [rank, at] of order.entries()) {
    least = Math.max(least, Math.min(1, (order.length - rank) * probabilities[at]!));
    corrected[at] = least;
  }
  return corrected;
}
