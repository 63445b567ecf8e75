/** Losses in ascending order, to which more are added one by one. */
export class SortedLosses {
  #values = new Float64Array(16);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The loss of a rank, from 0. */
  at(rank: number): number {
    return rank < this.#count ? this.#values[rank]! : Number.NaN;
  }

  add(loss: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#values);
      this.#values = grown;
    }
    const place = this.countBelow(loss);
    this.#values.copyWithin(place + 1, place, this.#count);
    this.#values[place] = loss;
    this.#count += 1;
  }

  /** How many losses are smaller than a given one. */
  countBelow(loss: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! < loss) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The loss below which the share `p` of them lies, between neighbours by straight line; NaN without any. */
  quantile(p: number): number {
    const position = p * (this.#count - 1);
    const low = this.at(Math.floor(position));
    const high = this.at(Math.ceil(position));
    return low === high ? low : low + (position - Math.floor(position)) * (high - low);
  }
}
