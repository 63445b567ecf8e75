/** The one line at the bottom of the terminal that is written again and again. */

let shown = "";

const CLEAR = "\r\u001b[K";

/** Shows a text in the place of the one before. */
export function showStatusLine(text: string): void {
  shown = text;
  process.stderr.write(CLEAR + text);
}

/** Takes the line away for good. */
export function clearStatusLine(): void {
  if (shown !== "") process.stderr.write(CLEAR);
  shown = "";
}

/** Prints something above the line. */
export function aroundStatusLine(print: () => void): void {
  if (shown === "") {
    print();
    return;
  }
  process.stderr.write(CLEAR);
  try {
    print();
  } finally {
    process.stderr.write(shown);
  }
}

/** Prints a whole line on stderr, above the status line. */
export function printNotice(text: string): void {
  aroundStatusLine(() => {
    process.stderr.write(`${text}\n`);
  });
}
