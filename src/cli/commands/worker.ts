import { defineCommand } from "../command.ts";
import { DEFINITION_ARGUMENT, EXPERIMENT_OPTION, findDefinition } from "../definitions.ts";
import { count } from "../options.ts";
import { runSweep, tellSweep } from "../sweep.ts";

/** `metalab worker` */
export const worker = defineCommand({
  args: [DEFINITION_ARGUMENT],
  about: [
    "Does what is left of an experiment, sharing it with all others who do the same on the same store: start as many",
    "as there are machines or processors, at any time. Exit code 1 when some runs failed.",
  ].join(" "),
  options: {
    experiment: EXPERIMENT_OPTION,
    concurrency: count("-j, --concurrency <count>", "runs at once (default: as the script says)", 1),
  },
  examples: [
    ["worker sweep.ts --store /shared/runs", "on each machine that is to help"],
    ["worker main --store /shared/runs", "the same for an experiment of metalab run"],
  ],
  run: async (call) => {
    const { experiment, options, store, script } = await findDefinition(
      call,
      call.args[0],
      call.options.experiment,
    );
    const { concurrency } = call.options;
    const asked = { ...options, store, ...(concurrency === undefined ? {} : { concurrency }) };
    const done = await runSweep(call, experiment, asked, undefined, { script });
    tellSweep(call, experiment, done);
    return done.code;
  },
});
