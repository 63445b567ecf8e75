import { requestStop } from "../../run/request-stop.ts";
import { defineCommand } from "../command.ts";
import { experimentsNamed, openExisting } from "../experiments.ts";
import { text } from "../options.ts";
import { clean } from "../screen.ts";

/** `metalab cancel` */
export const cancel = defineCommand({
  args: [["<experiment>", "name, or name@version"]],
  about:
    "Works as one Ctrl-C where the sweep runs, in any process that has the store: no more runs are started, those in flight finish. Running it again goes on from there.",
  options: { reason: text("--reason <text>", "shown where the sweep runs") },
  examples: [["cancel hypersearch --reason 'the machine is needed'", "stop its sweeps in good order"]],
  run: async (call) => {
    const store = openExisting(call);
    const { reason } = call.options;
    const asked = [];
    for (const { name, version } of await experimentsNamed(store, call.args[0])) {
      const options = { experiment: name, version, ...(reason === undefined ? {} : { reason }) };
      asked.push(...(await requestStop(store, options)));
    }
    call.json({ asked });
    if (asked.length === 0) call.print("No sweep is at work on it.");
    for (const { experiment, version, host, pid } of asked) {
      call.print(clean(`Asked process ${pid} on ${host} to stop ${experiment}@${version}.`));
    }
    return undefined;
  },
});
