import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { DefinitionError, MissingPackageError, messageOf, reasonOf, show } from "../errors.ts";
import { fontCharacters, missingCharacters } from "./font-characters.ts";
import { countOf } from "./input.ts";

type Renderer = (svg: string, scale: number, fonts: readonly Uint8Array[]) => Uint8Array;

/** More do not fit into the memory that the renderer can have. */
const MOST_PIXELS = 150e6;

let loading: Promise<Renderer> | undefined;

async function load(): Promise<Renderer> {
  try {
    const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
    const wasm = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
    await initWasm(await readFile(wasm)).catch((error: unknown) => {
      // Somebody else in this process may use the package too, and it starts only once.
      if (!messageOf(error).startsWith("Already initialized")) throw error;
    });
    return (svg, scale, fonts) => {
      const drawing = new Resvg(svg, {
        fitTo: { mode: "zoom", value: scale },
        font: { fontBuffers: [...fonts], defaultFontFamily: "Noto Sans", sansSerifFamily: "Noto Sans" },
      });
      const image = drawing.render();
      try {
        return image.asPng();
      } finally {
        image.free();
        drawing.free();
      }
    };
  } catch (error) {
    throw new MissingPackageError(
      "METALAB_PNG_MISSING",
      `plot(): a PNG is drawn by the package @resvg/resvg-wasm, got: ${reasonOf(messageOf(error).split("\n")[0])}. Install it with: npm install @resvg/resvg-wasm, or write .svg or .html, which need nothing.`,
      {},
      { cause: error },
    );
  }
}

/**
 * An SVG as PNG, with the font that is shipped, so that the picture is the same on every machine.
 *
 * @param scale - pixels of the image for one of the picture.
 * @param fonts - files of further fonts, for letters that the shipped one lacks.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE when it would have too many pixels, or a font cannot be read.
 * @throws {@link MissingPackageError} METALAB_PNG_MISSING when `@resvg/resvg-wasm` is not installed.
 */
export async function svgToPng(svg: string, scale: number, fonts: readonly string[]): Promise<Uint8Array> {
  const [width, height] = ["width", "height"].map(
    (name) => scale * Number(svg.match(` ${name}="([^"]*)"`)?.[1]),
  );
  if (width! * height! > MOST_PIXELS) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `plot(): a PNG has at most ${MOST_PIXELS / 1e6} million pixels, got ${Math.round(width!)} × ${Math.round(height!)}. Lower width, height or scale, or write .svg.`,
      { scale },
    );
  }
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  const render = await loading;
  return render(svg, scale, await fontFiles(fonts));
}

async function fontFiles(fonts: readonly string[]): Promise<readonly Uint8Array[]> {
  const own = readFile(new URL("./fonts/noto-sans.ttf", import.meta.url));
  return await Promise.all([own, ...fonts.map(readFont)]);
}

async function readFont(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `plot(): fonts are files of fonts, got ${show(path)}: ${reasonOf(error)}. Give the paths of .ttf or .otf files.`,
      { path },
      { cause: error },
    );
  }
}

/** Characters that are named in a sentence. */
const MOST_NAMED = 5;

/**
 * A sentence about the characters of an SVG that stay blank as PNG, since no font has them: it cannot show them, and says
 * their numbers in Unicode. None where there are no such.
 *
 * @param fonts - as for {@link svgToPng}.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE when a font cannot be read.
 */
export async function blankNotes(svg: string, fonts: readonly string[]): Promise<readonly string[]> {
  const known = (await fontFiles(fonts)).map(fontCharacters).filter((has) => has !== undefined);
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text!);
  const missing = missingCharacters(texts.join(""), known);
  if (missing.length === 0) return [];
  const codes = missing
    .slice(0, MOST_NAMED)
    .map((one) => `U+${one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`);
  const more = missing.length > MOST_NAMED ? ", …" : "";
  return [
    `Blank here, since the fonts of this PNG lack them: ${countOf(missing.length, "character")} (${codes.join(", ")}${more}). SVG and HTML show them; or give a font file that has them, with fonts (--fonts).`,
  ];
}
