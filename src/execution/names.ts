import { OperationError, show } from "../errors.ts";

const LONGEST = 200;
/** Names that passed; runs of a sweep report under the same few. */
const known = new Set<string>();
const KNOWN_LIMIT = 1_000;

/**
 * Checks the name of a metric, series, track, artifact or data value.
 *
 * @throws {@link OperationError} METALAB_CAPTURE_NAME
 */
export function checkName(where: string, name: unknown): asserts name is string {
  if (known.has(name as string)) return;
  const ill =
    typeof name !== "string"
      ? "is text"
      : name === ""
        ? "is not empty"
        : name.length > LONGEST
          ? `has at most ${LONGEST} characters`
          : hasControlCharacter(name)
            ? "has no control characters"
            : name === "__proto__"
              ? 'is not "__proto__"'
              : undefined;
  if (ill !== undefined) {
    throw new OperationError(
      "METALAB_CAPTURE_NAME",
      `${where}: a name ${ill}, got ${show(name)}. Choose another name.`,
      { name },
    );
  }
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.add(name as string);
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}
