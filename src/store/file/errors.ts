import { reasonOf, StoreError } from "../../errors.ts";

const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const DENIED: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);
const NOT_A_FOLDER: ReadonlySet<string> = new Set(["ENOTDIR", "EEXIST"]);

/** The system's code of an error (`"ENOENT"`). */
export function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** What a failed write means to the user, with what to do. */
export function writeError(thrown: unknown, path: string): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const code = codeOf(thrown);
  const details = { path, code };
  const options = { cause: thrown };
  if (code !== undefined && FULL.has(code)) {
    return new StoreError(
      "METALAB_STORE_FULL",
      `store: no room to write ${path} (${code}). Nothing half-written stays behind; make space, then run again: finished runs are kept.`,
      details,
      options,
    );
  }
  if (code !== undefined && DENIED.has(code)) {
    return new StoreError(
      "METALAB_STORE_READ_ONLY",
      `store: may not write ${path} (${code}). Change its permissions or give another path as \`store\`; reading works as it is.`,
      details,
      options,
    );
  }
  if (code !== undefined && NOT_A_FOLDER.has(code)) return notAFolder(path, code, thrown);
  return new StoreError(
    "METALAB_STORE_WRITE",
    `store: writing ${path} failed: ${reasonOf(thrown)}. Check the disk, then run again: finished runs are kept.`,
    details,
    options,
  );
}

export function notAFolder(path: string, code?: string, cause?: unknown): StoreError {
  return new StoreError(
    "METALAB_STORE_NOT_A_FOLDER",
    `store: ${path} must be a folder, got something else on its path${code ? ` (${code})` : ""}. Give a folder as \`store\`, for example "./runs".`,
    { path },
    { cause },
  );
}

/** What a folder that cannot be read means to the user. */
export function readError(thrown: unknown, path: string): StoreError {
  const code = codeOf(thrown);
  if (code === "ENOTDIR") return notAFolder(path, code, thrown);
  return new StoreError(
    "METALAB_STORE_READ",
    `store: ${path} cannot be read (${code ?? reasonOf(thrown)}). Check its permissions and the disk.`,
    { path, code },
    { cause: thrown },
  );
}
