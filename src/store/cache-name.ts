import { DefinitionError, show } from "../errors.ts";

const NAME = /^[a-z0-9-]+(?:[./][a-z0-9-]+)*$/;

/**
 * The name, if disposable bytes can be kept under it on every system.
 *
 * @throws {DefinitionError} METALAB_CACHE_NAME
 */
export function checkCacheName(name: string): string {
  if (NAME.test(name)) return name;
  throw new DefinitionError(
    "METALAB_CACHE_NAME",
    `cache(): name must be lower-case letters, digits, "-", "." and "/", got ${show(name)}. Choose such a name.`,
    { name },
  );
}
