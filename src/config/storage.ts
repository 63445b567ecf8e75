import { DefinitionError, show } from "../errors.ts";

/** The store that a text of a file names, and what is to be said about it. */
export interface Storage {
  readonly store: string;
  readonly note?: string;
}

const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/**
 * The store that `storage:` means. `sqlite:///x.db` is answered with the folder `x`, which holds what the database
 * would; databases that other programs serve are refused.
 *
 * @throws {@link DefinitionError} METALAB_CONFIG_STORAGE
 */
export function storageOf(text: string): Storage {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase().replace(/\+.*$/, "");
  if (scheme === undefined || scheme === "file" || scheme === "memory") return { store: text };
  if (scheme === "sqlite") {
    const path = text
      .slice(text.indexOf(":") + 1)
      .replace(/^\/{2}\/?/, "")
      .replace(/\?.*$/, "");
    const folder = path.replace(/\.(db|sqlite3?|sqlite)$/i, "");
    if (folder !== "" && folder !== ":memory:")
      return { store: folder, note: `results are kept in files: ${text} is the folder ${folder}.` };
    return { store: "memory:", note: `${text} is kept in memory: it is gone when the search ends.` };
  }
  const advice =
    scheme === "postgresql" || scheme === "postgres" || scheme === "mysql"
      ? "Several processes share a folder as well: write storage: runs, on a disk that all of them reach."
      : 'Write a folder, for example "runs".';
  throw new DefinitionError(
    "METALAB_CONFIG_STORAGE",
    `storage: a folder or sqlite:///file.db is expected, got ${show(withoutPassword(text))}. ${advice}`,
    { scheme },
  );
}

/** Messages end up in logs. */
function withoutPassword(url: string): string {
  return url.replace(/:\/\/[^@/]*@/, "://…@");
}
