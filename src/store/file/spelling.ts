import { DefinitionError, show } from "../../errors.ts";

/**
 * Refuses paths that mean something else here than where they were learnt: taken literally they would make a folder
 * of a strange name, which people remove with the wrong command.
 *
 * @throws {DefinitionError} METALAB_STORE_PATH
 */
export function checkSpelling(where: string, path: string, platform: string = process.platform): void {
  if (/^~(?:$|[\\/])/.test(path)) {
    throw new DefinitionError(
      "METALAB_STORE_PATH",
      `${where}: only a shell puts the home folder in place of "~", got ${show(path)}. Write join(homedir(), ${show(path.slice(2))}), or ${show(`./${path}`)} for a folder of that name.`,
      { path },
    );
  }
  if (platform !== "win32" && /^[a-z]:[\\/]/i.test(path)) {
    throw new DefinitionError(
      "METALAB_STORE_PATH",
      `${where}: a path with the letter of a drive is one of Windows, and this is ${platform}, got ${show(path)}. Give a path of this machine, for example "./runs".`,
      { path },
    );
  }
}
