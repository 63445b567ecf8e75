/** A network of one hidden layer that tells how likely the answer is yes, trained by gradient descent with momentum. */
import type { Examples } from "./data.ts";

/** Numbers from [0, 1), the same after the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Learning {
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

export class Network {
  readonly #hidden: number;
  readonly #width: number;
  /** For each hidden unit its weights and its bias; then the weights of the output and its bias. */
  readonly #weights: Float64Array;
  readonly #velocity: Float64Array;
  readonly #gradient: Float64Array;
  readonly #activation: Float64Array;

  constructor(inputs: number, hidden: number, random: () => number) {
    this.#hidden = hidden;
    this.#width = inputs + 1;
    const count = hidden * this.#width + hidden + 1;
    this.#weights = Float64Array.from({ length: count }, () => (random() * 2 - 1) / Math.sqrt(inputs));
    this.#velocity = new Float64Array(count);
    this.#gradient = new Float64Array(count);
    this.#activation = new Float64Array(hidden);
  }

  /** How likely the answer is yes. */
  predict(input: readonly number[]): number {
    const output = this.#hidden * this.#width;
    let sum = this.#weights[output + this.#hidden]!;
    for (let unit = 0; unit < this.#hidden; unit++) {
      const start = unit * this.#width;
      let level = this.#weights[start + this.#width - 1]!;
      for (const [place, value] of input.entries()) level += this.#weights[start + place]! * value;
      this.#activation[unit] = Math.tanh(level);
      sum += this.#weights[output + unit]! * this.#activation[unit]!;
    }
    return 1 / (1 + Math.exp(-sum));
  }

  /** One step of gradient descent on some of the examples. */
  step(
    { inputs, labels }: Examples,
    batch: readonly number[],
    { lr, momentum, weightDecay }: Learning,
  ): void {
    this.#gradient.fill(0);
    for (const index of batch) this.#addGradient(inputs[index]!, labels[index]!);
    for (const [place, weight] of this.#weights.entries()) {
      const slope = this.#gradient[place]! / batch.length + weightDecay * weight;
      this.#velocity[place] = momentum * this.#velocity[place]! - lr * slope;
      this.#weights[place] = weight + this.#velocity[place]!;
    }
  }

  #addGradient(input: readonly number[], label: number): void {
    const output = this.#hidden * this.#width;
    // Of the cross-entropy behind a sigmoid.
    const error = this.predict(input) - label;
    this.#gradient[output + this.#hidden]! += error;
    for (let unit = 0; unit < this.#hidden; unit++) {
      const level = this.#activation[unit]!;
      this.#gradient[output + unit]! += error * level;
      const inner = error * this.#weights[output + unit]! * (1 - level ** 2);
      const start = unit * this.#width;
      for (const [place, value] of input.entries()) this.#gradient[start + place]! += inner * value;
      this.#gradient[start + this.#width - 1]! += inner;
    }
  }
}

/** Mean cross-entropy, and the share of right answers. */
export function judge(network: Network, { inputs, labels }: Examples): { loss: number; accuracy: number } {
  let loss = 0;
  let right = 0;
  for (const [index, input] of inputs.entries()) {
    const yes = network.predict(input);
    const likely = labels[index] === 1 ? yes : 1 - yes;
    loss -= Math.log(Math.max(likely, 1e-12));
    if (likely > 0.5) right += 1;
  }
  return { loss: loss / inputs.length, accuracy: right / inputs.length };
}

/** The numbers from 0 to `count` − 1 in any order. */
export function shuffled(count: number, random: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
