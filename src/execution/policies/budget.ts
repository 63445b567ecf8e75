import type { MetricValue } from "../../experiment/record.ts";
import { countText, durationText } from "../progress/text.ts";

/** What a sweep may use up. Once it is used up no run is started; those in flight finish. */
export interface Budget {
  /** Milliseconds from the call of `run()`, more than 0. */
  readonly timeMs?: number;
  /** Milliseconds after `timeMs` at which runs in flight are told to stop, from 0; without it they finish. */
  readonly graceMs?: number;
  /** Executions of the operation, retries included, a positive integer. */
  readonly runs?: number;
  /**
   * Sum of what runs report with `capture.cost(amount)`, more than 0; an object limits costs by their unit:
   * `{ usd: 5 }`.
   */
  readonly cost?: number | Readonly<Record<string, number>>;
}

/** Name of the metric that sums a cost. */
export function costMetric(unit: string | undefined): string {
  return unit === undefined || unit === "" ? "cost" : `cost.${unit}`;
}

/** Adds up what a sweep uses. */
export class BudgetGate {
  readonly #runs: number;
  readonly #costs: readonly { readonly metric: string; readonly limit: number; spent: number }[];
  #started = 0;

  constructor({ runs, cost }: Budget) {
    this.#runs = runs ?? Number.POSITIVE_INFINITY;
    const limits = typeof cost === "number" ? { "": cost } : (cost ?? {});
    this.#costs = Object.entries(limits).map(([unit, limit]) => ({
      metric: costMetric(unit),
      limit,
      spent: 0,
    }));
  }

  /** Takes one start from the budget. @returns what is used up instead, as text. */
  start(): string | undefined {
    if (this.#started >= this.#runs) return `budget.runs (${countText(this.#runs)})`;
    this.#started += 1;
    return undefined;
  }

  /** Takes what a run cost. @returns what is used up by it, as text. */
  spend(metrics: Readonly<Record<string, MetricValue>>): string | undefined {
    let used: string | undefined;
    for (const cost of this.#costs) {
      const amount = metrics[cost.metric];
      if (typeof amount === "number" && Number.isFinite(amount)) cost.spent += amount;
      if (cost.spent >= cost.limit) {
        const unit = cost.metric === "cost" ? "" : ` ${cost.metric.slice("cost.".length)}`;
        used ??= `budget.cost (${cost.limit}${unit}, used ${Number(cost.spent.toPrecision(6))})`;
      }
    }
    return used;
  }
}

/** The limit of time as text. */
export function timeLimitText(timeMs: number): string {
  return `budget.timeMs (${durationText(timeMs)})`;
}
