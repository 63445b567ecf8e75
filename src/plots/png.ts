import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { DefinitionError, MissingPackageError, messageOf, reasonOf } from "../errors.ts";

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
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE when it would have too many pixels.
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
  const own = readFile(new URL("./fonts/noto-sans.ttf", import.meta.url));
  return render(svg, scale, await Promise.all([own, ...fonts.map((path) => readFile(path))]));
}
