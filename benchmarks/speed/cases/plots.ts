/**
 * Every plot of 100,000 runs of 10 params and 10 metrics, from results to the bytes of a PNG: CPU milliseconds, the
 * least of three, so that a busy machine tells the same. Series are of 1,000 runs with 100 steps each. Argument: runs.
 */
import {
  choice,
  Experiment,
  int,
  loguniform,
  memoryStore,
  minimize,
  type PlotKind,
  type PlotOptions,
  picture,
  random,
  run,
  uniform,
} from "metalab";
import { PLOT_KINDS } from "../../../src/plots/options.ts";
import { measure, size } from "../case.ts";

const OPTIONS: Partial<Readonly<Record<PlotKind, PlotOptions>>> = {
  pareto: { x: "loss", y: "m3" },
  scatter: { x: "lr", y: "loss", color: "optimizer" },
  line: { x: "layers", y: "loss", color: "optimizer" },
  histogram: { x: "loss", color: "optimizer" },
  box: { x: "optimizer", y: "loss" },
  heatmap: { x: "layers", y: "lr" },
  strategies: { by: "optimizer" },
};

const space = {
  ...{ x0: uniform(-5, 5), x1: uniform(-5, 5), x2: uniform(-5, 5), x3: uniform(-5, 5), x4: uniform(-5, 5) },
  ...{ x5: uniform(-5, 5), lr: loguniform(1e-5, 1), decay: loguniform(1e-6, 1e-2), layers: int(1, 8) },
  optimizer: choice(["adam", "sgd", "rmsprop"]),
};

function made(trials: number, steps: number) {
  const experiment = new Experiment({
    name: `plots-${trials}`,
    params: random({ space, trials, seed: 1 }),
    operation: ({ params, capture }) => {
      const { x0, x1, x2, x3, lr, optimizer } = params;
      const loss =
        (x0 - 1) ** 2 + (x1 + 2) ** 2 + (Math.log10(lr) + 3) ** 2 + (optimizer === "adam" ? 0 : 1) + x2 * x3;
      for (let step = 0; step < steps; step += 1) capture.metric("loss", loss + 9 / (step + 1), { step });
      const others = Array.from(
        { length: 9 },
        (_, at) => [`m${at + 1}`, loss * (at + 1) + params.x4] as const,
      );
      return { loss, ...Object.fromEntries(others) };
    },
    objective: minimize("loss"),
  });
  return run(experiment, { store: memoryStore(), progress: false }).result();
}

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

await measure(async () => {
  const [results, stepped] = [await made(size(100_000), 0), await made(1000, 100)];
  // The font and the renderer are read once.
  await (await picture(stepped, "edf")).toPNG();
  const figures: Record<string, number> = {};
  for (const kind of PLOT_KINDS) {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round += 1) {
      const began = cpu();
      const about = kind === "intermediate_values" ? stepped : results;
      await (await picture(about, kind, OPTIONS[kind] ?? {})).toPNG();
      least = Math.min(least, cpu() - began);
    }
    figures[kind] = least;
  }
  return figures;
});
