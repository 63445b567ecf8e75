import type { ErrorClass } from "../../experiment/record.ts";
import { canonicalText } from "../../identity/canonical.ts";
import type { RunOptions } from "../../run/options.ts";
import { defineCommand } from "../command.ts";
import { DEFINITION_ARGUMENT, EXPERIMENT_OPTION, findDefinition } from "../definitions.ts";
import { openExisting, resultsOf } from "../experiments.ts";
import { count, list, text } from "../options.ts";
import { runSweep, tellSweep } from "../sweep.ts";

/** `metalab retry` */
export const retry = defineCommand({
  args: [DEFINITION_ARGUMENT],
  about:
    "Runs once more what failed, was cancelled or was interrupted, and nothing else. Exit code 1 when some fail again.",
  options: {
    experiment: EXPERIMENT_OPTION,
    classes: list("--class <names>", "only failures of these classes: error, timeout, oom, crash, exit, nan"),
    filter: text("--filter <condition>", "only the runs for which it holds"),
    concurrency: count("-j, --concurrency <count>", "runs at once (default: as the script says)", 1),
  },
  examples: [
    ["retry sweep.ts", "all runs of it that are not done"],
    ["retry sweep.ts --class oom --concurrency 1", "those that ran out of memory, one at a time"],
  ],
  run: async (call) => {
    const { experiment, options, store } = await findDefinition(call, call.args[0], call.options.experiment);
    const { classes, filter, concurrency } = call.options;
    const { name, version, defaults } = experiment;
    const all = await resultsOf(openExisting(call, store), `${name}@${version}`, {
      filter,
      include: ["interrupted"],
    });
    const again = new Set<string>();
    for (const run of all) {
      const isOver = run.status === "success" || run.status === "pruned";
      if (isOver || (classes !== undefined && !classes.includes(run.error?.class as ErrorClass))) continue;
      again.add(keyOf(defaults, run));
    }
    if (again.size === 0) {
      call.json({ experiment: name, version, total: 0 });
      call.print("No run of it has failed or was left undone.");
      return undefined;
    }
    const asked: RunOptions = {
      ...options,
      store,
      retryFailed: true,
      only: (run) => again.has(keyOf(defaults, run)),
      ...(concurrency === undefined ? {} : { concurrency }),
    };
    const done = await runSweep(call, experiment, asked);
    tellSweep(call, experiment, done);
    return done.code;
  },
});

function keyOf(
  defaults: Readonly<Record<string, unknown>>,
  run: { readonly params: object; readonly replicate: number; readonly fold: number | undefined },
): string {
  return `${canonicalText({ ...defaults, ...run.params }, "params")} ${run.replicate} ${run.fold ?? ""}`;
}
