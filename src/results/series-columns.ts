import { textWidth, widestOf } from "../identity/text-width.ts";
import { type SeriesOptions, seriesRows } from "./export/series.ts";
import type { TableColumn } from "./format.ts";
import type { Selection } from "./selection.ts";
import { sparkline } from "./sparkline.ts";
import { cleanText, formatNumber, MISSING } from "./text.ts";

/** Series of runs as columns of a table: how they went, and their last number. Reads the series of these runs alone. */
export async function sparklineColumns(
  shown: Selection,
  wanted: true | string | readonly string[],
): Promise<readonly TableColumn[]> {
  const options: SeriesOptions = wanted === true ? {} : { series: wanted };
  const values = new Map<string, Map<string, number[]>>();
  for (const { id, series, value } of await seriesRows(shown, options)) {
    const runs = values.get(series) ?? new Map<string, number[]>();
    values.set(series, runs);
    const list = runs.get(id) ?? [];
    runs.set(id, list);
    list.push(value ?? Number.NaN);
  }
  const ids = Array.from(shown.rows, (row, i) =>
    shown.sources[shown.of === undefined ? 0 : shown.of[i]!]!.frame.ids.hex(row),
  );
  return Array.from(values, ([name, runs]): TableColumn => {
    const lines = ids.map((id) => sparkline(runs.get(id) ?? []));
    const widest = widestOf(lines);
    const cells = ids.map((id, i) => {
      const last = runs.get(id)?.at(-1);
      return last === undefined ? MISSING : `${lines[i]!.padEnd(widest)} ${formatNumber(last, 4)}`;
    });
    const title = `${cleanText(name)} by step`;
    const width = Math.max(textWidth(title), widestOf(cells));
    return {
      title,
      // Numbers are not cut where a table is narrow, as texts are; padded they stand at the left all the same.
      align: "right",
      cells: cells.map((cell) => (cell === MISSING ? cell : cell.padEnd(width))),
    };
  });
}
