import { positionsWithStatus, topPositions } from "../../results/rank.ts";
import type { AnyResults } from "../../results/results.ts";
import { pick, type Selection, sourceAt } from "../../results/selection.ts";
import { folded, type Html, notes, paragraph, safe } from "../html.ts";
import { packRuns } from "../packed-runs.ts";
import { counted } from "../words.ts";

/** The runs of the table: all, or of too many the best half and, for the rest, the newest; in the order they had. */
export function listedRuns(results: AnyResults, selection: Selection, most: number): Selection {
  const { length } = selection.rows;
  if (length <= most) return selection;
  const [objective] = results.objectives;
  const chosen = new Set<number>();
  if (objective !== undefined && positionsWithStatus(selection, "success").length > 0) {
    for (const position of topPositions(selection, objective, Math.floor(most / 2))) chosen.add(position);
  }
  const started = Float64Array.from(
    selection.rows,
    (row, i) => selection.sources[sourceAt(selection, i)]!.frame.started[row]!,
  );
  const newest = Int32Array.from(started, (_, i) => i).sort((a, b) => started[b]! - started[a]! || b - a);
  for (const position of newest) {
    if (chosen.size >= most) break;
    chosen.add(position);
  }
  return pick(selection, Int32Array.from(chosen).sort());
}

/** The table of runs: packed, and unpacked by the browser. */
export function runsSection(results: AnyResults, selection: Selection, listed: Selection): Html {
  const all = selection.rows.length;
  if (all === 0) return paragraph("There are no runs.");
  const rows = listed.rows.length;
  const [objective] = results.objectives;
  const left =
    rows < all
      ? [
          `${counted(rows, "run")} of ${all.toLocaleString("en-US")} are in this table: ${objective === undefined ? "the newest" : `the best by ${objective.metric} and the newest`}. All other numbers of the page are of all runs.`,
        ]
      : [];
  if (rows === 0) return notes(left);
  const packed = packRuns(listed);
  const constants =
    packed.constants.length === 0
      ? ""
      : folded(
          `The same in all runs: ${packed.constants.length}`,
          `<p>${packed.constants.map(([name, value]) => `<code>${safe(name)}</code> ${safe(value)}`).join(" · ")}</p>`,
        );
  return `${notes(left)}<p class="quiet how">Click a name to sort. Write above a column to filter: <code>&lt; 0.01</code>, <code>0.1..0.5</code>, <code>&gt; 1 &lt; 5</code>, <code>adam</code>, <code>= adam</code>, <code>! adam</code>, <code>none</code>.</p>
<div id="runs-table">Unpacking the table …</div>
<noscript><p>The table of runs needs scripts, which this browser does not run.</p></noscript>
${constants}
<script type="text/plain" id="packed-runs">${packed.text}</script>`;
}
