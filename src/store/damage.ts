import type { Damage } from "./store.ts";

/** What a killed process leaves: a line of which nobody was told that it is kept. */
export const UNFINISHED = "an unfinished line whose writer is gone";

/** The damage met so far: each place once, neighbouring places as one. */
export class DamageLog {
  readonly #found: Damage[] = [];
  readonly #seen = new Set<string>();

  add(file: string, offset: number, length: number, reason: string): void {
    const key = `${offset}:${length}:${reason}:${file}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const last = this.#found.at(-1);
    // A newline between two damaged lines belongs to the same place.
    if (last !== undefined && last.file === file && last.reason === reason && length > 0) {
      const gap = offset - (last.offset + last.length);
      if (gap === 0 || gap === 1) {
        this.#found[this.#found.length - 1] = { ...last, length: offset + length - last.offset };
        return;
      }
    }
    this.#found.push(Object.freeze({ file, offset, length, reason }));
  }

  get all(): readonly Damage[] {
    return this.#found.slice();
  }
}
