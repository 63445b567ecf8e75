import type { Rng } from "../../../math/random.ts";
import { normalCdf, normalQuantile } from "../../../math/special.ts";
import { type Cells, cellAt, type Scale } from "./scale.ts";

/** Points that a density is put around. */
export interface Sample {
  /** One vector of the unit space after another; NaN where a parameter is inactive. */
  readonly centres: Float64Array;
  /** Weight of each point, in any unit. */
  readonly weights: Float64Array;
  /** Weight of the whole space: the prior. */
  readonly priorWeight: number;
  /** Bandwidth of each coordinate; of a category, the chance of another value. */
  readonly bandwidths: Float64Array;
}

/** Positions at which the mass of a wide kernel inside of the unit interval is tabulated. */
const MASS_CELLS = 64;

/** Kernels narrower than this are mostly well inside, where their mass is 1. */
const NARROW = 0.05;

const LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * A mixture of product kernels over the unit cube, and the uniform density as one more component (equation 12 of
 * Watanabe 2023, arXiv:2304.11127). Densities are relative to the uniform one. The kernel of a coordinate is a
 * normal density cut off at the ends of the interval; of listed values, its mass on each cell; of a category, one
 * value more likely than the others. A coordinate in which a point is inactive has the uniform density, so points of
 * different branches share what they have in common.
 */
export class Mixture {
  readonly #scales: readonly Scale[];
  readonly #size: number;
  readonly #count: number;
  readonly #sample: Sample;
  /** Logarithms of the weights, which add up to 1, the prior's last. */
  readonly #logWeights: Float64Array;
  readonly #cumulative: Float64Array;
  /** Log weights, and the factors of the coordinates that are active at every centre. */
  readonly #bases: Float64Array;
  /** Of each coordinate: 1 / bandwidth. */
  readonly #inverse: Float64Array;
  /** Of each coordinate: 1 when it is active at every centre. */
  readonly #isWhole: Uint8Array;
  /** Coordinate by coordinate: centres in bandwidths (reals) or as numbers of cells; NaN where inactive. */
  readonly #scaled: Float64Array;
  /** Log of the factor of each kernel in each coordinate that is real. */
  readonly #factors: Float64Array;
  /** Log relative mass, cell of the kernel × cell of the point, of each coordinate with listed values. */
  readonly #tables: readonly (Float64Array | undefined)[];
  readonly #logs: Float64Array;

  constructor(scales: readonly Scale[], sample: Sample) {
    const size = scales.length;
    const count = sample.weights.length;
    this.#scales = scales;
    this.#size = size;
    this.#count = count;
    this.#sample = sample;
    this.#inverse = sample.bandwidths.map((bandwidth) => 1 / bandwidth);
    this.#logWeights = new Float64Array(count + 1);
    this.#cumulative = new Float64Array(count + 1);
    this.#logs = new Float64Array(count + 1);
    this.#isWhole = new Uint8Array(size).fill(1);
    this.#scaled = new Float64Array(count * size);
    this.#factors = new Float64Array(count * size);
    this.#weigh();
    this.#tables = scales.map((scale, at) => this.#prepare(scale, at));
    this.#bases = this.#logWeights.slice();
    for (let at = 0; at < size; at += 1) {
      if (this.#isWhole[at] === 0) continue;
      for (let kernel = 0; kernel < count; kernel += 1)
        this.#bases[kernel] = this.#bases[kernel]! + this.#factors[at * count + kernel]!;
    }
  }

  /** Log of the density at a vector of the unit space, relative to the uniform density over what is active. */
  logDensity(units: ArrayLike<number>): number {
    const logs = this.#logs;
    logs.set(this.#bases);
    for (let at = 0; at < this.#scales.length; at += 1) {
      const unit = units[at]!;
      if (Number.isNaN(unit)) {
        this.#leaveOut(at);
        continue;
      }
      const { cells } = this.#scales[at]!;
      if (cells === undefined) this.#addReal(at, unit);
      else this.#addCell(at, cells.count, cellAt(cells, unit));
    }
    return logSum(logs);
  }

  #addReal(at: number, unit: number): void {
    const logs = this.#logs;
    const scaled = this.#scaled;
    const count = this.#count;
    const here = unit * this.#inverse[at]!;
    if (this.#isWhole[at] === 1) {
      for (let kernel = 0, slot = at * count; kernel < count; kernel += 1, slot += 1) {
        const distance = here - scaled[slot]!;
        logs[kernel] = logs[kernel]! - 0.5 * distance * distance;
      }
      return;
    }
    const factors = this.#factors;
    for (let kernel = 0, slot = at * count; kernel < count; kernel += 1, slot += 1) {
      const distance = here - scaled[slot]!;
      // Not a number where the parameter is inactive at the centre.
      if (!Number.isNaN(distance)) logs[kernel] = logs[kernel]! + factors[slot]! - 0.5 * distance * distance;
    }
  }

  /** Takes out what {@link Mixture.#bases} has of a coordinate that is inactive at the point. */
  #leaveOut(at: number): void {
    if (this.#isWhole[at] === 0) return;
    const count = this.#count;
    for (let kernel = 0; kernel < count; kernel += 1)
      this.#logs[kernel] = this.#logs[kernel]! - this.#factors[at * count + kernel]!;
  }

  #addCell(at: number, cells: number, here: number): void {
    const logs = this.#logs;
    const scaled = this.#scaled;
    const table = this.#tables[at]!;
    const count = this.#count;
    for (let kernel = 0, slot = at * count; kernel < count; kernel += 1, slot += 1) {
      const row = scaled[slot]!;
      if (!Number.isNaN(row)) logs[kernel] = logs[kernel]! + table[row * cells + here]!;
    }
  }

  /** Draws a vector; every coordinate has a number, also where a parameter may turn out to be inactive. */
  draw(rng: Rng, into: Float64Array): void {
    const pick = rng.next();
    let kernel = 0;
    while (kernel < this.#count && (this.#cumulative[kernel] as number) <= pick) kernel += 1;
    for (let at = 0; at < this.#size; at += 1) {
      const share = rng.next();
      const centre =
        kernel === this.#count ? Number.NaN : (this.#sample.centres[kernel * this.#size + at] as number);
      into[at] = this.#drawn(at, centre, share);
    }
  }

  #drawn(at: number, centre: number, share: number): number {
    const { cells, grain } = this.#scales[at] as Scale;
    if (cells !== undefined) {
      if (Number.isNaN(centre)) return cells.units[cellAt(cells, share)] as number;
      const table = this.#tables[at] as Float64Array;
      const row = cellAt(cells, centre) * cells.count;
      let left = share;
      for (let cell = 0; cell < cells.count; cell += 1) {
        left -=
          Math.exp(table[row + cell] as number) *
          ((cells.edges[cell + 1] as number) - (cells.edges[cell] as number));
        if (left < 0) return cells.units[cell] as number;
      }
      return centre;
    }
    if (Number.isNaN(centre)) return share;
    const bandwidth = Math.max(this.#sample.bandwidths[at] as number, grain / 2);
    const low = normalCdf(-centre / bandwidth);
    const high = normalCdf((1 - centre) / bandwidth);
    return Math.min(1, Math.max(0, centre + bandwidth * normalQuantile(low + share * (high - low))));
  }

  #weigh(): void {
    const { weights, priorWeight } = this.#sample;
    let total = priorWeight;
    for (const weight of weights) total += weight;
    let sum = 0;
    for (let kernel = 0; kernel < this.#count; kernel += 1) {
      const weight = (weights[kernel] as number) / total;
      sum += weight;
      this.#logWeights[kernel] = Math.log(weight);
      this.#cumulative[kernel] = sum;
    }
    this.#logWeights[this.#count] = Math.log(priorWeight / total);
    this.#cumulative[this.#count] = 1;
  }

  #prepare(scale: Scale, at: number): Float64Array | undefined {
    const { centres, bandwidths } = this.#sample;
    const bandwidth = bandwidths[at] as number;
    const { cells } = scale;
    const masses = cells === undefined ? logMassOf(bandwidth) : undefined;
    const base = -Math.log(bandwidth) - LOG_ROOT_TWO_PI;
    for (let kernel = 0, slot = at * this.#count; kernel < this.#count; kernel += 1, slot += 1) {
      const centre = centres[kernel * this.#size + at]!;
      if (Number.isNaN(centre)) {
        this.#isWhole[at] = 0;
        this.#scaled[slot] = Number.NaN;
      } else if (masses === undefined) {
        this.#scaled[slot] = cellAt(cells as Cells, centre);
      } else {
        this.#scaled[slot] = centre / bandwidth;
        this.#factors[slot] = base - masses(centre);
      }
    }
    if (cells === undefined) return undefined;
    return scale.isCategory ? categoryTable(cells, bandwidth) : cellTable(cells, bandwidth);
  }
}

/** Log of the mass that a kernel has inside of the unit interval, by where its centre is. */
function logMassOf(bandwidth: number): (centre: number) => number {
  const exact = (centre: number) =>
    Math.log(normalCdf((1 - centre) / bandwidth) - normalCdf(-centre / bandwidth));
  if (bandwidth < NARROW) {
    const reach = 6 * bandwidth;
    return (centre) => (centre > reach && centre < 1 - reach ? 0 : exact(centre));
  }
  const table = Float64Array.from({ length: MASS_CELLS + 2 }, (_, at) => exact(Math.min(at / MASS_CELLS, 1)));
  return (centre) => {
    const place = centre * MASS_CELLS;
    const cell = Math.floor(place);
    return table[cell]! + (table[cell + 1]! - table[cell]!) * (place - cell);
  };
}

/** Kernels of ordered values: the mass of the cut-off normal on each cell, relative to the width of the cell. */
function cellTable({ count, edges, units }: Cells, bandwidth: number): Float64Array {
  const table = new Float64Array(count * count);
  const below = new Float64Array(count + 1);
  for (let row = 0; row < count; row += 1) {
    const centre = units[row] as number;
    for (let edge = 0; edge <= count; edge += 1)
      below[edge] = normalCdf(((edges[edge] as number) - centre) / bandwidth);
    const total = (below[count] as number) - (below[0] as number);
    for (let cell = 0; cell < count; cell += 1) {
      const width = (edges[cell + 1] as number) - (edges[cell] as number);
      const mass = ((below[cell + 1] as number) - (below[cell] as number)) / total;
      table[row * count + cell] = Math.log(Math.max(mass / width, 1e-100));
    }
  }
  return table;
}

/** Kernels of categories (Aitchison and Aitken 1976): `other` is the chance of a value that is not the centre's. */
function categoryTable({ count }: Cells, other: number): Float64Array {
  const table = new Float64Array(count * count);
  const chance = count === 1 ? 0 : Math.min(other, (count - 1) / count);
  table.fill(Math.log(Math.max((chance / Math.max(count - 1, 1)) * count, 1e-100)));
  for (let row = 0; row < count; row += 1) table[row * count + row] = Math.log((1 - chance) * count);
  return table;
}

/** log Σ exp; the terms are overwritten. */
function logSum(logs: Float64Array): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logs.length; at += 1)
    if ((logs[at] as number) > greatest) greatest = logs[at] as number;
  if (greatest === Number.NEGATIVE_INFINITY) return greatest;
  let sum = 0;
  for (let at = 0; at < logs.length; at += 1) {
    const below = (logs[at] as number) - greatest;
    if (below > -40) sum += Math.exp(below);
  }
  return greatest + Math.log(sum);
}
