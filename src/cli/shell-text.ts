/** Words that mean nothing to a shell. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * A command as one line that can be copied into a shell: `sh` and its like, or on Windows `cmd` and PowerShell.
 *
 * @param words - program and arguments.
 */
export function shellText(words: readonly string[], platform: NodeJS.Platform = process.platform): string {
  return words.map((word) => (platform === "win32" ? windowsWord(word) : posixWord(word))).join(" ");
}

function posixWord(word: string): string {
  // A word that begins with "=" or "~" is expanded by some shells.
  if (PLAIN.test(word) && !word.startsWith("=")) return word;
  if (/\p{Cc}/u.test(word)) return `$'${word.replaceAll(/[\\'\p{Cc}]/gu, escaped)}'`;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A character within `$'…'`. */
function escaped(sign: string): string {
  if (sign === "\n") return "\\n";
  if (sign === "\\" || sign === "'") return `\\${sign}`;
  return `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function windowsWord(word: string): string {
  if (/^[\w@+=:,./\\-]+$/.test(word)) return word;
  return `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&")}"`;
}
