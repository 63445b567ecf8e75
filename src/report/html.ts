import { cutText } from "../identity/text-width.ts";
import { escapeHtml } from "../results/html.ts";
import { cleanText } from "../results/text.ts";

/** HTML that is safe to stand in the page: made only here, of escaped texts. */
export type Html = string;

/** A part of the page. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** A column of a table that is written into the page. Cells are texts from anywhere. */
export interface HtmlColumn {
  readonly title: string;
  readonly cells: readonly string[];
  readonly isNumber?: boolean | undefined;
  /** Class of each cell, from us. */
  readonly look?: string | undefined;
}

/** Any text as one line of HTML, without terminal escapes and control characters. */
export function safe(text: string): Html {
  return escapeHtml(cleanText(text));
}

/** Any text as HTML with its line ends, for `pre`; what is beyond `most` characters is left out, and that is said. */
export function safeLines(text: string, most = 20_000): Html {
  const cut = text.length > most ? `${text.slice(0, most)}\n… ${text.length - most} characters more` : text;
  return cut
    .split(/\r\n|[\r\n]/)
    .map((line) => escapeHtml(line.split("\t").map(cleanText).join("  ")))
    .join("\n");
}

/** A short text: at most `width` columns. */
export function safeCut(text: string, width: number): Html {
  return escapeHtml(cutText(cleanText(text), width));
}

export function paragraph(text: string, look?: string): Html {
  return `<p${look === undefined ? "" : ` class="${look}"`}>${safe(text)}</p>`;
}

/** Sentences as a list; nothing for none. */
export function notes(sentences: readonly string[]): Html {
  if (sentences.length === 0) return "";
  return `<ul class="notes">${sentences.map((one) => `<li>${safe(one)}</li>`).join("")}</ul>`;
}

/** Something that is opened by a click or Enter. */
export function folded(title: string, body: Html): Html {
  return `<details><summary>${safe(title)}</summary>${body}</details>`;
}

export function table(caption: string, columns: readonly HtmlColumn[], look: string = ""): Html {
  const classOf = ({ isNumber, look }: HtmlColumn) =>
    isNumber === true ? ' class="number"' : look === undefined ? "" : ` class="${look}"`;
  const heads = columns.map((column) => `<th scope="col"${classOf(column)}>${safe(column.title)}</th>`);
  const rows = Array.from({ length: columns[0]?.cells.length ?? 0 }, (_, row) => {
    const cells = columns.map((column) => `<td${classOf(column)}>${safe(column.cells[row]!)}</td>`);
    return `<tr${row === 0 ? look : ""}>${cells.join("")}</tr>`;
  });
  return `<div class="wide" role="region" tabindex="0" aria-label="${safe(caption)}"><table><caption>${safe(caption)}</caption><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
