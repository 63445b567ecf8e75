import { gc as clear, type GcReport } from "../../run/gc.ts";
import { compact } from "../../run/upkeep.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { openExisting } from "../experiments.ts";
import { bytes, count, duration, flag } from "../options.ts";
import { clean, column, formatBytes, plural, printFitting } from "../screen.ts";

/** `metalab gc` */
export const gc = defineCommand({
  about: [
    "First tells what would go, and removes it only with --yes, or when it is asked and told so. A run stays when any",
    "rule keeps it; pinned runs and those of a sweep at work always stay. Without a rule no run goes, only artifacts",
    "that no run refers to.",
  ].join(" "),
  options: {
    keepBest: count("--keep-best <count>", "keep so many of the best runs of each experiment"),
    newerThan: duration("--newer-than <age>", "keep runs younger than this, such as 30d"),
    maxSize: bytes(
      "--max-size <size>",
      "what all may take: of the rest the failed go first, then the oldest",
    ),
    unpinned: flag("--unpinned", "pins keep nothing"),
    compact: flag("--compact", "give the disk back what is taken up by what was removed, now and earlier"),
    yes: flag("-y, --yes", "remove it"),
  },
  examples: [
    ["gc --keep-best 10", "what would go if ten runs of each experiment stayed"],
    ["gc --newer-than 30d --keep-best 10 --yes", "remove what is older than a month, but not the best"],
    ["gc --yes --compact", "remove artifacts that no run refers to, and give the disk back"],
  ],
  run: async (call) => {
    const store = openExisting(call);
    const { keepBest, newerThan, maxSize, unpinned, yes } = call.options;
    if (keepBest === Number.POSITIVE_INFINITY)
      throw new UsageError('--keep-best takes a number, got "all". Without a rule no run goes.');
    const rules = {
      ...(keepBest === undefined ? {} : { keepBest }),
      ...(newerThan === undefined ? {} : { newerThan: Date.now() - newerThan }),
      ...(maxSize === undefined ? {} : { maxSize }),
      pinned: !unpinned,
    };
    const plan = await clear(store, { ...rules, dryRun: true });
    const isNothing = plan.runs === 0 && plan.objects === 0;
    tell(call, plan);
    const goes = !isNothing && (yes || (await isAgreed(call)));
    const report = goes ? await clear(store, { ...rules, dryRun: false }) : plan;
    const compacted = call.options.compact && (goes || yes) ? await compact(store) : [];
    call.json({ ...report, compacted });
    if (goes) call.print(`Removed ${told(report)}.`);
    else if (!isNothing) call.print("Nothing was removed. Add --yes to remove it.");
    if (compacted.length > 0) {
      const saved = compacted.reduce((sum, one) => sum + one.bytesBefore - one.bytesAfter, 0);
      call.print(`${formatBytes(Math.max(0, saved))} given back to the disk.`);
    }
    return undefined;
  },
});

async function isAgreed(call: Call): Promise<boolean> {
  if (call.isJson) return false;
  const answer = await call.io.ask("Remove it? [y/N] ");
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}

function told({ runs, runBytes, objects, objectBytes }: GcReport): string {
  return `${plural(runs, "run")} (${formatBytes(runBytes)}) and ${plural(objects, "artifact")} (${formatBytes(objectBytes)})`;
}

function tell(call: Call, plan: GcReport): void {
  const going = plan.experiments.filter(({ runs }) => runs > 0);
  if (going.length > 0) {
    printFitting(call, {
      title: "Runs that would go",
      columns: [
        column(
          "experiment",
          going.map(({ name, version }) => clean(`${name}@${version}`)),
          { isKey: true },
        ),
        column(
          "go",
          going.map(({ runs }) => String(runs)),
          { align: "right", tone: () => "bad" },
        ),
        column(
          "stay",
          going.map(({ kept }) => String(kept)),
          { align: "right" },
        ),
      ],
    });
    call.print("");
  }
  call.print(`${told(plan)} would go, ${formatBytes(plan.keptBytes)} stay.`);
}
