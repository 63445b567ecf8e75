import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFile } from "./document.ts";
import { writeError } from "./errors.ts";
import { QUARANTINE } from "./layout.ts";

/** Where things of one occasion are set aside, each under the path that it had, beside a note that says why. */
export class Quarantine {
  readonly #root: string;
  readonly #folder: string;
  readonly #kept: { file: string; reason: string }[] = [];

  constructor(root: string, now: Date) {
    this.#root = root;
    const stamp = now.toISOString().replaceAll(/[:.]/g, "-");
    this.#folder = `${QUARANTINE}/${stamp}-${randomBytes(3).toString("hex")}`;
  }

  /** Paths that were set aside, where they are now. */
  get kept(): readonly string[] {
    return this.#kept.map(({ file }) => `${this.#folder}/${file}`);
  }

  /** Moves a file or folder of the store here. What is not there any more is passed over. */
  take(file: string, reason: string): void {
    const path = join(this.#root, this.#folder, file);
    try {
      this.#kept.push({ file, reason });
      // The note comes first, so that nothing ever lies here without one.
      replaceFile(
        join(this.#root, this.#folder, "note.json"),
        `${JSON.stringify(this.#kept, undefined, 2)}\n`,
      );
      mkdirSync(dirname(path), { recursive: true });
      renameSync(join(this.#root, file), path);
    } catch (error) {
      this.#kept.pop();
      if ((error as { code?: unknown }).code === "ENOENT") return;
      throw writeError(error, path);
    }
  }
}
