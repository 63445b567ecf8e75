/** Bits of the dots of a braille character, by column and row: Unicode block 2800. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Characters with dots in them, two across and four down, each of the colour that was drawn last. */
export class Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly #bits: Uint8Array;
  readonly #texts: (string | undefined)[];
  readonly #colors: (string | undefined)[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#bits = new Uint8Array(columns * rows);
    this.#texts = new Array(columns * rows);
    this.#colors = new Array(columns * rows);
  }

  /** Dots across and down. */
  get width(): number {
    return 2 * this.columns;
  }
  get height(): number {
    return 4 * this.rows;
  }

  /** A dot; outside of the canvas it is nothing. */
  dot(x: number, y: number, color: string | undefined): void {
    const [column, row] = [Math.floor(x / 2), Math.floor(y / 4)];
    if (!(column >= 0 && column < this.columns && row >= 0 && row < this.rows)) return;
    const at = row * this.columns + column;
    this.#bits[at]! |= DOTS[Math.floor(x) & 1]![Math.floor(y) & 3]!;
    this.#colors[at] = color;
  }

  /** A straight line of dots. */
  line(x0: number, y0: number, x1: number, y1: number, color: string | undefined): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
    if (!Number.isFinite(steps) || steps > 10_000) return;
    for (let i = 0; i <= steps; i++) {
      this.dot(Math.round(x0 + ((x1 - x0) * i) / steps), Math.round(y0 + ((y1 - y0) * i) / steps), color);
    }
  }

  /** A character in place of the dots. */
  put(column: number, row: number, text: string, color: string | undefined): void {
    if (!(column >= 0 && column < this.columns && row >= 0 && row < this.rows)) return;
    const at = Math.floor(row) * this.columns + Math.floor(column);
    this.#texts[at] = text;
    this.#colors[at] = color;
  }

  /** The lines of the canvas, coloured by a function. */
  lines(paint: (text: string, color: string | undefined) => string): readonly string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      let line = "";
      for (let column = 0; column < this.columns; column++) {
        const at = row * this.columns + column;
        const bits = this.#bits[at]!;
        const text = this.#texts[at] ?? (bits === 0 ? " " : String.fromCharCode(0x2800 + bits));
        line += text === " " ? text : paint(text, this.#colors[at]);
      }
      return line;
    });
  }
}
