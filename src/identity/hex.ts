/** Two lowercase hex digits of each byte. */
const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** ASCII code to the value of that hex digit; 255 for anything else. */
const DIGITS: Uint8Array = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value += 1) {
  DIGITS[value.toString(16).charCodeAt(0)] = value;
  DIGITS[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** Bytes as lowercase hex digits. */
export function toHex(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = "";
  for (let at = start; at < end; at += 1) text += PAIRS[bytes[at] as number];
  return text;
}

/**
 * Reads hex digits from text into `target`, filling it.
 *
 * @returns whether `text` was exactly as many hex digits as `target` holds; if not, `target` is undefined rubbish.
 */
export function hexToBytes(text: string, target: Uint8Array): boolean {
  if (text.length !== 2 * target.length) return false;
  for (let at = 0; at < target.length; at += 1) {
    const high = DIGITS[text.charCodeAt(2 * at)] ?? 255;
    const low = DIGITS[text.charCodeAt(2 * at + 1)] ?? 255;
    if ((high | low) > 15) return false;
    target[at] = (high << 4) | low;
  }
  return true;
}

/**
 * The same for ASCII hex digits that lie in a buffer from `offset` on.
 */
export function asciiHexToBytes(buffer: Uint8Array, offset: number, target: Uint8Array): boolean {
  if (offset < 0 || offset + 2 * target.length > buffer.length) return false;
  for (let at = 0, from = offset; at < target.length; at += 1, from += 2) {
    const high = DIGITS[buffer[from] as number] as number;
    const low = DIGITS[buffer[from + 1] as number] as number;
    if ((high | low) > 15) return false;
    target[at] = (high << 4) | low;
  }
  return true;
}
