import { createContext, Script } from "node:vm";
import { DefinitionError, messageOf, OperationError, reasonOf, show } from "../../errors.ts";
import type { MetricValue } from "../../experiment/record.ts";
import { numberOf } from "./auto.ts";
import { type Reading, stepOf } from "./reading.ts";
import type { MetricPattern } from "./sources.ts";

/** Milliseconds that all patterns together may take for one batch of lines. */
const PATTERN_MS = 1_000;
/** Characters of a line that patterns see. */
const PATTERN_CHARACTERS = 4_096;

/** Finds all matches of all patterns in all lines: an array [pattern, value text, step text or nothing] for each. */
const SEARCH = new Script(`(() => {
  const found = [];
  for (const line of lines) {
    for (const [at, pattern] of patterns.entries()) {
      for (const match of line.matchAll(pattern)) {
        found.push([at, match.groups?.value ?? match[1] ?? match[0], match.groups?.step]);
      }
    }
  }
  return found;
})()`);

type Found = readonly [pattern: number, value: string, step: string | undefined];

/** Finds metrics in lines by regular expressions, and lets none of these take longer than a second for a batch. */
export class PatternReader {
  readonly #patterns: readonly MetricPattern[];
  readonly #context: { lines: readonly string[]; readonly patterns: readonly RegExp[] };
  /** Matches of each pattern so far. */
  readonly #counts: number[];

  constructor(patterns: readonly MetricPattern[]) {
    this.#patterns = patterns;
    this.#counts = patterns.map(() => 0);
    this.#context = { lines: [], patterns: patterns.map(checkPattern) };
    createContext(this.#context);
  }

  /**
   * What a batch of lines holds, in order. A value whose pattern names no step has as its step how many came before it.
   *
   * @throws {@link OperationError} METALAB_METRIC_PATTERN_SLOW
   */
  read(lines: readonly string[]): readonly Reading[] {
    this.#context.lines = lines.map((line) => line.slice(0, PATTERN_CHARACTERS));
    let found: readonly Found[];
    try {
      found = SEARCH.runInContext(this.#context, { timeout: PATTERN_MS }) as readonly Found[];
    } catch (error) {
      throw this.#tooSlow(error);
    }
    return Array.from(found, ([at, value, step]) => {
      const given = step === undefined ? undefined : stepOf(Number(step));
      const reading = {
        name: this.#patterns[at]!.name,
        value: scalarOf(value),
        step: given ?? this.#counts[at]!,
      };
      this.#counts[at]! += 1;
      return reading;
    });
  }

  #tooSlow(error: unknown): OperationError {
    const names = this.#patterns.map(({ name, pattern }) => `${name}=/${pattern}/`).join(", ");
    return new OperationError(
      "METALAB_METRIC_PATTERN_SLOW",
      `metric patterns: they take less than ${PATTERN_MS} ms for the lines that come at once, got ${messageOf(error)} (${names}). Nested repetitions such as (a+)+ take time without end: write the pattern without them.`,
      {},
      { cause: error },
    );
  }
}

/** A number where it is one, else the text. */
function scalarOf(text: string): MetricValue {
  const number = numberOf(text);
  return Number.isNaN(number) && !/^\s*[-+]?nan\s*$/i.test(text) ? text : number;
}

/**
 * The regular expression of a pattern.
 *
 * @throws {@link DefinitionError} METALAB_METRIC_PATTERN when it is none.
 */
export function checkPattern({ name, pattern, flags = "" }: MetricPattern): RegExp {
  try {
    return new RegExp(pattern, `${flags.replaceAll(/[gy]/g, "")}g`);
  } catch (error) {
    throw new DefinitionError(
      "METALAB_METRIC_PATTERN",
      `metric ${show(name)}: between the slashes stands a regular expression of JavaScript, got ${reasonOf(error)}. Correct it; a slash, a dot or a bracket that is meant as such has a backslash before it.`,
      { name, pattern },
      { cause: error },
    );
  }
}
