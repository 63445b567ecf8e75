import { stripVTControlCharacters } from "node:util";
import { AutoReader } from "./auto.ts";
import { readJsonLine, readPrintedJson } from "./json-line.ts";
import { MetricLedger, type MetricOrigin, RANKS } from "./ledger.ts";
import { PatternReader } from "./pattern.ts";
import type { Reading } from "./reading.ts";
import type { MetricFile, MetricSources } from "./sources.ts";

/** The stream that a line was printed on. */
export type StreamName = "stdout" | "stderr";

const METRICS_FILE: MetricOrigin = { rank: RANKS.file, label: "METALAB_METRICS" };

/** Reads the metrics of one run out of all that its program writes, as it comes. */
export class MetricCollector {
  readonly ledger: MetricLedger;
  readonly #sources: MetricSources;
  readonly #patterns: PatternReader | undefined;
  readonly #auto: Readonly<Record<StreamName, AutoReader>> | undefined;
  /** Lines that patterns have not seen yet. */
  #waiting: string[] = [];
  #stream: StreamName = "stdout";

  /** @param take - Told of each reading that counts. */
  constructor(sources: MetricSources, take: (reading: Reading) => void) {
    this.ledger = new MetricLedger(take);
    this.#sources = sources;
    const { patterns = [], auto = false } = sources;
    this.#patterns = patterns.length === 0 ? undefined : new PatternReader(patterns);
    this.#auto = auto ? { stdout: new AutoReader(), stderr: new AutoReader() } : undefined;
  }

  /** Whether lines have to be looked at that do not look like JSON. */
  get readsAllLines(): boolean {
    return this.#patterns !== undefined || this.#auto !== undefined;
  }

  /** A line of the file that `METALAB_METRICS` names. @returns whether it was one. */
  fileLine(line: string): boolean {
    const readings = readJsonLine(line);
    if (readings !== undefined) this.ledger.add(METRICS_FILE, readings);
    return readings !== undefined;
  }

  /** A line that was printed. Patterns see it with {@link flush}. */
  printed(line: string, stream: StreamName): void {
    const text = stripVTControlCharacters(line);
    const readings = stream === "stdout" ? readPrintedJson(text) : undefined;
    if (readings !== undefined) {
      this.ledger.add({ rank: RANKS.printed, label: "stdout" }, readings);
    } else if (this.#auto !== undefined) {
      this.ledger.add({ rank: RANKS.auto, label: `auto (${stream})` }, this.#auto[stream].read(text));
    }
    if (this.#patterns === undefined) return;
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    this.#waiting.push(text);
  }

  /**
   * Lets patterns see the lines that came since the last time.
   *
   * @throws {@link OperationError} METALAB_METRIC_PATTERN_SLOW
   */
  flush(): void {
    if (this.#waiting.length === 0 || this.#patterns === undefined) return;
    const lines = this.#waiting;
    this.#waiting = [];
    for (const reading of this.#patterns.read(lines)) {
      const fold = this.#sources.patterns?.find(({ name }) => name === reading.name)?.fold ?? "last";
      this.ledger.add({ rank: RANKS.pattern, label: `pattern (${this.#stream})`, fold }, [reading]);
    }
  }

  /** What a file that was declared holds. */
  declared({ path, at }: MetricFile, readings: readonly Reading[]): void {
    const label = at === undefined ? path : `${path}:${at}`;
    this.ledger.add({ rank: RANKS.declared, label }, readings);
  }
}
