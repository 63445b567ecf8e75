/** A text in double quotes with the escapes of YAML that JSON does not have. */
const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  e: "\x1b",
  v: "\v",
  _: "\xa0",
  N: "\x85",
  L: "\u2028",
  P: "\u2029",
  " ": " ",
};

/**
 * Names and values of a YAML file that is one flat mapping, as MLflow writes `meta.yaml`: a value is a text (plain or
 * quoted, perhaps folded over several lines), a number, `true`, `false` or `null`. Values that are no scalars are left
 * out.
 */
export function parseFlatYaml(text: string): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const match = /^([A-Za-z_][\w.-]*):(?: (.*))?$/.exec(lines[i]!);
    if (match === null) continue;
    let value = match[2] ?? "";
    let empty = 0;
    // A folded line is indented; an empty line inside is a line feed.
    while (i + 1 < lines.length && /^(?:\s+\S|\s*$)/.test(lines[i + 1]!) && !isClosed(value)) {
      const next = lines[++i]!.trim();
      if (next === "") empty++;
      else {
        value =
          value.endsWith("\\") && value.startsWith('"')
            ? value.slice(0, -1) + next.replace(/^\\ /, " ")
            : join(value, next, empty);
        empty = 0;
      }
    }
    values.set(match[1]!, scalar(value.trim()));
  }
  return values;
}

function join(value: string, next: string, empty: number): string {
  return value === "" ? next : value + (empty > 0 ? "\n".repeat(empty) : " ") + next;
}

/** Whether a quoted text has come to its end; a plain one goes on for as long as lines are indented. */
function isClosed(value: string): boolean {
  if (value.startsWith('"')) return /^"(?:[^"\\]|\\.)*"$/.test(value);
  if (value.startsWith("'")) return /^'(?:[^']|'')*'$/.test(value);
  return false;
}

function scalar(value: string): unknown {
  if (value.startsWith('"')) return unescaped(value.slice(1, value.endsWith('"') ? -1 : undefined));
  if (value.startsWith("'"))
    return value.slice(1, value.endsWith("'") ? -1 : undefined).replaceAll("''", "'");
  if (value === "" || value === "null" || value === "~") return null;
  if (value === "true" || value === "false") return value === "true";
  return /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gi, (_all, x, u, long, one) => {
    const code = x ?? u ?? long;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return ESCAPES[one] ?? (JSON.parse(/^[bfnrt]$/.test(one) ? `"\\${one}"` : JSON.stringify(one)) as string);
  });
}
