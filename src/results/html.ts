import type { TableModel, Tone } from "./format.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const TONES: Readonly<Record<Tone, string>> = { good: "#1a7f37", bad: "#cf222e", quiet: "#6e7781" };

/** A table as an HTML fragment that stands alone: inline styles, no scripts, nothing fetched. */
export function htmlTable(table: TableModel): string {
  const align = (i: number) => (table.columns[i]!.align === "left" ? "left" : "right");
  const heads = table.columns.map(
    (column, i) => `<th style="text-align:${align(i)};padding:2px 8px">${escapeHtml(column.title)}</th>`,
  );
  const rows = Array.from({ length: table.columns[0]?.cells.length ?? 0 }, (_, row) => {
    const cells = table.columns.map((column, i) => {
      const cell = column.cells[row]!;
      const tone = column.tone?.(cell);
      const color = tone === undefined ? "" : `;color:${TONES[tone]}`;
      return `<td style="text-align:${align(i)};padding:2px 8px${color}">${escapeHtml(cell)}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const more = table.more === undefined ? "" : `<div>${escapeHtml(table.more)}</div>`;
  const body =
    rows.length === 0
      ? ""
      : `<table style="border-collapse:collapse;font-variant-numeric:tabular-nums"><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return `<div class="metalab"><div>${escapeHtml(table.title)}</div>${body}${more}</div>`;
}
