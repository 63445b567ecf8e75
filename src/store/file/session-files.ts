import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { StoreError } from "../../errors.ts";
import type { DamageLog } from "../damage.ts";
import { intactCrc } from "../line.ts";
import { type LineFile, type SessionFiles, wholeBytes } from "../session-files.ts";
import { placeFile } from "./document.ts";
import { codeOf, readError, writeError } from "./errors.ts";
import { SESSIONS } from "./layout.ts";
import { makeFolder } from "./make-folder.ts";

/** What {@link FolderSessionFiles} are made from. */
export interface FolderSessionFilesSetup {
  /** The store's folder. */
  readonly root: string;
  readonly damage: DamageLog;
  /** Makes sure the store is there and ours to write; called before the first write. */
  readonly prepare: () => void;
}

/** The files of sessions below `sessions/`. */
export class FolderSessionFiles implements SessionFiles {
  readonly #setup: FolderSessionFilesSetup;

  constructor(setup: FolderSessionFilesSetup) {
    this.#setup = setup;
  }

  locate(folder: string): string {
    return join(this.#setup.root, SESSIONS, folder);
  }

  list(folder: string): readonly string[] {
    const path = this.locate(folder);
    try {
      return readdirSync(path)
        .filter((name) => !name.startsWith("."))
        .sort();
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
      throw readError(error, path);
    }
  }

  read(file: string): Buffer | undefined {
    const path = this.locate(file);
    try {
      return readFileSync(path);
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
      throw readError(error, path);
    }
  }

  append(file: string): LineFile {
    this.#setup.prepare();
    const path = this.locate(file);
    try {
      makeFolder(dirname(path));
      return new FolderLineFile(path);
    } catch (error) {
      throw writeError(error, path);
    }
  }

  place(file: string, text: string): void {
    this.#setup.prepare();
    const path = this.locate(file);
    try {
      makeFolder(dirname(path));
      placeFile(path, text);
    } catch (error) {
      throw writeError(error, path);
    }
  }

  remove(folder: string): void {
    const path = this.locate(folder);
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      throw writeError(error, path);
    }
  }

  damaged(file: string, offset: number, length: number, reason: string): void {
    this.#setup.damage.add(`${SESSIONS}/${file}`, offset, length, reason);
  }
}

class FolderLineFile implements LineFile {
  readonly #path: string;
  readonly #fd: number;
  #isClosed = false;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, constants.O_CREAT | constants.O_APPEND | constants.O_RDWR, 0o666);
    const { size } = fstatSync(this.#fd);
    if (size === 0) return;
    const bytes = readFileSync(path);
    const whole = wholeBytes(bytes, (start, end) => intactCrc(bytes, start, end) >= 0);
    // Nobody was told that the rest is kept: its writer died before.
    if (whole < bytes.length) ftruncateSync(this.#fd, whole);
    else if (bytes[whole - 1] !== 0x0a) writeSync(this.#fd, "\n");
  }

  append(line: Uint8Array): void {
    let start = 0;
    try {
      start = fstatSync(this.#fd).size;
      for (let done = 0; done < line.length; ) {
        const wrote = writeSync(this.#fd, line, done, line.length - done);
        if (wrote === 0)
          throw new StoreError(
            "METALAB_STORE_WRITE",
            `store: ${this.#path} takes no more bytes. Check the disk, then run again: what was reported so far is kept.`,
            { path: this.#path },
          );
        done += wrote;
      }
    } catch (error) {
      try {
        ftruncateSync(this.#fd, start);
      } catch {
        // A torn line is passed over, and cut off when the file is next opened.
      }
      throw writeError(error, this.#path);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}
