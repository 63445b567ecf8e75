import { reasonOf } from "../../errors.ts";
import type { Manifest } from "../../experiment/manifest.ts";
import { why as explain } from "../../run/why.ts";
import { type Call, defineCommand } from "../command.ts";
import { EXPERIMENT_OPTION, findDefinition } from "../definitions.ts";
import { type FoundRun, findRun, isMadeElsewhere, openExisting } from "../experiments.ts";
import { clean, cleanLines } from "../screen.ts";

/** `metalab why` */
export const why = defineCommand({
  args: [
    ["<run>", "first 6 digits of its id at least, as metalab ls or metalab plan shows them"],
    ["[definition]", "the script (.ts, .js), which alone tells whether its code is still the same"],
  ],
  options: { experiment: EXPERIMENT_OPTION },
  examples: [
    ["why 46fecaf sweep.ts", "would it be run again, and which function of which file changed"],
    ["why 46fecaf", "what the store knows by itself"],
  ],
  run: async (call) => {
    const [id, script] = [call.args[0]!, call.args[1]];
    if (script !== undefined) {
      const { experiment, store } = await findDefinition(call, script, call.options.experiment);
      const answer = await explain(experiment, id.replace(/…$/, ""), { store });
      call.json(answer);
      call.print(cleanLines(answer.text));
      return undefined;
    }
    const { run, manifest } = await findRun(openExisting(call), id);
    if (manifest.metadata.program !== undefined) return await explainStored(call, run, manifest);
    tellStored(call, run, manifest);
    return undefined;
  },
});

/** Of an experiment that the store can make again. */
async function explainStored(call: Call, run: FoundRun, { name, version }: Manifest): Promise<undefined> {
  const { experiment, store } = await findDefinition(call, `${name}@${version}`, undefined);
  const answer = await explain(experiment, run, { store });
  call.json(answer);
  call.print(cleanLines(answer.text));
  return undefined;
}

/** What the record itself says. */
function tellStored(call: Call, run: FoundRun, manifest: Manifest): void {
  const { id, status, origin, error, attempt } = run;
  const isDone = status === "success" || status === "pruned";
  const where = origin === undefined ? "" : ` on ${origin.host} (process ${origin.pid})`;
  const at = run.startedAt.toISOString().slice(0, 16).replace("T", " ");
  const then = isMadeElsewhere(manifest)
    ? ""
    : isDone
      ? "It is done, and skipped while its code is the same: name the script to be told whether it is."
      : status === "running"
        ? "It is in flight."
        : "It is tried again when the experiment is run.";
  const what = error === undefined ? "" : `: ${error.name}: ${reasonOf(error.message)}`;
  const tries = attempt > 1 ? `, attempt ${attempt}` : "";
  const name = run.session === undefined ? `Run ${id.slice(0, 12)}` : `Session ${run.session}`;
  const text =
    `${name} of "${run.experiment.name}" was started ${at}${where}${tries} and is ${status}${what}. ${then}`.trimEnd();
  call.json({ id, status, text, origin: origin ?? null });
  call.print(clean(text));
}
