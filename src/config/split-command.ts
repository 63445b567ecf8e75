/**
 * A command written on one line as program and arguments: split at spaces, quotes keep together. Nothing else has a
 * meaning (no variables, no backslashes), since no shell is ever used.
 */
export function splitCommand(line: string): readonly string[] {
  const parts: string[] = [];
  let part: string | undefined;
  let quote = "";
  for (const character of line) {
    if (quote !== "") {
      if (character === quote) quote = "";
      else part += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      part ??= "";
    } else if (/\s/.test(character)) {
      if (part !== undefined) parts.push(part);
      part = undefined;
    } else part = (part ?? "") + character;
  }
  if (part !== undefined) parts.push(part);
  return parts;
}
