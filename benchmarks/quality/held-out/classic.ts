/** Classic test functions of real vectors, moved, turned and stretched. */
import { ackley, griewank, levy, type MakeFunction, ofVector, rastrigin } from "../functions.ts";

const { PI, abs, exp, log, sin, sqrt } = Math;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Molga, Smutnicki 2005, section 2.11, with steepness 10. */
function michalewicz(x: readonly number[]): number {
  return -sum(x.map((v, i) => sin(v) * sin(((i + 1) * v * v) / PI) ** 20));
}

/** Schwefel 1981. Its lowest point is far from the next best ones, near a corner. */
function schwefel(x: readonly number[]): number {
  return 418.982_887_272_433_8 * x.length - sum(x.map((v) => v * sin(sqrt(abs(v)))));
}

function sixHumpCamel([a = 0, b = 0]: readonly number[]): number {
  return (4 - 2.1 * a ** 2 + a ** 4 / 3) * a ** 2 + a * b + (4 * b ** 2 - 4) * b ** 2;
}

function goldsteinPrice([a = 0, b = 0]: readonly number[]): number {
  const first = (a + b + 1) ** 2 * (19 - 14 * a + 3 * a ** 2 - 14 * b + 6 * a * b + 3 * b ** 2);
  const second = (2 * a - 3 * b) ** 2 * (18 - 32 * a + 12 * a ** 2 + 48 * b - 36 * a * b + 27 * b ** 2);
  return (1 + first) * (30 + second);
}

function dixonPrice(x: readonly number[]): number {
  let total = (x[0]! - 1) ** 2;
  for (let i = 1; i < x.length; i += 1) total += (i + 1) * (2 * x[i]! ** 2 - x[i - 1]!) ** 2;
  return total;
}

function zakharov(x: readonly number[]): number {
  const slope = sum(x.map((v, i) => 0.5 * (i + 1) * v));
  return sum(x.map((v) => v * v)) + slope ** 2 + slope ** 4;
}

/** A bowl whose axes differ by a condition number of 10,000. */
function ellipsoid(x: readonly number[]): number {
  return sum(x.map((v, i) => 10 ** ((4 * i) / (x.length - 1)) * v * v));
}

/** Flow through a borehole, m³ a year (Harper, Gupta 1983): lowest in a corner of its box. */
const borehole: MakeFunction = () => (point) => {
  const { rw, r, Tu, Hu, Tl, Hl, L, Kw } = point as Readonly<Record<string, number>>;
  const ratio = log(r! / rw!);
  const below = ratio * (1 + (2 * L! * Tu!) / (ratio * rw! ** 2 * Kw!) + Tu! / Tl!);
  return (2 * PI * Tu! * (Hu! - Hl!)) / below;
};

const BASES: Readonly<Record<string, (x: readonly number[]) => number>> = {
  ackley,
  ellipsoid,
  griewank,
  levy,
  rastrigin,
  zakharov,
};

/**
 * `base(rotation · (x − shift) · scale + at)`: the lowest point of the base, `at` in every coordinate, comes to lie at
 * `shift`. With `squash` the logarithm of 1 plus that.
 */
const transformed: MakeFunction = (consts, names) => {
  const {
    base,
    shift,
    rotation,
    scale = 1,
    at = 0,
    squash = false,
  } = consts as {
    base: string;
    shift: number[];
    rotation?: number[][];
    scale?: number;
    at?: number;
    squash?: boolean;
  };
  const f = BASES[base];
  if (f === undefined) throw new Error(`quality: no base function ${base}`);
  return (x) => {
    const moved = names.map((name, i) => (x[name] as number) - shift[i]!);
    const turned = rotation?.map((row) => sum(row.map((weight, i) => weight * moved[i]!))) ?? moved;
    const value = f(turned.map((v) => v * scale + at));
    return squash ? Math.log1p(value) : value;
  };
};

/** Minus the sum of bumps of several heights and widths: one is the highest, most of the box is nearly flat. */
const bumps: MakeFunction = (consts, names) => {
  const { centres, heights, widths } = consts as {
    centres: number[][];
    heights: number[];
    widths: number[];
  };
  return (x) =>
    -sum(
      centres.map((centre, i) => {
        const distance = sum(names.map((name, j) => ((x[name] as number) - centre[j]!) ** 2));
        return heights[i]! * exp(-distance / (2 * widths[i]! ** 2));
      }),
    );
};

export const CLASSIC: Readonly<Record<string, MakeFunction>> = {
  michalewicz: ofVector(michalewicz),
  schwefel: ofVector(schwefel),
  six_hump_camel: ofVector(sixHumpCamel),
  goldstein_price: ofVector(goldsteinPrice),
  dixon_price: ofVector(dixonPrice),
  borehole,
  transformed,
  bumps,
};
