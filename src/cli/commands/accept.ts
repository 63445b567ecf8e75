import { accept as acceptEdits } from "../../run/why.ts";
import { defineCommand } from "../command.ts";
import { DEFINITION_ARGUMENT, EXPERIMENT_OPTION, findDefinition } from "../definitions.ts";
import { plural } from "../screen.ts";

/** `metalab accept` */
export const accept = defineCommand({
  args: [DEFINITION_ARGUMENT],
  about: "Kept in the store, for all processes; it ends with the next edit.",
  options: { experiment: EXPERIMENT_OPTION },
  examples: [["accept sweep.ts", "a comment was corrected, or a log line added: earlier runs hold"]],
  run: async (call) => {
    const { experiment, store } = await findDefinition(call, call.args[0], call.options.experiment);
    const report = await acceptEdits(experiment, { store });
    call.json(report);
    call.print(
      report.runs === 0
        ? "No run was made with other code than there is now."
        : `${plural(report.runs, "run")} made with earlier code count as done.`,
    );
    return undefined;
  },
});
