import type { MetricValue } from "../../experiment/record.ts";
import type { Reading } from "./reading.ts";
import type { MetricFold } from "./sources.ts";

/** Where readings come from; of two for one metric the one of lower rank counts. */
export interface MetricOrigin {
  readonly rank: number;
  /** For people: `METALAB_METRICS`, `stdout`, `out.json:test`. */
  readonly label: string;
  /** Which of the values is the metric of the run. @defaultValue `"last"` */
  readonly fold?: MetricFold;
}

/** The ranks of the ways in which metrics reach us. */
export const RANKS = { file: 0, declared: 1, printed: 2, pattern: 3, auto: 4 } as const;

interface Account {
  origin: MetricOrigin;
  value: MetricValue;
  /** Of the greatest step so far, −1 before the first. */
  step: number;
  sum: number;
  count: number;
}

/** Takes the readings of all sources, settles which source a metric is of, and what its value is. */
export class MetricLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #take: (reading: Reading) => void;

  /** @param take - Told of each reading that counts when it comes. */
  constructor(take: (reading: Reading) => void) {
    this.#take = take;
  }

  add(origin: MetricOrigin, readings: readonly Reading[]): void {
    for (const reading of readings) {
      const account = this.#accounts.get(reading.name);
      if (account !== undefined && account.origin.rank < origin.rank) continue;
      if (account?.origin.rank === origin.rank) update(account, reading);
      else this.#accounts.set(reading.name, opened(origin, reading));
      this.#take(reading);
    }
  }

  /** What each metric is in the end. */
  values(): Record<string, MetricValue> {
    const values: Record<string, MetricValue> = {};
    for (const [name, { value, origin, sum, count }] of this.#accounts)
      values[name] = origin.fold === "mean" && count > 0 ? sum / count : value;
    return values;
  }

  /** Where each metric comes from. */
  labels(): Record<string, string> {
    return Object.fromEntries([...this.#accounts].map(([name, { origin }]) => [name, origin.label]));
  }
}

function opened(origin: MetricOrigin, { value, step = -1 }: Reading): Account {
  const isNumber = typeof value === "number";
  return { origin, value, step, sum: isNumber ? value : 0, count: isNumber ? 1 : 0 };
}

function update(account: Account, { value, step }: Reading): void {
  if (typeof value === "number") {
    account.sum += value;
    account.count += 1;
  }
  switch (account.origin.fold) {
    case "first":
    case "mean":
      return;
    case "min":
    case "max":
      if (typeof value !== "number") return;
      // NaN is neither: as long as there is a number, that counts.
      if (typeof account.value !== "number" || Number.isNaN(account.value)) account.value = value;
      else if (account.origin.fold === "min" ? value < account.value : value > account.value)
        account.value = value;
      return;
    default:
      // Of points the last step counts; what has no step is said of the run as a whole.
      if (step === undefined) account.value = value;
      else if (step >= account.step) {
        account.value = value;
        account.step = step;
      }
  }
}
