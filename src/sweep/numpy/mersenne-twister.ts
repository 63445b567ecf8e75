const LENGTH = 624;
const SHIFT = 397;

/**
 * The Mersenne Twister MT19937, seeded as its authors do: what `numpy.random.seed` and `RandomState` draw from.
 *
 * @see Matsumoto and Nishimura 1998, "Mersenne twister: a 623-dimensionally equidistributed uniform pseudo-random number
 * generator", ACM TOMACS 8(1):3; seeding as revised by them in 2002.
 */
export class MersenneTwister {
  readonly #state: Uint32Array = new Uint32Array(LENGTH);
  #position: number = LENGTH;

  /** @param seed - one integer in [0, 2^32), as `numpy.random.seed` takes it, or the words of a longer key. */
  constructor(seed: number | readonly number[]) {
    if (typeof seed === "number") this.#seedWord(seed);
    else this.#seedWords(seed);
  }

  #seedWord(seed: number): void {
    const state = this.#state;
    state[0] = seed;
    for (let at = 1; at < LENGTH; at += 1) {
      const before = state[at - 1]!;
      state[at] = Math.imul(before ^ (before >>> 30), 1_812_433_253) + at;
    }
  }

  #seedWords(key: readonly number[]): void {
    const state = this.#state;
    this.#seedWord(19_650_218);
    let at = 1;
    /** The next word, made of the one before it. */
    const mix = (factor: number, add: number): void => {
      const before = state[at - 1]!;
      state[at] = (state[at]! ^ Math.imul(before ^ (before >>> 30), factor)) + add;
      at += 1;
      if (at < LENGTH) return;
      state[0] = state[LENGTH - 1]!;
      at = 1;
    };
    for (let round = 0; round < Math.max(LENGTH, key.length); round += 1) {
      const from = round % key.length;
      mix(1_664_525, key[from]! + from);
    }
    for (let round = 1; round < LENGTH; round += 1) mix(1_566_083_941, -at);
    state[0] = 0x8000_0000;
  }

  /** The next 32 bits, as an integer in [0, 2^32). */
  uint32(): number {
    if (this.#position === LENGTH) this.#twist();
    let word = this.#state[this.#position]!;
    this.#position += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c_5680;
    word ^= (word << 15) & 0xefc6_0000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** The next number in [0, 1), with 53 random bits. */
  double(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  }

  /**
   * An integer in [0, `max`], each equally likely: bits are drawn until they are one.
   *
   * @param max - an integer from 0 to 2^53 − 1. For 0 nothing is drawn.
   */
  upTo(max: number): number {
    if (max === 0) return 0;
    const isLong = max > 0xffff_ffff;
    const mask = 0xffff_ffff >>> Math.clz32(isLong ? Math.floor(max / 2 ** 32) : max);
    for (;;) {
      const masked = (this.uint32() & mask) >>> 0;
      const value = isLong ? masked * 2 ** 32 + this.uint32() : masked;
      if (value <= max) return value;
    }
  }

  #twist(): void {
    const state = this.#state;
    for (let at = 0; at < LENGTH; at += 1) {
      const bits = (state[at]! & 0x8000_0000) | (state[(at + 1) % LENGTH]! & 0x7fff_ffff);
      state[at] = state[(at + SHIFT) % LENGTH]! ^ (bits >>> 1) ^ (bits & 1 ? 0x9908_b0df : 0);
    }
    this.#position = 0;
  }
}
