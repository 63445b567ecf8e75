/** Trains a network with the settings of a config file: `node train.ts --config config.yaml`. */
import { appendFileSync, readFileSync } from "node:fs";
import { devNull } from "node:os";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { loadPenguins } from "./data.ts";
import { judge, Network, randomNumbers, shuffled } from "./network.ts";

interface Config {
  readonly model: { readonly hidden: number };
  readonly optimizer: { readonly lr: number; readonly momentum: number; readonly weight_decay: number };
  readonly training: { readonly epochs: number; readonly batch_size: number };
}

const { values } = parseArgs({ options: { config: { type: "string", default: "config.yaml" } } });
const { model, optimizer, training } = parse(readFileSync(values.config, "utf8")) as Config;

const metricsFile = process.env["METALAB_METRICS"] ?? devNull;
const report = (metrics: Readonly<Record<string, number>>): void =>
  appendFileSync(metricsFile, `${JSON.stringify(metrics)}\n`);

const random = randomNumbers(Number(process.env["METALAB_SEED"] ?? 0));
const { train, validation } = loadPenguins();
const network = new Network(train.inputs[0]!.length, model.hidden, random);
const learning = { lr: optimizer.lr, momentum: optimizer.momentum, weightDecay: optimizer.weight_decay };

for (let epoch = 0; epoch < training.epochs; epoch++) {
  const order = shuffled(train.inputs.length, random);
  for (let start = 0; start < order.length; start += training.batch_size)
    network.step(train, order.slice(start, start + training.batch_size), learning);
  const { loss, accuracy } = judge(network, validation);
  report({ step: epoch, train_loss: judge(network, train).loss, val_loss: loss, val_acc: accuracy });
}
const { loss, accuracy } = judge(network, validation);
console.log(`validation: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
