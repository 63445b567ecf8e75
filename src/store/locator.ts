import { DefinitionError, StoreError, show } from "../errors.ts";
import { fileStore } from "./file/file-store.ts";
import { memoryStore } from "./memory.ts";
import type { Store } from "./store.ts";

/** Two letters at least: `C:\runs` is a path. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/**
 * The store that a text names: a path or `file:<path>` for a folder, `memory:` for one that ends with the process. A
 * store is returned as it is.
 *
 * @throws {StoreError} METALAB_STORE_UNKNOWN for any other scheme.
 * @throws {DefinitionError} METALAB_STORE_PATH when it is neither a text nor a store.
 *
 * @example
 * ```ts
 * import { openStore } from "metalab";
 *
 * const store = openStore("memory:");
 * console.log(await store.experiments()); // []
 * ```
 */
export function openStore(locator: string | Store): Store {
  if (typeof locator === "object" && locator !== null && typeof locator.read === "function") return locator;
  if (typeof locator !== "string" || locator === "") {
    throw new DefinitionError(
      "METALAB_STORE_PATH",
      `openStore(): store must be a path, "memory:" or a store, got ${show(locator)}. Give one, for example "./runs".`,
      { locator },
    );
  }
  const scheme = SCHEME.exec(locator)?.[1]?.toLowerCase();
  if (scheme === undefined) return fileStore(locator);
  const rest = locator.slice(scheme.length + 1);
  if (scheme === "memory") return memoryStore();
  if (scheme === "file") return fileStore(rest.startsWith("//") ? filePath(locator) : rest);
  throw new StoreError(
    "METALAB_STORE_UNKNOWN",
    `openStore(): store must be a path, "file:<path>" or "memory:", got ${show(locator)}. Give a folder, for example "./runs".`,
    { locator, scheme },
  );
}

/** Path of `file:///a/b`; of `file://a/b`, which some write and mean `a/b`, the same without the slashes. */
function filePath(locator: string): string {
  const path = locator.slice("file://".length);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
