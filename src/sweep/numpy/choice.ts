import type { RandomState } from "./random-state.ts";

/** What `numpy.random.choice` is asked for. */
export interface ChoiceRequest {
  /** How many there are to choose from, at least 1. */
  readonly population: number;
  readonly size: number;
  readonly replace: boolean;
  /** Probability of each; absent: all alike. */
  readonly p?: readonly number[];
}

/** The positions that `numpy.random.choice` chooses, in its order. */
export function* choices(random: RandomState, request: ChoiceRequest): Generator<number, void> {
  const { population, size, replace, p } = request;
  if (replace) {
    const sums = p === undefined ? undefined : cumulative(p);
    for (let at = 0; at < size; at += 1) {
      yield sums === undefined ? random.upTo(population - 1) : firstAbove(sums, random.double());
    }
  } else if (p === undefined) {
    yield* permutation(random, population).slice(0, size);
  } else {
    yield* weightedSubset(random, p, size);
  }
}

/** 0, 1, … in random order, by Fisher and Yates from the end. */
function permutation(random: RandomState, length: number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = random.upTo(last);
    const value = order[last]!;
    order[last] = order[other]!;
    order[other] = value;
  }
  return order;
}

/** Draws with replacement, those drawn already struck out, until there are enough. */
function weightedSubset(random: RandomState, p: readonly number[], size: number): number[] {
  const weights = [...p];
  const found: number[] = [];
  while (found.length < size) {
    const draws = Array.from({ length: size - found.length }, () => random.double());
    for (const position of found) weights[position] = 0;
    const sums = cumulative(weights);
    found.push(...new Set(draws.map((draw) => firstAbove(sums, draw))));
  }
  return found;
}

/** Sums of the first 1, 2, … weights, as shares of all. */
function cumulative(weights: readonly number[]): readonly number[] {
  let sum = 0;
  const sums = weights.map((weight) => {
    sum += weight;
    return sum;
  });
  return sums.map((value) => value / sum);
}

/** The first position whose sum is above a number below 1. */
function firstAbove(sums: readonly number[], value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
