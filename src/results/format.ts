import pc from "picocolors";
import { cutText, textWidth, widestOf } from "../identity/text-width.ts";

/** A column of a printed table. Titles and cells are clean, single-line text. */
export interface TableColumn {
  readonly title: string;
  readonly cells: readonly string[];
  /** `decimal` puts the points of numbers under each other where that does not widen the column much. */
  readonly align: "left" | "right" | "decimal";
  /** Names its row: repeated when a table is too wide and goes on below. */
  readonly isKey?: boolean;
  /** Colour of a cell by its text; nothing when absent. */
  readonly tone?: (cell: string) => Tone | undefined;
}

export type Tone = "good" | "bad" | "quiet";

/** A table, before it becomes text or HTML. */
export interface TableModel {
  /** One line above the table. */
  readonly title: string;
  readonly columns: readonly TableColumn[];
  /** One line below the table, where something was left out. */
  readonly more?: string | undefined;
}

export interface PrintOptions {
  /**
   * Terminal columns that the table may take.
   * @defaultValue the terminal's, or 100
   */
  readonly width?: number | undefined;
  /** @defaultValue `false` */
  readonly color?: boolean | undefined;
}

const GAP = "  ";
const WIDEST_TEXT = 48;
/** Widths that texts are cut to, one after another, until a table fits. */
const TEXT_WIDTHS = [WIDEST_TEXT, 32, 24, 16, 8];
/** The same of texts that name rows, which may have to be longer to tell them apart. */
const KEY_WIDTHS = [128, 96, 64, ...TEXT_WIDTHS];

/** A column whose cells, title included, are of one width. */
interface SetColumn {
  readonly width: number;
  readonly head: string;
  readonly cells: readonly string[];
  readonly isKey: boolean;
}

/** Whether standard output takes colours: a terminal, and nobody said no. */
export function colorWanted(): boolean {
  if (process.env.NO_COLOR) return false;
  return pc.isColorSupported && (process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR));
}

function defaultWidth(): number {
  return process.stdout.columns || 100;
}

/** Cells of a decimal column with their points under each other; unchanged when that would take much room. */
function alignPoints(cells: readonly string[]): readonly string[] {
  const parts = cells.map((cell) => /^(-?\d+)(.*)$/.exec(cell));
  const whole = widestOf(parts.map((part) => part?.[1] ?? ""));
  const rest = widestOf(parts.map((part) => part?.[2] ?? ""));
  const widest = widestOf(cells);
  // Of numbers of very different sizes, some with exponents, the points say nothing.
  const exponents = new Set(cells.filter((cell) => /^-?\d/.test(cell)).map((cell) => cell.includes("e")));
  if (exponents.size > 1 || whole + rest > widest + 3) return cells;
  return cells.map((cell, i) => {
    const part = parts[i];
    return part ? part[1]!.padStart(whole) + part[2]!.padEnd(rest) : cell;
  });
}

function padTo(text: string, width: number, left: boolean): string {
  const shown = cutText(text, width);
  const space = " ".repeat(width - textWidth(shown));
  return left ? shown + space : space + shown;
}

/** The least of some widths at which texts that name rows are still told apart; of one name most is kept. */
function tellingWidth(cells: readonly string[]): number {
  const kinds = new Set(cells).size;
  if (cells.length === 1) return WIDEST_TEXT;
  const telling = KEY_WIDTHS.filter(
    (width) => new Set(cells.map((cell) => cutText(cell, width))).size === kinds,
  );
  return telling.at(-1) ?? WIDEST_TEXT;
}

function setColumn(column: TableColumn, widest: number, points: boolean, color: boolean): SetColumn {
  const left = column.align === "left";
  const cells = points && column.align === "decimal" ? alignPoints(column.cells) : column.cells;
  const needed = Math.max(textWidth(column.title), widestOf(cells));
  const cut = column.isKey === true && left ? Math.max(widest, tellingWidth(cells)) : widest;
  const width = Math.min(needed, left ? cut : WIDEST_TEXT);
  const paint = pc.createColors(color);
  const tones = { good: paint.green, bad: paint.red, quiet: paint.dim } as const;
  return {
    width,
    head: paint.bold(padTo(column.title, width, left)),
    cells: cells.map((cell, i) => {
      const tone = column.tone?.(column.cells[i]!);
      const text = padTo(cell, width, left);
      return tone === undefined ? text : tones[tone](text);
    }),
    isKey: column.isKey === true,
  };
}

function widthOf(columns: readonly SetColumn[]): number {
  return columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length);
}

/** Columns dealt into blocks that fit, the key columns at the left of each. */
function blocksOf(columns: readonly SetColumn[], width: number): readonly (readonly SetColumn[])[] {
  if (widthOf(columns) <= width) return [columns];
  const keys = columns.filter((column) => column.isKey);
  const blocks: SetColumn[][] = [];
  let block: SetColumn[] = [];
  for (const column of columns.filter((column) => !column.isKey)) {
    if (block.length > 0 && widthOf([...keys, ...block, column]) > width) {
      blocks.push(block);
      block = [];
    }
    block.push(column);
  }
  blocks.push(block);
  return blocks.map((block) => [...keys, ...block]);
}

function blockText(columns: readonly SetColumn[], rows: number, color: boolean): string {
  const paint = pc.createColors(color);
  const lines = [
    columns
      .map((column) => column.head)
      .join(GAP)
      .trimEnd(),
  ];
  lines.push(paint.dim("─".repeat(widthOf(columns))));
  for (let i = 0; i < rows; i++) {
    lines.push(
      columns
        .map((column) => column.cells[i]!)
        .join(GAP)
        .trimEnd(),
    );
  }
  return lines.join("\n");
}

function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    const longer = `${line} ${word}`;
    if (line !== undefined && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/**
 * A table as text for a terminal. Numbers stand at the right; where the table is too wide, long texts are cut with `…`;
 * one that is still too wide goes on below, with its key columns again.
 */
export function printTable(table: TableModel, options: PrintOptions = {}): string {
  const { width = defaultWidth(), color = false } = options;
  const rows = table.columns[0]?.cells.length ?? 0;
  const set = (widest: number, points: boolean) =>
    table.columns.map((column) => setColumn(column, widest, points, color));
  const fits = (columns: readonly SetColumn[]) => widthOf(columns) <= width;
  // The points of numbers, then long texts give way before the table is broken; where that is not enough, they need not.
  const fitting = [
    set(Number.POSITIVE_INFINITY, true),
    set(WIDEST_TEXT, true),
    ...TEXT_WIDTHS.map((widest) => set(widest, false)),
  ].find(fits);
  const columns = fitting ?? set(24, true);
  const blocks = rows === 0 ? [] : blocksOf(columns, width).map((block) => blockText(block, rows, color));
  return [
    ...wrapWords(table.title, width),
    ...blocks,
    ...(table.more === undefined ? [] : [table.more]),
  ].join("\n");
}
