import { importRuns } from "../../run/import.ts";
import { openStore } from "../../store/locator.ts";
import { defineCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { text } from "../options.ts";
import { clean, plural } from "../screen.ts";

/** `metalab import` */
export const importFiles = defineCommand({
  args: [
    [
      "<path>",
      "a journal file or SQLite database of Optuna, a folder mlruns of MLflow, or a store of the Python package metalab",
    ],
  ],
  about:
    "Files are only read. Done again, only what is new or went on since is added. Exit code 1 when something could not be read.",
  options: { name: text("--name <experiment>", "name of the experiment, where there is only one") },
  examples: [
    ["import study.journal", "the studies in it, as <study>@optuna"],
    ["import study.db", "the same of sqlite:///study.db; with Node.js 22.13 or later"],
    ["import mlruns --store ./all", "all experiments, as <experiment>@mlflow"],
  ],
  run: async (call) => {
    const store = openStore(call.store);
    const { name } = call.options;
    const report = await importRuns(call.path(call.args[0]!), { store, ...(name !== undefined && { name }) });
    call.json({ store: store.locator, ...report });
    for (const one of report.experiments) {
      const known = one.known === 0 ? "" : `, ${one.known} known already`;
      call.print(clean(`${one.name}@${one.version}: ${plural(one.added, "run")} added${known}.`));
    }
    if (report.experiments.length === 0) call.print("No finished runs were found.");
    if (report.unfinished > 0) call.print(`${plural(report.unfinished, "unfinished run")} left out.`);
    for (const { file, what } of report.lost) call.note(clean(`${file}: ${what}.`));
    return report.lost.length === 0 ? undefined : EXIT.failed;
  },
});
