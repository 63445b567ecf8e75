/** A small network with one hidden layer, trained on points of two half moons: real work in some milliseconds. */

export const baseConfig = {
  data: { points: 200, noise: 0.2, seed: 7 },
  model: { hidden_dim: 16 },
  optimizer: "sgd",
  training: { lr: 0.01, batch_size: 32, epochs: 30 },
};

export type Config = typeof baseConfig;

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32). */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normals(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

interface Points {
  readonly x: Float64Array;
  readonly label: Uint8Array;
}

/** Half of the points on the upper moon, half on the lower one, each with some noise. */
function moons({ points, noise, seed }: Config["data"]): Points {
  const next = uniforms(seed);
  const normal = normals(next);
  const x = new Float64Array(2 * points);
  const label = Uint8Array.from({ length: points }, (_, i) => i % 2);
  for (let i = 0; i < points; i += 1) {
    const angle = Math.PI * next();
    const isLower = label[i] === 1;
    x[2 * i] = (isLower ? 1 - Math.cos(angle) : Math.cos(angle)) + noise * normal();
    x[2 * i + 1] = (isLower ? 0.5 - Math.sin(angle) : Math.sin(angle)) + noise * normal();
  }
  return { x, label };
}

/** Weights as one vector: for each hidden unit two inputs, a bias and an output; last the bias of the output. */
class Network {
  readonly weights: Float64Array;
  readonly #hidden: Float64Array;

  constructor(size: number, seed: number) {
    const normal = normals(uniforms(seed));
    this.weights = Float64Array.from({ length: 4 * size + 1 }, (_, i) => (i < 4 * size ? normal() / 2 : 0));
    this.#hidden = new Float64Array(size);
  }

  /** Logistic loss at a point; adds its gradient where one is asked for. */
  loss({ x, label }: Points, i: number, gradient?: Float64Array): number {
    const { weights } = this;
    const hidden = this.#hidden;
    const [a, b, sign] = [x[2 * i]!, x[2 * i + 1]!, label[i] === 1 ? 1 : -1];
    let output = weights[4 * hidden.length]!;
    for (let unit = 0; unit < hidden.length; unit += 1) {
      const at = 4 * unit;
      hidden[unit] = Math.tanh(weights[at]! * a + weights[at + 1]! * b + weights[at + 2]!);
      output += weights[at + 3]! * hidden[unit]!;
    }
    const margin = sign * output;
    if (gradient !== undefined) {
      const slope = -sign / (1 + Math.exp(margin));
      for (let unit = 0; unit < hidden.length; unit += 1) {
        const at = 4 * unit;
        const back = slope * weights[at + 3]! * (1 - hidden[unit]! ** 2);
        gradient[at]! += back * a;
        gradient[at + 1]! += back * b;
        gradient[at + 2]! += back;
        gradient[at + 3]! += slope * hidden[unit]!;
      }
      gradient[4 * hidden.length]! += slope;
    }
    return margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
  }

  meanLoss(points: Points): number {
    let sum = 0;
    for (let i = 0; i < points.label.length; i += 1) sum += this.loss(points, i);
    return sum / points.label.length;
  }
}

type Update = (weights: Float64Array, gradient: Float64Array) => void;

function updater(name: string, lr: number, size: number): Update {
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  let step = 0;
  if (name === "adam") {
    return (weights, gradient) => {
      step += 1;
      for (let i = 0; i < size; i += 1) {
        mean[i] = 0.9 * mean[i]! + 0.1 * gradient[i]!;
        square[i] = 0.999 * square[i]! + 0.001 * gradient[i]! ** 2;
        const scale = Math.sqrt(square[i]! / (1 - 0.999 ** step)) + 1e-8;
        weights[i]! -= (lr * mean[i]!) / (1 - 0.9 ** step) / scale;
      }
    };
  }
  const momentum = name === "momentum" ? 0.9 : 0;
  return (weights, gradient) => {
    for (let i = 0; i < size; i += 1) {
      mean[i] = momentum * mean[i]! + gradient[i]!;
      weights[i]! -= lr * mean[i]!;
    }
  };
}

/** Trains with a configuration, and tells how good the network is on points that it has not seen. */
export function trainFn({ data, model, optimizer, training }: Config) {
  const train = moons(data);
  const validation = moons({ ...data, seed: data.seed + 1 });
  const network = new Network(model.hidden_dim, data.seed);
  const gradient = new Float64Array(network.weights.length);
  const update = updater(optimizer, training.lr, gradient.length);
  const next = uniforms(data.seed + 2);
  for (let epoch = 0; epoch < training.epochs; epoch += 1) {
    for (let batch = 0; batch < data.points; batch += training.batch_size) {
      gradient.fill(0);
      for (let i = 0; i < training.batch_size; i += 1) {
        network.loss(train, Math.floor(next() * data.points), gradient);
      }
      for (let i = 0; i < gradient.length; i += 1) gradient[i]! /= training.batch_size;
      update(network.weights, gradient);
    }
  }
  return { val_loss: network.meanLoss(validation), train_loss: network.meanLoss(train) };
}
