import { numberOf } from "./auto.ts";
import { isMetricName, type Reading, STEP_NAMES, stepOf } from "./reading.ts";

/**
 * The metrics of a table with commas (or semicolons, or tabs) whose first line names the columns: each line is a step,
 * by its column `step` or `epoch`, else by its number from 0; of a table with one line the values belong to the run.
 */
export function readCsv(text: string): readonly Reading[] {
  const [head = [], ...rows] = csvRows(text.replace(/^\uFEFF/, ""));
  const names = head.map((name) => name.trim());
  const stepAt = STEP_NAMES.map((name) => names.indexOf(name)).find((at) => at >= 0);
  const readings: Reading[] = [];
  for (const [number, row] of rows.entries()) {
    const given = stepAt === undefined ? undefined : stepOf(numberOf(row[stepAt] ?? ""));
    const step = given ?? (rows.length > 1 ? number : undefined);
    for (const [at, name] of names.entries()) {
      const cell = row[at]?.trim() ?? "";
      if (at === stepAt || cell === "" || !isMetricName(name)) continue;
      const value = numberOf(cell);
      readings.push({ name, value: Number.isNaN(value) && !/^[-+]?nan$/i.test(cell) ? cell : value, step });
    }
  }
  return readings;
}

/** Cells by rows; quoted ones may hold anything, a doubled quote is one. */
export function csvRows(text: string): readonly (readonly string[])[] {
  const first = text.slice(0, text.search(/[\r\n]|$/));
  const separator = [",", ";", "\t"].find((one) => first.includes(one)) ?? ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endCell = (): void => {
    row.push(cell);
    cell = "";
  };
  const endRow = (): void => {
    endCell();
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += char;
        at += 1;
      } else isQuoted = false;
    } else if (char === '"' && cell === "") isQuoted = true;
    else if (char === separator) endCell();
    else if (char === "\n") endRow();
    else if (char !== "\r") cell += char;
  }
  endRow();
  return rows;
}
