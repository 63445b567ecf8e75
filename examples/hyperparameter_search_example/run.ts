/** Grid and random search over the hyperparameters of a small network, every trial kept under `experiments/search`. */
import {
  Categorical,
  ExperimentManager,
  GridSearch,
  Integer,
  RandomSearch,
  Real,
  report,
  SearchAnalyzer,
} from "metalab";
import { baseConfig, trainFn } from "./train.ts";

const experimentRoot = process.argv[2] ?? "experiments/search";

const gridSearch = new GridSearch({
  baseConfig,
  searchSpace: { "training.lr": [0.1, 0.01, 0.001], "training.batch_size": [16, 32, 64] },
  metric: "val_loss",
  mode: "min",
});
const [gridConfig, gridScore] = await gridSearch.run(trainFn, { experimentRoot });
console.log(`grid: ${gridSearch.results.length} trials, best val_loss ${gridScore.toFixed(4)}`);
console.log(`  at lr=${gridConfig.training.lr}, batch_size=${gridConfig.training.batch_size}`);

const randomSearch = new RandomSearch({
  baseConfig,
  searchSpace: {
    "training.lr": Real(1e-4, 1, { log: true }),
    "training.batch_size": Integer(8, 128, { log: true }),
    "model.hidden_dim": Integer(4, 64),
    optimizer: Categorical(["sgd", "momentum", "adam"]),
  },
  metric: "val_loss",
  mode: "min",
  nTrials: 30,
});
// In two processes, each of which imports this file again.
const [randomConfig, randomScore] = await randomSearch.run({ trainFn, nJobs: 2, experimentRoot });
const { optimizer, training, model } = randomConfig;
console.log(`random: ${randomSearch.results.length} trials, best val_loss ${randomScore.toFixed(4)}`);
console.log(
  `  at lr=${training.lr.toPrecision(3)}, batch_size=${training.batch_size}, hidden_dim=${model.hidden_dim}, ${optimizer}`,
);

console.log();
const analyzer = new SearchAnalyzer(randomSearch.results);
analyzer.printSummary();
await analyzer.plotConvergence({ savePath: "convergence.png" });
await analyzer.plotParameterImportance({ savePath: "importance.png" });
await analyzer.plotParameterVsScore("training.lr", { savePath: "lr_vs_score.png" });
await analyzer.plotParameterVsScore("training.lr"); // in the terminal
const top5 = analyzer.getBestN(5);
console.log(`\nthe fifth best has val_loss ${top5[4]?.score.toFixed(4)}`);

const manager = new ExperimentManager(experimentRoot);
const rows = await manager.listExperiments({ tags: ["grid_search"] });
console.log(`\n${rows.length} rows are tagged grid_search, of ${(await manager.listExperiments()).length}`);
(await manager.results()).display({ groupBy: ["search_type"], metrics: ["val_loss"] });

// All of it in one file, to be shared.
await report(await manager.results({ tags: ["random_search"] }), "report.html");

await randomSearch.saveResults("search_results.json");
const loaded = new GridSearch(baseConfig, { "training.lr": [0.1] });
await loaded.loadResults("search_results.json");
console.log(`\nsaved and loaded: ${loaded.results.length} trials`);

// The winner of many may have been lucky: on other points it shows what it is worth.
const fresh = trainFn({ ...randomConfig, data: { ...randomConfig.data, seed: 100 } });
console.log(`the best configuration on other points: val_loss ${fresh.val_loss.toFixed(4)}`);
