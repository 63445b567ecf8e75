import { isMetricName, type Reading, STEP_NAMES, stepOf } from "./reading.ts";

/** `name: number` and `name=number`, where neither is a part of something longer (a time, a path, an address). */
const PAIR =
  /(?<![\w./\\-])([A-Za-z_][\w./-]{0,80}?)[ \t]{0,3}(?::[ \t]{0,8}|=[ \t]{0,8})([-+]?(?:\d{1,40}(?:\.\d{0,40})?(?:e[-+]?\d{1,3})?|\.\d{1,40}(?:e[-+]?\d{1,3})?|inf(?:inity)?|nan))(?![\w:/\\]|\.\d)/gi;

/** `epoch 3`, `Epoch 3/10`, `step: 3`: what the values of this line, and of those that follow, belong to. */
const STEP = /(?<![\w.-])(step|epoch)[ \t]{0,3}[:=#]?[ \t]{0,3}\[?(\d{1,15})(?![\w.])/i;

/** Reads `name: number` and `name=number` out of lines in their order: a step, once named, holds until the next one. */
export class AutoReader {
  #step: number | undefined;

  read(line: string): readonly Reading[] {
    const named = stepOf(Number(STEP.exec(line)?.[2] ?? Number.NaN));
    if (named !== undefined) this.#step = named;
    const readings: Reading[] = [];
    for (const [, name = "", text = ""] of line.matchAll(PAIR)) {
      if (STEP_NAMES.includes(name.toLowerCase()) || !isMetricName(name)) continue;
      readings.push({ name, value: numberOf(text), step: this.#step });
    }
    return readings;
  }
}

/** A number as programs print it: also `inf` and `nan`, in any case. */
export function numberOf(text: string): number {
  const bare = text.trim().toLowerCase();
  const word = /^([-+]?)(inf|infinity)$/.exec(bare);
  if (word !== null) return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (bare === "") return Number.NaN;
  return Number(bare);
}
