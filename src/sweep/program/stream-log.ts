import { isUtf8 } from "node:buffer";
import type { Capture } from "../../experiment/operation.ts";
import type { MetricCollector, StreamName } from "../metrics/collector.ts";
import { KeptOutput } from "./kept-output.ts";
import { LINE_BYTES, LineCutter, type RawLine } from "./lines.ts";

/** Lines of a stream that are kept as log lines; the file of the stream has more. */
const LOG_LINES = 10_000;
/** Lines and characters of each that a message about a failure quotes. */
const LAST_LINES = 10;
const LAST_CHARACTERS = 300;

const OPEN_BRACE = 123;

/** What is done with one of the two streams of a program. */
export class StreamLog {
  readonly kept: KeptOutput;
  readonly #stream: StreamName;
  readonly #collector: MetricCollector;
  readonly #capture: Capture;
  readonly #onLine: ((text: string) => void) | undefined;
  readonly #cutter: LineCutter;
  readonly #maxBytes: number;
  readonly #last: (Buffer | undefined)[] = [];
  #isWhole = true;
  #lines = 0;
  #logged = 0;
  #loggedBytes = 0;
  /** Of a progress bar the last state is logged. */
  #overwritten: Buffer | undefined;

  constructor(given: {
    readonly stream: StreamName;
    readonly path: string;
    readonly keep: number;
    readonly collector: MetricCollector;
    readonly capture: Capture;
    readonly onLine: ((text: string) => void) | undefined;
  }) {
    this.#stream = given.stream;
    this.kept = new KeptOutput(given.path, given.keep);
    this.#collector = given.collector;
    this.#capture = given.capture;
    this.#onLine = given.onLine;
    this.#maxBytes = given.keep;
    this.#cutter = new LineCutter((line) => this.#line(line));
  }

  /** Whether the log lines hold all of the stream, so that nothing else need be kept of it. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** The last lines that are not empty, for a message. */
  get lastLines(): readonly string[] {
    const next = (this.#lines + 1) % LAST_LINES;
    return [...this.#last.slice(next), ...this.#last.slice(0, next)]
      .filter((bytes) => bytes !== undefined)
      .map((bytes) => bytes.toString("utf8").trimEnd())
      .filter((line) => line.trim() !== "")
      .map((line) => (line.length > LAST_CHARACTERS ? `${line.slice(0, LAST_CHARACTERS)}…` : line));
  }

  write(chunk: Buffer): void {
    this.kept.write(chunk);
    this.#cutter.push(chunk);
    this.#collector.flush();
  }

  end(): void {
    this.#cutter.end();
    if (this.#overwritten !== undefined) this.#whole(this.#overwritten);
    this.#collector.flush();
    this.kept.end(!this.#isWhole);
    const left = this.#lines - this.#logged;
    if (left > 0) {
      this.#capture.log(
        `(${left} more lines on ${this.#stream}; the artifact ${this.#stream}.log has its head and its tail)`,
        "info",
      );
    }
  }

  #line({ bytes, isOverwritten }: RawLine): void {
    const mayBeJson = this.#stream === "stdout" && bytes.indexOf(OPEN_BRACE) >= 0;
    if (mayBeJson || this.#collector.readsAllLines) {
      this.#collector.printed(bytes.toString("utf8"), this.#stream);
    }
    if (isOverwritten) {
      this.#overwritten = bytes;
      this.#isWhole = false;
    }
    // The line end after a progress bar ends its last state.
    else this.#whole(bytes.length === 0 && this.#overwritten !== undefined ? this.#overwritten : bytes);
  }

  #whole(bytes: Buffer): void {
    this.#overwritten = undefined;
    this.#lines += 1;
    this.#last[this.#lines % LAST_LINES] = bytes;
    if (bytes.length >= LINE_BYTES || !isUtf8(bytes)) this.#isWhole = false;
    const isLogged = this.#logged < LOG_LINES && this.#loggedBytes + bytes.length <= this.#maxBytes;
    if (!isLogged) {
      // Once one is left out, all after it are: what is kept has no holes.
      this.#loggedBytes = this.#maxBytes + 1;
      this.#isWhole = false;
    }
    if (!isLogged && this.#onLine === undefined) return;
    const text = bytes.toString("utf8");
    this.#onLine?.(text);
    if (!isLogged) return;
    this.#logged += 1;
    this.#loggedBytes += bytes.length + 1;
    this.#capture.log(text, this.#stream === "stdout" ? "info" : "warn");
  }
}
