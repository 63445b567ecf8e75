import { verify } from "../../run/upkeep.ts";
import type { Store } from "../../store/store.ts";
import type { VerifyReport } from "../../store/upkeep.ts";
import { type Call, defineCommand } from "../command.ts";
import { tellDamage } from "../damage.ts";
import { diagnose, type Finding } from "../diagnosis.ts";
import { EXIT } from "../exit-codes.ts";
import { experimentsNamed, openExisting, resultsOf } from "../experiments.ts";
import { flag, number } from "../options.ts";
import { clean, wrapped } from "../screen.ts";

/** `metalab doctor` */
export const doctor = defineCommand({
  args: [["[experiment]", "name, or name@version (default: all)"]],
  about: [
    "Checks every byte of the store, and looks at the runs for what goes wrong with searches: all pruned, worse than by",
    "hand, slow, out of memory, most failed, diverged, the best at the edge of the space. Exit code 1 when the store is",
    "damaged; advice is no error.",
  ].join(" "),
  options: {
    repair: flag("--repair", "set damaged files aside in quarantine/ and keep what is whole in them"),
    manual: number("--manual <value>", "what tuning by hand reached, to compare the best with"),
  },
  examples: [
    ["doctor", "everything"],
    ["doctor hypersearch --manual 0.93", "why is the search worse than what was found by hand"],
  ],
  run: async (call) => {
    const store = openExisting(call);
    const [name] = call.args;
    const { repair, manual } = call.options;
    const manifests = name === undefined ? await store.experiments() : await experimentsNamed(store, name);
    const report = await verified(store, repair);
    const experiments = [];
    for (const manifest of manifests) {
      const key = `${manifest.name}@${manifest.version}`;
      const results = await resultsOf(store, key, { include: ["running", "interrupted"] });
      experiments.push({ experiment: key, findings: diagnose(results, manifest, { manual }) });
    }
    call.json({ store: store.locator, ...(report === undefined ? {} : { verify: report }), experiments });
    if (report !== undefined) tellDamage(call, report, repair);
    for (const { experiment, findings } of experiments) tell(call, experiment, findings);
    const left = repair ? report?.remaining : report?.damage;
    return (left ?? []).length > 0 ? EXIT.failed : undefined;
  },
});

/** `undefined` for a store that has no files. */
async function verified(store: Store, repair: boolean): Promise<VerifyReport | undefined> {
  return store.upkeep?.verify === undefined ? undefined : await verify(store, { repair });
}

function tell(call: Call, experiment: string, findings: readonly Finding[]): void {
  call.print(`\n${clean(experiment)}: ${findings.length === 0 ? "nothing to complain of." : ""}`.trimEnd());
  for (const { what, advice } of findings) {
    call.print(wrapped(call, `  ${clean(what)}`, "  "));
    for (const line of advice) call.print(wrapped(call, `    - ${clean(line)}`, "      "));
  }
}
