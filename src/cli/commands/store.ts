import { show } from "../../errors.ts";
import { type CopyReport, copyStore, mergeStores } from "../../run/merge.ts";
import { verify } from "../../run/upkeep.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { tellDamage } from "../damage.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openExisting, resultsOf } from "../experiments.ts";
import { flag, text } from "../options.ts";
import { clean, plural } from "../screen.ts";

/** `metalab store copy` */
export const storeCopy = defineCommand({
  args: [
    ["<from>", "folder of a store"],
    ["<to>", "folder of a store, which may have runs already"],
  ],
  about:
    "Copies runs with all that belongs to them. Done again it goes on; nothing is copied twice. Exit code 1 when something of a run was damaged or gone.",
  storeless: true,
  options: { filter: text("--filter <condition>", "only the runs for which it holds") },
  examples: [
    ["store copy ./runs ./archive", "everything"],
    ['store copy ./runs ./best --filter "accuracy > 0.9"', "some of the runs"],
  ],
  run: async (call) => {
    const [from, to] = [call.args[0]!, call.args[1]!];
    const { filter } = call.options;
    const source = openExisting(call, locate(call, from));
    if (filter === undefined) return tellCopy(call, await copyStore(source, locate(call, to)), to);
    const wanted = new Set(Array.from(await resultsOf(source, "*", { filter }), ({ id }) => id));
    const report = await copyStore(source, locate(call, to), { filter: ({ id }) => wanted.has(id) });
    return tellCopy(call, report, to);
  },
});

/** `metalab store merge` */
export const storeMerge = defineCommand({
  args: [["<stores...>", "folders of stores, and last the one that gets their runs"]],
  about:
    "The union of their runs: of two records of one run the same one wins that would win in one store. Order does not matter, and doing it again changes nothing.",
  storeless: true,
  options: {},
  examples: [["store merge ./laptop ./server ./all", "the runs of both in ./all"]],
  run: async (call) => {
    const to = call.args.at(-1)!;
    const from = call.args.slice(0, -1);
    if (from.length === 0)
      throw new UsageError(
        `two stores at least are needed, got ${show(to)}. The last one gets the runs of the others.`,
      );
    const sources = from.map((one) => openExisting(call, locate(call, one)));
    return tellCopy(call, await mergeStores(sources, locate(call, to)), to);
  },
});

/** `metalab store verify` */
export const storeVerify = defineCommand({
  args: [["[store]", "folder of a store (default: --store)"]],
  about: "Reads and checks every byte. Exit code 1 when something is damaged and stays so.",
  options: {
    repair: flag("--repair", "set damaged files aside in quarantine/ and keep what is whole in them"),
  },
  examples: [
    ["store verify", "is everything whole"],
    ["store verify ./archive --repair", "and mend what is not"],
  ],
  run: async (call) => {
    const [folder] = call.args;
    const store = openExisting(call, folder === undefined ? call.store : locate(call, folder));
    const report = await verify(store, { repair: call.options.repair });
    call.json({ store: store.locator, ...report });
    tellDamage(call, report, call.options.repair);
    const isLeft = call.options.repair ? report.remaining.length > 0 : report.damage.length > 0;
    return isLeft ? EXIT.failed : undefined;
  },
});

/** `C:\runs` is a path, `memory:` is none. */
function locate(call: Call, text: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(text) ? text : call.path(text);
}

function tellCopy(call: Call, report: CopyReport, to: string): ExitCode | undefined {
  const { runs, notes, lost } = report;
  call.json(report);
  call.print(`${plural(runs, "run")} and ${plural(notes, "note")} copied to ${to}.`);
  for (const { id, what } of lost) call.print(clean(`Lost of run ${id.slice(0, 12)}: ${what}`));
  return lost.length > 0 ? EXIT.failed : undefined;
}
