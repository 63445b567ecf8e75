/** A file of lines that grows at its end. */
export interface LineFile {
  /**
   * Appends all the bytes or none; when it returns, a killed process cannot lose them.
   * @throws {StoreError} METALAB_STORE_FULL or METALAB_STORE_WRITE
   */
  append(line: Uint8Array): void;
  close(): void;
}

/**
 * Where sessions are written as they go on: one folder each, of plain files that only their session appends to. Paths
 * are relative, with `/`: `<workspace>/<name>/log.jsonl`, of names that every disk takes.
 */
export interface SessionFiles {
  /** Where a folder lies, for people. */
  locate(folder: string): string;
  /** Names of what lies in a folder (`""` for all workspaces), sorted; none where it is not there. */
  list(folder: string): readonly string[];
  /** The bytes of a file as they are now; `undefined` where it is not there. */
  read(file: string): Buffer | undefined;
  /** A file to append to, made where it is not there. What was left of a line behind the last newline is cut off. */
  append(file: string): LineFile;
  /** Puts a whole file in its place. */
  place(file: string, text: string): void;
  /** Removes a folder with all that is in it. */
  remove(folder: string): void;
  /** Notes bytes that are not what they should be. */
  damaged(file: string, offset: number, length: number, reason: string): void;
}

/** How many bytes of a file are whole lines, or one line that only lacks its newline. */
export function wholeBytes(bytes: Buffer, isIntact: (start: number, end: number) => boolean): number {
  const begin = bytes.lastIndexOf(0x0a) + 1;
  return begin === bytes.length || isIntact(begin, bytes.length) ? bytes.length : begin;
}

/** The files of sessions of a store that lives as long as the process. */
export class MemorySessionFiles implements SessionFiles {
  readonly #files = new Map<string, Buffer[]>();

  locate(folder: string): string {
    return `memory:sessions/${folder}`;
  }

  list(folder: string): readonly string[] {
    const prefix = folder === "" ? "" : `${folder}/`;
    const inside = [...this.#files.keys()].filter((file) => file.startsWith(prefix));
    return [...new Set(inside.map((file) => file.slice(prefix.length).split("/")[0]!))].sort();
  }

  read(file: string): Buffer | undefined {
    const pieces = this.#files.get(file);
    return pieces && Buffer.concat(pieces);
  }

  append(file: string): LineFile {
    const pieces = this.#files.get(file) ?? [];
    this.#files.set(file, pieces);
    return {
      append: (line) => {
        pieces.push(Buffer.from(line));
      },
      close: () => undefined,
    };
  }

  place(file: string, text: string): void {
    this.#files.set(file, [Buffer.from(text)]);
  }

  remove(folder: string): void {
    for (const file of [...this.#files.keys()]) {
      if (file.startsWith(`${folder}/`)) this.#files.delete(file);
    }
  }

  damaged(): void {}
}
