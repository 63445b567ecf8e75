import type { Experiment } from "../../experiment/experiment.ts";
import type { ErrorClass } from "../../experiment/record.ts";
import { isSearch } from "../../experiment/search-source.ts";
import { canonicalText } from "../../identity/canonical.ts";
import type { RunOptions } from "../../run/options.ts";
import { plan } from "../../run/plan.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { DEFINITION_ARGUMENT, EXPERIMENT_OPTION, findDefinition } from "../definitions.ts";
import { openExisting, resultsOf } from "../experiments.ts";
import { count, flag, list, text } from "../options.ts";
import { runSweep, tellSweep } from "../sweep.ts";

const CLASSES: readonly ErrorClass[] = ["error", "timeout", "oom", "crash", "exit", "nan", "cancelled"];

const OPTIONS = {
  experiment: EXPERIMENT_OPTION,
  only: text("--only <run>", "this run alone, also when it is done: first digits of its id"),
  classes: list("--class <names>", `only failures of these classes: ${CLASSES.join(", ")}`),
  filter: text("--filter <condition>", "only the runs for which it holds"),
  stale: flag("--stale", "what was made with other code than there is now as well"),
  concurrency: count("-j, --concurrency <count>", "runs at once (default: as the script says)", 1),
};

type RetryCall = Call<typeof OPTIONS>;

/** `metalab retry` */
export const retry = defineCommand({
  args: [DEFINITION_ARGUMENT],
  about:
    "Runs once more what failed, was cancelled or was interrupted, and nothing else. Exit code 1 when some fail again.",
  options: OPTIONS,
  examples: [
    ["retry sweep.ts", "all runs of it that are not done"],
    ["retry sweep.ts --class oom --concurrency 1", "those that ran out of memory, one at a time"],
    ["retry main --only 46fecaf", "one run, to see it fail again"],
  ],
  run: async (call) => {
    const { experiment, options, store, script } = await findDefinition(
      call,
      call.args[0],
      call.options.experiment,
    );
    const { stale, concurrency } = call.options;
    const { name, version } = experiment;
    checkClasses(call.options.classes);
    const chosen = isSearch(experiment.params)
      ? ofSearch(call)
      : (ofOne(call) ?? (await ofGrid(call, experiment, store)));
    if (chosen === undefined) {
      call.json({ experiment: name, version, total: 0 });
      call.print("No run of it has failed or was left undone.");
      return undefined;
    }
    const asked = {
      ...options,
      store,
      retryFailed: true,
      ...(stale ? { onStale: "rerun" as const } : {}),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...chosen,
    };
    const done = await runSweep(call, experiment, asked, undefined, { script });
    tellSweep(call, experiment, done);
    return done.code;
  },
});

function checkClasses(classes: readonly string[] | undefined): void {
  const wrong = classes?.find((one) => !CLASSES.some((known) => known === one));
  if (wrong !== undefined)
    throw new UsageError(`--class takes classes of errors, got ${wrong}. They are ${CLASSES.join(", ")}.`);
}

/** All that failed: which runs there are depends on what came before them, so that none can be taken out. */
function ofSearch({ options }: RetryCall): RunOptions {
  const { only, filter, classes } = options;
  if (only !== undefined || filter !== undefined) {
    throw new UsageError(
      `a search tries its failed runs again in their order, got ${only === undefined ? "--filter" : "--only"}. Leave it out, or choose by --class.`,
    );
  }
  return classes === undefined ? {} : { retryFailed: CLASSES.filter((one) => !classes.includes(one)) };
}

function ofOne({ options }: RetryCall): RunOptions | undefined {
  const { only, filter, classes, stale } = options;
  if (only === undefined) return undefined;
  if (filter !== undefined || classes !== undefined || stale)
    throw new UsageError("--only names the run, so --class, --filter and --stale do not go with it.");
  // Tables cut ids: what was copied from one may end so.
  return { only: only.replace(/…$/, ""), resume: false };
}

/** What is not done among all runs; `undefined` for nothing. */
async function ofGrid(
  call: RetryCall,
  experiment: Experiment,
  store: string,
): Promise<RunOptions | undefined> {
  const { classes, filter, stale } = call.options;
  const { name, version, defaults } = experiment;
  const all = await resultsOf(openExisting(call, store), `${name}@${version}`, {
    filter,
    include: ["interrupted"],
  });
  const old = new Set<string>();
  if (stale) {
    for (const one of await plan(experiment, { store, onStale: "rerun" }))
      if (one.reason === "stale") old.add(one.id);
  }
  const again = new Set<string>();
  for (const run of all) {
    const isOver = run.status === "success" || run.status === "pruned";
    const isWanted = isOver
      ? old.has(run.id)
      : classes === undefined || classes.includes(run.error?.class as ErrorClass);
    if (isWanted) again.add(keyOf(defaults, run));
  }
  return again.size === 0 ? undefined : { only: (run) => again.has(keyOf(defaults, run)) };
}

function keyOf(
  defaults: Readonly<Record<string, unknown>>,
  run: { readonly params: object; readonly replicate: number; readonly fold: number | undefined },
): string {
  return `${canonicalText({ ...defaults, ...run.params }, "params")} ${run.replicate} ${run.fold ?? ""}`;
}
