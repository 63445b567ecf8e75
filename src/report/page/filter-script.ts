/**
 * What may be written into the field above a column. `matcher(text, column)` gives a test of rows, `undefined` for an
 * empty text, or throws an `Error` that says what is understood. It knows nothing of the page.
 *
 * Numbers and times: `0.1`, `< 0.1`, `>= 3`, `!= 2`, `0.1..0.5` (both ends included), several of them together
 * (`> 1 < 5`). Texts: `adam` (contained, capitals do not matter), `= adam` (equal), `! adam` (not contained). Both:
 * `none` and `any` for runs without and with a value.
 */
export const FILTER_SCRIPT = `
const NUMBER_TESTS = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "=": (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b)),
  "!=": (a, b) => !(a === b || (Number.isNaN(a) && Number.isNaN(b))),
};

function numberOf(text, kind) {
  const plain = text.toLowerCase();
  if (plain === "nan") return NaN;
  if (/^[+-]?(?:inf|infinity)$/.test(plain)) return plain.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?$/.test(plain) && !(kind === "time" && /^\\d{4}$/.test(plain))) {
    return Number(plain);
  }
  const time = kind === "time" ? Date.parse(/[tz:]/i.test(text) && !/z$/i.test(text) ? text + "Z" : text) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new Error(
    kind === "time" ? "Write a day or time, as in > 2026-01-31." : "Write a number, as in 0.1, < 0.1 or 0.1..0.5.",
  );
}

function numberMatcher(text, { kind, number }) {
  const tests = [];
  let rest = text.trim().replace(/ and /gi, " ");
  while (rest !== "") {
    const range = /^([^\\s<>=!]+?)\\.\\.([^\\s<>=!]+)\\s*/.exec(rest);
    const found = range ?? /^(<=|>=|!=|<|>|==?)?\\s*([^\\s<>=!]+)\\s*/.exec(rest);
    if (found === null) throw new Error("Write a number, as in 0.1, < 0.1 or 0.1..0.5.");
    rest = rest.slice(found[0].length);
    if (range !== null) {
      const [low, high] = [numberOf(range[1], kind), numberOf(range[2], kind)];
      tests.push((value) => value >= low && value <= high);
    } else {
      const test = NUMBER_TESTS[(found[1] ?? "=").replace("==", "=")];
      const wanted = numberOf(found[2], kind);
      tests.push((value) => test(value, wanted));
    }
  }
  return (row) => {
    const value = number(row);
    return value !== undefined && tests.every((test) => test(value));
  };
}

function textMatcher(text, { codes, texts, text: read }) {
  const [, sign, rest] = /^(!=|!|==?)?\\s*([\\s\\S]*)$/.exec(text.trim());
  const wanted = rest.toLowerCase();
  const isEqual = sign === "=" || sign === "==" || sign === "!=";
  const isTurned = sign === "!" || sign === "!=";
  const test = (value) => (isEqual ? value.toLowerCase() === wanted : value.toLowerCase().includes(wanted)) !== isTurned;
  if (codes === undefined) return (row) => test(read(row));
  const passed = texts.map(test);
  return (row) => (codes[row] === 0 ? isTurned : passed[codes[row] - 1]);
}

function matcher(text, column) {
  const plain = text.trim().toLowerCase();
  if (plain === "") return undefined;
  if (plain === "none") return (row) => column.text(row) === undefined;
  if (plain === "any") return (row) => column.text(row) !== undefined;
  return column.kind === "number" || column.kind === "time" ? numberMatcher(text, column) : textMatcher(text, column);
}
`;
