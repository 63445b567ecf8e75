import type { PlannedRun } from "../../execution/preview.ts";
import { formatDuration, formatValue } from "../../results/text.ts";
import { plan as preview } from "../../run/plan.ts";
import { defineCommand } from "../command.ts";
import { DEFINITION_ARGUMENT, EXPERIMENT_OPTION, findDefinition } from "../definitions.ts";
import { count } from "../options.ts";
import { clean, column, plural, printFitting } from "../screen.ts";

const DEFAULT_LIMIT = 20;

/** `metalab plan` */
export const plan = defineCommand({
  args: [DEFINITION_ARGUMENT],
  about: "A script is imported and stops at its run(). Nothing is run, and nothing is written.",
  options: {
    experiment: EXPERIMENT_OPTION,
    limit: count("-n, --limit <count>", `most runs to list (default: ${DEFAULT_LIMIT}; "all")`),
  },
  examples: [
    ["plan sweep.ts", "what node sweep.ts would run, and why"],
    ["plan main -n 0", "only how many runs are missing, and how long they may take"],
  ],
  run: async (call) => {
    const { experiment, options, store } = await findDefinition(call, call.args[0], call.options.experiment);
    const { resume, retryFailed, onStale, concurrency, workers, only } = options;
    const asked = { resume, retryFailed, onStale, concurrency, workers, only };
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const sweep = await preview(experiment, { ...given, store });
    const { total, fresh, cached, again, reasons, eta } = sweep;
    const limit = call.options.limit ?? DEFAULT_LIMIT;
    const missing: PlannedRun[] = [];
    for (const one of sweep) {
      if (missing.length >= limit) break;
      if (one.isMissing) missing.push(one);
    }
    call.json({
      experiment: experiment.name,
      version: experiment.version,
      total,
      fresh,
      cached,
      again,
      reasons,
      eta: eta ?? null,
      missing,
    });
    const time =
      eta === undefined
        ? ""
        : `, about ${formatDuration(eta.ms)} (${formatDuration(eta.lowMs)} to ${formatDuration(eta.highMs)})`;
    call.print(
      clean(
        `${experiment.name}@${experiment.version}: ${plural(total, "run")}, ${cached} done, ${fresh + again} to be run${fresh + again === 0 ? "" : time}.`,
      ),
    );
    if (reasons.stale > 0)
      call.print(
        `${plural(reasons.stale, "run")} made with other code: metalab why <run> tells what changed, metalab accept settles it.`,
      );
    if (missing.length === 0) return undefined;
    printFitting(call, {
      title: "",
      columns: [
        column(
          "id",
          missing.map(({ id }) => id.slice(0, 12)),
          { isKey: true },
        ),
        column(
          "why",
          missing.map(({ reason, detail }) => `${reason}: ${detail}`),
        ),
        column(
          "rep",
          missing.map(({ replicate }) => String(replicate)),
          { align: "right" },
        ),
        column(
          "params",
          missing.map(({ params }) =>
            Object.entries(params)
              .map(([name, value]) => `${name}=${formatValue(value)}`)
              .join(" "),
          ),
        ),
      ],
      more: fresh + again > missing.length ? `… ${fresh + again - missing.length} more` : undefined,
    });
    return undefined;
  },
});
