/** Durations that are remembered: enough for a spread, few enough to be of now. */
const KEPT = 256;
/** Standard deviations within which 9 of 10 values of a normal distribution lie. */
const NINE_OF_TEN = 1.645;

/** How long runs took lately. */
export class Durations {
  readonly #kept = new Float64Array(KEPT);
  #count = 0;

  add(durationMs: number): void {
    this.#kept[this.#count % KEPT] = durationMs;
    this.#count += 1;
  }

  /**
   * A range around an expected remaining time. Its width is the standard error of the sum of the durations that are
   * left (they differ by chance) and of their mean (it is known from few): relative to the mean m with standard
   * deviation s over k durations, √(1/left + 1/k) · s/m. `undefined` with fewer than two durations.
   */
  rangeOf(etaMs: number, left: number): readonly [low: number, high: number] | undefined {
    const k = Math.min(this.#count, KEPT);
    if (left <= 0) return [0, 0];
    if (k < 2) return undefined;
    let sum = 0;
    for (let i = 0; i < k; i++) sum += this.#kept[i]!;
    const mean = sum / k;
    let squares = 0;
    for (let i = 0; i < k; i++) squares += (this.#kept[i]! - mean) ** 2;
    const sd = Math.sqrt(squares / (k - 1));
    const share = mean > 0 ? NINE_OF_TEN * (sd / mean) * Math.sqrt(1 / left + 1 / k) : 0;
    return [Math.max(0, etaMs * (1 - share)), etaMs * (1 + share)];
  }
}
