/** The characters that a font file has: TrueType or OpenType, or the first one of a collection. */
export type FontCharacters = (codePoint: number) => boolean;

/** What can be seen without being drawn. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}]/u;

/**
 * Reads which characters a font has from its table `cmap`, of which formats 4 and 12 are what all fonts use.
 * `undefined` where the file is no font, or one of another kind.
 *
 * @see ISO/IEC 14496-22:2019, 5.2.1
 */
export function fontCharacters(bytes: Uint8Array): FontCharacters | undefined {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const maps = characterMaps(view).map((at) => characterMap(view, at));
    const known = maps.filter((one) => one !== undefined);
    return known.length === 0 ? undefined : (codePoint) => known.some((has) => has(codePoint));
  } catch (error) {
    // It points beyond its end.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const TTCF = 0x74746366;
const CMAP = 0x636d6170;

/** Where the maps of a font begin. */
function characterMaps(view: DataView): readonly number[] {
  const font = view.getUint32(0) === TTCF ? view.getUint32(12) : 0;
  const tables = view.getUint16(font + 4);
  for (let i = 0; i < tables; i++) {
    const entry = font + 12 + 16 * i;
    if (view.getUint32(entry) !== CMAP) continue;
    const cmap = view.getUint32(entry + 8);
    const maps = view.getUint16(cmap + 2);
    return Array.from({ length: maps }, (_, k) => cmap + view.getUint32(cmap + 4 + 8 * k + 4));
  }
  return [];
}

function characterMap(view: DataView, at: number): FontCharacters | undefined {
  const format = view.getUint16(at);
  if (format === 12) {
    const groups = Array.from({ length: view.getUint32(at + 12) }, (_, i) => at + 16 + 12 * i);
    return (code) => groups.some((one) => code >= view.getUint32(one) && code <= view.getUint32(one + 4));
  }
  if (format !== 4) return undefined;
  const size = view.getUint16(at + 6);
  const segments = Array.from({ length: size / 2 }, (_, i) => at + 14 + 2 * i);
  return (code) => {
    const end = segments.find((one) => view.getUint16(one) >= code);
    return end !== undefined && code < 0xffff && glyphAt(view, end, size, code) !== 0;
  };
}

/** The glyph of a character within the segment that it belongs to; 0 is the one for what there is not. */
function glyphAt(view: DataView, end: number, size: number, code: number): number {
  const start = end + size + 2;
  const [first, shift, offset] = [start, start + size, start + 2 * size];
  if (code < view.getUint16(first)) return 0;
  const far = view.getUint16(offset);
  if (far === 0) return (code + view.getUint16(shift)) & 0xffff;
  const glyph = view.getUint16(offset + far + 2 * (code - view.getUint16(first)));
  return glyph === 0 ? 0 : (glyph + view.getUint16(shift)) & 0xffff;
}

/** The characters of a text that none of some fonts has, each once. */
export function missingCharacters(text: string, fonts: readonly FontCharacters[]): readonly string[] {
  return [...new Set(text)].filter(
    (one) => !INVISIBLE.test(one) && !fonts.some((has) => has(one.codePointAt(0)!)),
  );
}
