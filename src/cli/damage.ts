import type { VerifyReport } from "../store/upkeep.ts";
import type { Call } from "./command.ts";
import { clean, plural } from "./screen.ts";

const MOST = 20;

/** Tells what checking a store found. */
export function tellDamage(call: Call, report: VerifyReport, isRepair: boolean): void {
  const { checked, damage, setAside, remaining } = report;
  const { lines, blocks, objects, references } = checked;
  call.print(
    `Checked ${plural(lines, "line")}, ${plural(blocks, "block")}, ${plural(objects, "artifact")} and ${plural(references, "reference")}.`,
  );
  if (damage.length === 0) {
    call.print("Everything is whole.");
    return;
  }
  call.print(`${plural(damage.length, "place")} damaged:`);
  for (const { file, offset, reason } of damage.slice(0, MOST))
    call.print(clean(`  ${file} at byte ${offset}: ${reason}`));
  if (damage.length > MOST) call.print(`  … ${damage.length - MOST} more`);
  if (!isRepair) {
    call.print(
      "What is whole is read all the same. metalab store verify --repair sets damaged files aside and keeps the rest.",
    );
    return;
  }
  call.print(`Set aside in quarantine/: ${plural(setAside.length, "file")}.`);
  call.print(
    remaining.length === 0
      ? "What is left is whole."
      : `${plural(remaining.length, "place")} cannot be mended; the runs can be run again.`,
  );
}
