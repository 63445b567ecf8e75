import { textWidth } from "../identity/text-width.ts";
import { printTable, type TableColumn, type TableModel } from "../results/format.ts";
import { cleanText } from "../results/text.ts";
import type { Call } from "./command.ts";

/** One line of text that came from anywhere, safe for a terminal. */
export const clean = cleanText;

/** Lines of text that came from anywhere, safe for a terminal: tabs and line breaks stay. */
export function cleanLines(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) => line.split("\t").map(cleanText).join("\t"))
    .join("\n");
}

/** Prints a table that fits the terminal. */
export function printFitting(call: Call, model: TableModel): void {
  call.print(printTable(model, { width: call.io.columns, color: call.io.hasColor }));
}

/** A column from texts that came from anywhere. */
export function column(
  title: string,
  cells: readonly string[],
  more: Partial<Omit<TableColumn, "title" | "cells">> = {},
): TableColumn {
  return { align: "left", ...more, title: cleanText(title), cells: cells.map(cleanText) };
}

/** `1 run`, `2 runs`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `812 B`, `4.2 MB`: powers of 1000, as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`;
}

/** `2 h ago`. */
export function formatAge(time: number, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Sentences broken at words so that they fit the terminal; lines after the first begin with `indent`. */
export function wrapped({ io }: Pick<Call, "io">, text: string, indent = ""): string {
  return brokenAt(io.columns, text, indent);
}

/** Sentences broken at words, into lines of so many columns where words are not longer. */
export function brokenAt(columns: number, text: string, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && textWidth(`${line} ${word}`) <= columns)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(line === undefined ? word : `${indent}${word}`);
  }
  return lines.join("\n");
}
