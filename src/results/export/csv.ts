import { DefinitionError, show } from "../../errors.ts";
import { encode } from "../../identity/canonical.ts";
import { checkOptions } from "../../space/options.ts";
import { exportColumns } from "../columns.ts";
import type { Selection } from "../selection.ts";

/** How `toCSV` writes. */
export interface CsvOptions {
  /**
   * `"escape"` puts an apostrophe before texts that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab
   * or return first), so that names and messages from elsewhere do nothing when the file is opened.
   * @defaultValue `"keep"`
   */
  readonly formulas?: "keep" | "escape";
}

/**
 * A table as CSV (RFC 4180, lines ended by CRLF, UTF-8 text), one line per run after a line of names.
 *
 * @throws {DefinitionError} METALAB_OPTIONS, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE
 */
export function csvText(selection: Selection, options: CsvOptions = {}): string {
  checkCsv(options);
  const escapes = options.formulas === "escape";
  const columns = exportColumns(selection);
  const lines = [columns.map((column) => textCell(column.name, escapes)).join(",")];
  for (let position = 0; position < selection.rows.length; position++) {
    lines.push(columns.map((column) => cell(column.at(position), escapes, column.name === "tags")).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

function checkCsv(options: unknown): void {
  if (typeof options === "string") {
    throw new DefinitionError(
      "METALAB_OPTIONS",
      `toCSV(): gives text and writes no file, got ${show(options)}. Write writeFileSync(${show(options)}, results.toCSV()).`,
      { options },
    );
  }
  checkOptions("toCSV()", options, ["formulas"]);
  const { formulas } = options as CsvOptions;
  if (formulas !== undefined && formulas !== "keep" && formulas !== "escape") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `toCSV(): formulas is "keep" or "escape", got ${show(formulas)}. Correct it, or leave it out.`,
      { formulas },
    );
  }
}

/** Nothing for a missing value, so an empty text is written as `""`. */
function cell(value: unknown, escapes: boolean, isTags: boolean): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  if (typeof value === "string") return textCell(value, escapes);
  if (value instanceof Date) return value.toISOString();
  if (isTags) {
    const tags = value as readonly string[];
    return tags.length === 0 ? "" : textCell(tags.join(", "), escapes);
  }
  return textCell(JSON.stringify(encode(value, "value")), escapes);
}

/** A text as a cell, in quotes where it needs them. */
export function textCell(text: string, escapes: boolean): string {
  const safe = escapes && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return safe === "" || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
