/**
 * How a page reads its runs: `unpack(base64)` gives `{ rows, columns }`, each column with `text(row)` and `number(row)`
 * (both `undefined` where the run has no value). The counterpart of `packRuns`.
 */
export const UNPACK_SCRIPT = `
async function inflate(base64) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("This browser cannot unpack the table (it lacks DecompressionStream). Open the page in one of 2023 or later.");
  }
  const packed = Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function exactNumber(value) {
  return Object.is(value, -0) ? "0" : String(value);
}

function shortNumber(value) {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return exactNumber(value);
  if (size >= 1e-4 && size < 1e7) {
    return size >= 1e5 ? value.toFixed(0) : String(Number(value.toPrecision(5)));
  }
  return Number(value.toPrecision(5)).toExponential().replace("e+", "e");
}

function shortTime(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().replace("T", " ").slice(0, 19);
}

async function unpack(base64) {
  const bytes = await inflate(base64);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const { rows, columns } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const take = (count) => bytes.subarray(at, (at += count));
  const planes = (count, width) => {
    const turned = take(count * width);
    if (width === 1) return turned;
    const whole = new Uint8Array(count * width);
    for (let k = 0; k < width; k++) {
      for (let i = 0; i < count; i++) whole[i * width + k] = turned[k * count + i];
    }
    return new ({ 2: Uint16Array, 4: Uint32Array, 8: Float64Array })[width](whole.buffer);
  };
  const read = (about) => {
    const { form, width = 1 } = about;
    if (form === "id") {
      const ids = take(6 * rows);
      const text = (row) => {
        let hex = "";
        for (let k = 0; k < 6; k++) hex += ids[6 * row + k].toString(16).padStart(2, "0");
        return hex;
      };
      return { ...about, text, number: () => undefined };
    }
    if (about.kind === "text") {
      const { texts } = about;
      const codes = planes(rows, width);
      return { ...about, codes, text: (row) => texts[codes[row] - 1], number: () => undefined };
    }
    let number;
    if (form === "codes") {
      const values = planes(about.count, 8);
      const codes = planes(rows, width);
      number = (row) => values[codes[row] - 1];
    } else {
      const mask = about.masked ? take(rows) : undefined;
      let values;
      if (form === "float") values = planes(rows, 8);
      else {
        const differences = planes(rows, 4);
        values = new Float64Array(rows);
        let last = about.base;
        for (let i = 0; i < rows; i++) {
          const half = Math.floor(differences[i] / 2);
          last += differences[i] % 2 === 1 ? -half - 1 : half;
          values[i] = last;
        }
      }
      number = (row) => (mask !== undefined && mask[row] === 0 ? undefined : values[row]);
    }
    const short = about.kind === "time" ? shortTime : shortNumber;
    const text = (row) => {
      const value = number(row);
      return value === undefined ? undefined : short(value);
    };
    return { ...about, number, text };
  };
  return { rows, columns: columns.map(read) };
}
`;
