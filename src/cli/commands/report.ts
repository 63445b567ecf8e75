import { report as writeReport } from "../../report/report.ts";
import { defineCommand } from "../command.ts";
import { openExisting, resultsOf } from "../experiments.ts";
import { count, oneOf, text } from "../options.ts";
import { formatBytes, plural } from "../screen.ts";

/** `metalab report` */
export const report = defineCommand({
  args: [
    ["[experiment...]", 'names, or name@version, or "*" for all; may be left out where there is only one'],
  ],
  about:
    "The page opens from the disk and fetches nothing: summary, best configurations, plots, all runs, failures.",
  options: {
    output: text("-o, --output <file>", "where to write (default: <experiment>.html)"),
    title: text("--title <text>", "above the page"),
    metric: text("--metric <name>", "metric that is judged (default: the objective)"),
    direction: oneOf("--direction <way>", "which way is better", ["minimize", "maximize"]),
    top: count("-n, --top <count>", "configurations in the table of the best (default: 10)"),
    filter: text("--filter <condition>", "only the runs for which it holds"),
  },
  examples: [
    ["report hypersearch", "hypersearch.html"],
    ["report grid random -o both.html", "two experiments on one page"],
  ],
  run: async (call) => {
    const store = openExisting(call);
    const { output, title, metric, direction, top, filter } = call.options;
    const names = call.args.length === 0 ? [undefined] : call.args;
    const [first, ...others] = await Promise.all(names.map((name) => resultsOf(store, name)));
    const joined = others.length === 0 ? first! : first!.concat(...others);
    const results = filter === undefined ? joined : joined.filter(filter);
    const file = output ?? `${results.parts[0]?.frame.experiment.name ?? "report"}.html`;
    const path = call.path(file);
    const written = await writeReport(results, path, {
      title,
      metric,
      direction,
      top: top === Number.POSITIVE_INFINITY ? results.length : top,
    });
    call.json(written);
    call.print(`${plural(written.runs, "run")} on a page of ${formatBytes(written.sizeBytes)}: ${file}`);
    return undefined;
  },
});
