import type { RunError } from "../../experiment/record.ts";
import { type Selection, sourceAt } from "../../results/selection.ts";
import { folded, type Html, paragraph, safe, safeCut, safeLines } from "../html.ts";
import { counted } from "../words.ts";

const MOST_GROUPS = 50;
const MOST_IDS = 3;

/** Failures that are alike: same class and name, and messages that differ by numbers at most. */
interface FailureGroup {
  readonly error: RunError;
  readonly ids: string[];
  count: number;
}

/** The failures of some runs, the most frequent kind first. */
function failureGroups(selection: Selection): readonly FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const [i, row] of selection.rows.entries()) {
    const { frame } = selection.sources[sourceAt(selection, i)]!;
    if (frame.status(row) !== "failed") continue;
    const error = frame.error(row) ?? { class: "error", name: "unknown", message: "the store has lost why" };
    const key = `${error.class}\0${error.name}\0${error.message.slice(0, 500).replaceAll(/\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, "#")}`;
    const group = groups.get(key) ?? { error, ids: [], count: 0 };
    group.count += 1;
    if (group.ids.length < MOST_IDS) group.ids.push(frame.ids.hex(row).slice(0, 12));
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

export function failuresSection(selection: Selection): Html {
  const groups = failureGroups(selection);
  if (groups.length === 0) return paragraph("No run failed.");
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const rows = groups.slice(0, MOST_GROUPS).map(({ error, ids, count }) => {
    const more = count > ids.length ? ", …" : "";
    return `<tr><td class="number">${count.toLocaleString("en-US")}</td><td>${safe(error.class)}</td><td>${safeCut(error.name, 60)}</td><td class="message">${safeCut(error.message, 600)}${stackHtml(error)}</td><td><code>${ids.join(", ")}</code>${more}</td></tr>`;
  });
  const rest = groups.slice(MOST_GROUPS).reduce((sum, { count }) => sum + count, 0);
  const others =
    rest === 0
      ? ""
      : paragraph(`And ${counted(rest, "run")} with ${groups.length - MOST_GROUPS} other messages.`);
  const caption = `${counted(total, "failed run")}, by class and message; messages that differ only in numbers count as one`;
  return `<div class="wide" role="region" tabindex="0" aria-label="Failures"><table><caption>${safe(caption)}</caption><thead><tr><th scope="col" class="number">runs</th><th scope="col">class</th><th scope="col">name</th><th scope="col">message of the first</th><th scope="col">runs with it</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>${others}`;
}

function stackHtml({ stack }: RunError): Html {
  return stack === undefined || stack.trim() === ""
    ? ""
    : folded("Stack", `<pre tabindex="0">${safeLines(stack, 8000)}</pre>`);
}
