import { createRng, deriveUint32 } from "./random.ts";

/**
 * Primitive polynomials and initial direction numbers of dimensions 2 to 128, each as `a m1 m2 … ms`: `s` is the
 * degree of the polynomial, `a` its inner coefficients as bits.
 *
 * @see Joe and Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput.
 * 30, 2635–2654: their table new-joe-kuo-6.
 */
const JOE_KUO: string =
  "0 1;1 1 3;1 1 3 1;2 1 1 1;1 1 1 3 3;4 1 3 5 13;2 1 1 5 5 17;4 1 1 5 5 5;7 1 1 7 11 19;11 1 1 5 1 1;" +
  "13 1 1 1 3 11;14 1 3 5 5 31;1 1 3 3 9 7 49;13 1 1 1 15 21 21;16 1 3 1 13 27 49;19 1 1 1 15 7 5;" +
  "22 1 3 1 15 13 25;25 1 1 5 5 19 61;1 1 3 7 11 23 15 103;4 1 3 7 13 13 15 69;7 1 1 3 13 7 35 63;" +
  "8 1 3 5 9 1 25 53;14 1 3 1 13 9 35 107;19 1 3 1 5 27 61 31;21 1 1 5 11 19 41 61;28 1 3 5 3 3 13 69;" +
  "31 1 1 7 13 1 19 1;32 1 3 7 5 13 19 59;37 1 1 3 9 25 29 41;41 1 3 5 13 23 1 55;42 1 3 7 3 13 59 17;" +
  "50 1 3 1 3 5 53 69;55 1 1 5 5 23 33 13;56 1 1 7 7 1 61 123;59 1 1 7 9 13 61 49;62 1 3 3 5 3 55 33;" +
  "14 1 3 1 15 31 13 49 245;21 1 3 5 15 31 59 63 97;22 1 3 1 11 11 11 77 249;38 1 3 1 11 27 43 71 9;" +
  "47 1 1 7 15 21 11 81 45;49 1 3 7 3 25 31 65 79;50 1 3 1 1 19 11 3 205;52 1 1 5 9 19 21 29 157;" +
  "56 1 3 7 11 1 33 89 185;67 1 3 3 3 15 9 79 71;70 1 3 7 11 15 39 119 27;84 1 1 3 1 11 31 97 225;" +
  "97 1 1 1 3 23 43 57 177;103 1 3 7 7 17 17 37 71;115 1 3 1 5 27 63 123 213;122 1 1 3 5 11 43 53 133;" +
  "8 1 3 5 5 29 17 47 173 479;13 1 3 3 11 3 1 109 9 69;16 1 1 1 5 17 39 23 5 343;" +
  "22 1 3 1 5 25 15 31 103 499;25 1 1 1 11 11 17 63 105 183;44 1 1 5 11 9 29 97 231 363;" +
  "47 1 1 5 15 19 45 41 7 383;52 1 3 7 7 31 19 83 137 221;55 1 1 1 3 23 15 111 223 83;" +
  "59 1 1 5 13 31 15 55 25 161;62 1 1 3 13 25 47 39 87 257;67 1 1 1 11 21 53 125 249 293;" +
  "74 1 1 7 11 11 7 57 79 323;81 1 1 5 5 17 13 81 3 131;82 1 1 7 13 23 7 65 251 475;" +
  "87 1 3 5 1 9 43 3 149 11;91 1 1 3 13 31 13 13 255 487;94 1 3 3 1 5 63 89 91 127;" +
  "103 1 1 3 3 1 19 123 127 237;104 1 1 5 7 23 31 37 243 289;109 1 1 5 11 17 53 117 183 491;" +
  "122 1 1 1 5 1 13 13 209 345;124 1 1 3 15 1 57 115 7 33;137 1 3 1 11 7 43 81 207 175;" +
  "138 1 3 1 1 15 27 63 255 49;143 1 3 5 3 27 61 105 171 305;145 1 1 5 3 1 3 57 249 149;" +
  "152 1 1 3 5 5 57 15 13 159;157 1 1 1 11 7 11 105 141 225;167 1 3 3 5 27 59 121 101 271;" +
  "173 1 3 5 9 11 49 51 59 115;176 1 1 7 1 23 45 125 71 419;181 1 1 3 5 23 5 105 109 75;" +
  "182 1 1 7 15 7 11 67 121 453;185 1 3 7 3 9 13 31 27 449;191 1 3 1 15 19 39 39 89 15;" +
  "194 1 1 1 1 1 33 73 145 379;199 1 3 1 15 15 43 29 13 483;218 1 1 7 3 19 27 85 131 431;" +
  "220 1 3 3 3 5 35 23 195 349;227 1 3 3 7 9 27 39 59 297;229 1 1 3 9 11 17 13 241 157;" +
  "230 1 3 7 15 25 57 33 189 213;234 1 1 7 1 9 55 73 83 217;236 1 3 3 13 19 27 23 113 249;" +
  "241 1 3 5 3 23 43 3 253 479;244 1 1 5 5 11 5 45 117 217;253 1 3 3 7 29 37 33 123 147;" +
  "4 1 3 1 15 5 5 37 227 223 459;13 1 1 7 5 5 39 63 255 135 487;19 1 3 1 7 9 7 87 249 217 599;" +
  "22 1 1 3 13 9 47 7 225 363 247;50 1 3 7 13 19 13 9 67 9 737;55 1 3 5 5 19 59 7 41 319 677;" +
  "64 1 1 5 3 31 63 15 43 207 789;69 1 1 7 9 13 39 3 47 497 169;98 1 3 1 7 21 17 97 19 415 905;" +
  "107 1 3 7 1 3 31 71 111 165 127;115 1 1 5 11 1 61 83 119 203 847;121 1 3 3 13 9 61 19 97 47 35;" +
  "127 1 1 7 7 15 29 63 95 417 469;134 1 3 1 9 25 9 71 57 213 385;140 1 3 5 13 31 47 101 57 39 341;" +
  "145 1 1 3 3 31 57 125 173 365 551;152 1 3 7 1 13 57 67 157 451 707;158 1 1 1 7 21 13 105 89 429 965;" +
  "161 1 1 5 9 17 51 45 119 157 141;171 1 3 7 7 13 45 91 9 129 741;181 1 3 7 1 23 57 67 141 151 571;" +
  "194 1 1 3 11 17 47 93 107 375 157;199 1 3 3 5 11 21 43 51 169 915;203 1 1 5 3 15 55 101 67 455 625;" +
  "208 1 3 5 9 1 23 29 47 345 595;227 1 3 7 7 5 49 29 155 323 589;242 1 3 3 7 5 41 127 61 261 717";

/** Number of dimensions that {@link sobolPoint} has. */
export const SOBOL_DIMENSIONS = 128;

const BITS = 32;

const directions = new Map<number, Uint32Array>();

/**
 * One coordinate of a point of the Sobol sequence, as a 32-bit fraction: divided by 2^32 it lies in `[0, 1)`.
 *
 * @param index - number of the point, from 0 to 2^32 − 1. Points are in the order of their numbers, not of a Gray code.
 * @param dimension - from 0, below {@link SOBOL_DIMENSIONS}.
 * @see Sobol' 1967, "On the distribution of points in a cube and the approximate evaluation of integrals", USSR
 * Computational Mathematics and Mathematical Physics 7, 86–112.
 */
export function sobolPoint(index: number, dimension: number): number {
  let numbers = directions.get(dimension);
  if (numbers === undefined) {
    numbers = directionsOf(dimension);
    directions.set(dimension, numbers);
  }
  let point = 0;
  for (let bit = 0, rest = index >>> 0; rest !== 0; bit += 1, rest >>>= 1) {
    if ((rest & 1) === 1) point ^= numbers[bit] as number;
  }
  return point >>> 0;
}

/**
 * One coordinate of a point of the Sobol sequence under Owen's nested uniform scrambling, in `(0, 1)`. The first 2^k
 * points of a dimension lie one in each 2^k-th of the interval, whatever the seed; over seeds each point is uniform.
 *
 * @param index - number of the point, from 0 to 2^32 − 1.
 * @param dimension - from 0, below {@link SOBOL_DIMENSIONS}.
 * @param seed - 32 bits that choose the scrambling: different ones for different dimensions.
 * @see Owen 1995, "Randomly permuted (t,m,s)-nets and (t,s)-sequences"; by a hash as in Laine and Karras 2011,
 * "Stratified sampling for stochastic transparency", section 3.1, and Burley 2020, "Practical hash-based Owen
 * scrambling", Journal of Computer Graphics Techniques 9(4), listing 1.
 */
export function scrambledSobol(index: number, dimension: number, seed: number): number {
  const scrambled = reversed(laineKarras(reversed(sobolPoint(index, dimension)), seed));
  return (scrambled + 0.5) / 2 ** BITS;
}

/**
 * A scrambled Sobol sequence as vectors: number → a point of the open unit cube. The first 2^k points are evenly
 * spread, so a longer sequence begins with a shorter one and nothing is lost by asking for more. Coordinates past
 * {@link SOBOL_DIMENSIONS} are independent random numbers.
 *
 * @param size - number of coordinates.
 * @param path - address of the scrambling: another one gives an independent sequence.
 */
export function createSobol(
  size: number,
  ...path: readonly (string | number)[]
): (index: number) => Float64Array {
  const scrambled = Math.min(size, SOBOL_DIMENSIONS);
  const seeds = Uint32Array.from({ length: scrambled }, (_, at) =>
    deriveUint32("metalab.sobol", 1, ...path, at),
  );
  return (index) => {
    const point = new Float64Array(size);
    for (let at = 0; at < scrambled; at += 1) point[at] = scrambledSobol(index, at, seeds[at] as number);
    if (size > scrambled) {
      const rng = createRng("metalab.sobol", 1, ...path, "beyond", index);
      for (let at = scrambled; at < size; at += 1) point[at] = rng.next();
    }
    return point;
  };
}

/** A permutation in which each bit of the result depends on the same and lower bits only (constants of Vegdahl 2021). */
function laineKarras(value: number, seed: number): number {
  let mixed = value ^ Math.imul(value, 0x3d20adea);
  mixed = (mixed + seed) | 0;
  mixed = Math.imul(mixed, (seed >>> 16) | 1);
  mixed ^= Math.imul(mixed, 0x05526c56);
  mixed ^= Math.imul(mixed, 0x53a22864);
  return mixed;
}

/** The 32 bits of a number from the last to the first. */
function reversed(value: number): number {
  let bits = value;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}

/** The 32 direction numbers of a dimension: equations 2 and 3 of Joe and Kuo, the first dimension being van der Corput's. */
function directionsOf(dimension: number): Uint32Array {
  const numbers = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let bit = 0; bit < BITS; bit += 1) numbers[bit] = 2 ** (BITS - 1 - bit);
    return numbers;
  }
  const [inner = 0, ...initial] = (JOE_KUO.split(";")[dimension - 1] as string).split(" ").map(Number);
  const degree = initial.length;
  for (let bit = 0; bit < BITS; bit += 1) {
    if (bit < degree) {
      numbers[bit] = (initial[bit] as number) * 2 ** (BITS - 1 - bit);
      continue;
    }
    const before = numbers[bit - degree] as number;
    let number = before ^ (before >>> degree);
    for (let back = 1; back < degree; back += 1) {
      if (((inner >>> (degree - 1 - back)) & 1) === 1) number ^= numbers[bit - back] as number;
    }
    numbers[bit] = number >>> 0;
  }
  return numbers;
}
