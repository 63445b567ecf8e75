import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { DefinitionError, show } from "../errors.ts";
import { writeWholeFile } from "../results/export/whole-file.ts";
import { colorWanted } from "../results/format.ts";
import type { Figure } from "./figure.ts";
import { drawHtml } from "./html/page.ts";
import { blankNotes, svgToPng } from "./png.ts";
import { drawSvg } from "./svg/svg.ts";
import { drawTerminal } from "./terminal/terminal.ts";

/** Columns of a terminal that does not tell. */
const COLUMNS = 80;
const FORMS = [".svg", ".png", ".html", ".json", ".txt"] as const;

/** Numbers that JSON lacks as text, so that nothing is lost in it. */
function plain(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** The form that a path asks for. @throws {DefinitionError} METALAB_PLOT_FORM */
export function formOf(path: string): (typeof FORMS)[number] {
  const form = FORMS.find((ending) => path.toLowerCase().endsWith(ending));
  if (form !== undefined) return form;
  throw new DefinitionError(
    "METALAB_PLOT_FORM",
    `plot(): the ending of path says the form, got ${show(path)}. End it in ${FORMS.join(", ")}.`,
    { path },
  );
}

/** How text is drawn. */
export interface TextOptions {
  /**
   * Columns that it may take.
   * @defaultValue the terminal's, or 80
   */
  readonly width?: number | undefined;
  /**
   * Lines of each panel.
   * @defaultValue 14, or one for each bar
   */
  readonly height?: number | undefined;
  /** @defaultValue `false` */
  readonly color?: boolean | undefined;
}

/** How a PNG is drawn. */
export interface PngOptions {
  /**
   * Pixels for one of the picture.
   * @defaultValue `2`
   */
  readonly scale?: number | undefined;
  /** Font files, for letters that the shipped font lacks (it has Latin, Greek and Cyrillic). */
  readonly fonts?: readonly string[] | undefined;
}

/** A plot that has been made: data in `figure`, and every form of it when asked for. The same figure gives the same bytes. */
export class Picture {
  /** What is to be seen, as plain data. */
  readonly figure: Figure;

  /** @internal Made by {@link picture}. */
  constructor(figure: Figure) {
    this.figure = figure;
  }

  /** An SVG document; needs nothing to be seen. */
  toSVG(): string {
    return drawSvg(this.figure).svg;
  }

  /** A page that stands alone and fetches nothing; it answers to the pointer. */
  toHTML(): string {
    return drawHtml(this.figure);
  }

  /**
   * An image, with the font that comes with metalab. A sentence in it says which characters no font has.
   *
   * @throws {DefinitionError} METALAB_OPTION_VALUE when it would have too many pixels, or a font cannot be read.
   * @throws {MissingPackageError} METALAB_PNG_MISSING when the package `@resvg/resvg-wasm` is not installed.
   */
  async toPNG({ scale = 2, fonts = [] }: PngOptions = {}): Promise<Uint8Array> {
    const svg = this.toSVG();
    const blank = await blankNotes(svg, fonts);
    const { figure } = this;
    const told = blank.length === 0 ? svg : drawSvg({ ...figure, notes: [...figure.notes, ...blank] }).svg;
    return await svgToPng(told, scale, fonts);
  }

  /** Text for a terminal: braille dots for points and lines, blocks for bars. */
  toText({ width = process.stdout.columns || COLUMNS, height, color = false }: TextOptions = {}): string {
    return drawTerminal(this.figure, { width: Math.floor(width), height, color });
  }

  toString(): string {
    return this.toText();
  }

  /**
   * Writes a file in the form that its ending says: `.svg`, `.png`, `.html`, `.json` or `.txt`. It appears whole or not
   * at all; missing folders are made.
   *
   * @throws {DefinitionError} METALAB_PLOT_FORM for another ending.
   * @throws {StoreError} METALAB_EXPORT_FAILED
   * @throws {MissingPackageError} METALAB_PNG_MISSING
   */
  async save(path: string, options: PngOptions & TextOptions = {}): Promise<void> {
    const folder = process.cwd();
    const contents = await this.#contents(path, options);
    await writeWholeFile("plot()", path, (temporary) => writeFile(temporary, contents), folder);
  }

  async #contents(path: string, options: PngOptions & TextOptions): Promise<string | Uint8Array> {
    const form = formOf(path);
    switch (form) {
      case ".svg":
        return `${this.toSVG()}\n`;
      case ".png":
        return await this.toPNG(options);
      case ".html":
        return this.toHTML();
      case ".json":
        return `${JSON.stringify(this.figure, plain)}\n`;
      case ".txt":
        return `${this.toText(options)}\n`;
      default:
        return form satisfies never;
    }
  }

  /** Prints it to standard output, as wide as the terminal and coloured where that is wanted. */
  print(options: TextOptions = {}): void {
    console.log(this.toText({ color: colorWanted(), ...options }));
  }

  [inspect.custom](_depth: number, options?: { readonly colors?: boolean }): string {
    return this.toText({ color: options?.colors === true });
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Readonly<Record<string, string>> {
    return { "text/plain": this.toString(), "image/svg+xml": this.toSVG() };
  }
}
