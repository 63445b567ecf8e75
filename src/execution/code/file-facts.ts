import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { factsOf, type ModuleFacts, unreadFacts } from "./facts.ts";
import { isCode, type Parser } from "./parser.ts";

/** A file's facts with the stamp of the file that they were read from. */
export type Stamped = readonly [stamp: string, facts: ModuleFacts];

/** A file that changed less than this ago could change once more without a trace, and is read again next time. */
const SETTLED_MS = 2_000;

/** Gives the facts of files, reading each once; knows those of files that have not changed since an earlier process. */
export class FileFacts {
  readonly #parser: Parser | undefined;
  readonly #known: ReadonlyMap<string, Stamped>;
  readonly #loaded = new Map<string, ModuleFacts | undefined>();
  readonly #kept = new Map<string, Stamped>();
  #isStale = false;
  /** Whether a file of code had to be left out, because no parser was given. */
  needsParser = false;

  /** @param parser - Without one, only what is known already is given. */
  constructor(parser: Parser | undefined, known: ReadonlyMap<string, Stamped> = new Map()) {
    this.#parser = parser;
    this.#known = known;
  }

  /** What is worth keeping for the next process; `undefined` when it has all of it. */
  get kept(): ReadonlyMap<string, Stamped> | undefined {
    return this.#isStale ? this.#kept : undefined;
  }

  get hasParser(): boolean {
    return this.#parser !== undefined;
  }

  /** Every file that was read, with its stamp; `undefined` when one of them may change without a trace. */
  get stamps(): readonly (readonly [path: string, stamp: string])[] | undefined {
    const stamps = Array.from(this.#kept, ([path, [stamp]]) => [path, stamp] as const);
    return stamps.length === this.#loaded.size ? stamps : undefined;
  }

  load(path: string): ModuleFacts | undefined {
    if (this.#loaded.has(path)) return this.#loaded.get(path);
    const facts = this.#read(path);
    this.#loaded.set(path, facts);
    return facts;
  }

  #read(path: string): ModuleFacts | undefined {
    try {
      const stats = statSync(path, { bigint: true });
      const stamp = stampOf(stats);
      const known = this.#known.get(path);
      if (known !== undefined && known[0] === stamp) {
        this.#kept.set(path, known);
        return known[1];
      }
      this.#isStale = true;
      const facts = this.#parse(path);
      if (isSettled(stats)) this.#kept.set(path, [stamp, facts]);
      return facts;
    } catch {
      return undefined;
    }
  }

  #parse(path: string): ModuleFacts {
    if (isCode(path)) {
      if (this.#parser === undefined) {
        this.needsParser = true;
        return NOTHING;
      }
      return factsOf(path, readFileSync(path, "utf8"), this.#parser);
    }
    const bytes = readFileSync(path);
    if (!path.endsWith(".json")) return unreadFacts(bytes);
    try {
      // Layout does not count in JSON either.
      return unreadFacts(JSON.stringify(JSON.parse(bytes.toString("utf8"))));
    } catch {
      return unreadFacts(bytes);
    }
  }
}

const NOTHING: ModuleFacts = { items: [], definitions: [] };

/** Tells versions of a file apart. */
export function stampOf({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}:${dev}`;
}

/** The stamp of a file as it is now; that of none where it is gone. */
export function stampAt(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined || !isSettled(stats) ? "" : stampOf(stats);
}

function isSettled({ mtimeMs, ctimeMs }: BigIntStats): boolean {
  return Date.now() - Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) > SETTLED_MS;
}

/** Whether a file is metalab itself, which is no part of anybody's operation. */
export function isOwnFile(path: string): boolean {
  return OWN_FOLDERS.some((folder) => path.startsWith(folder));
}

const OWN_FOLDERS = ownFolders();

/** `src/` or `dist/` of metalab, where this file lies; nothing inside somebody's bundle. */
function ownFolders(): readonly string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const tail = [`${sep}src${sep}execution${sep}code`, `${sep}dist`].find((end) => here.includes(end));
  if (tail === undefined) return [];
  const root = here.slice(0, here.lastIndexOf(tail));
  try {
    const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly name?: unknown;
    };
    return name === "metalab" ? [join(root, "src") + sep, join(root, "dist") + sep] : [];
  } catch {
    return [];
  }
}
