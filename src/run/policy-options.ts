import type { Budget } from "../execution/policies/budget.ts";
import type { RetryPolicy } from "../execution/policies/retry.ts";
import type { ErrorClass } from "../experiment/record.ts";
import { isPlainObject } from "../identity/canonical.ts";

/** What `retries` may be, as text. */
export const RETRIES_NEED =
  "an integer from 0, or { count, classes?, backoffMs?, factor?, maxBackoffMs?, jitter? }";
/** What `budget` may be, as text. */
export const BUDGET_NEED =
  "{ timeMs?, graceMs?, runs?, cost? } with positive numbers, runs an integer, cost a number or one for each unit";

const CLASSES: readonly unknown[] = [
  "error",
  "timeout",
  "oom",
  "crash",
  "exit",
  "nan",
] satisfies readonly ErrorClass[];

type Tests = Readonly<Record<string, (value: unknown) => boolean>>;

const RETRY_FIELDS: Tests = {
  count: isCount,
  classes: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => CLASSES.includes(one)),
  backoffMs: isMilliseconds,
  factor: (value) => typeof value === "number" && value >= 1 && Number.isFinite(value),
  maxBackoffMs: isMilliseconds,
  jitter: (value) => typeof value === "number" && value >= 0 && value <= 1,
};

const BUDGET_FIELDS: Tests = {
  timeMs: (value) => isMilliseconds(value) && value !== 0,
  graceMs: isMilliseconds,
  runs: isCount,
  cost: (value) => isAmount(value) || (isPlainObject(value) && Object.values(value).every(isAmount)),
};

/** Whether a value says how often failed runs are tried again. */
export function isRetries(value: unknown): value is number | RetryPolicy {
  return value === 0 || isCount(value) || (hasOnly(value, RETRY_FIELDS) && value["count"] !== undefined);
}

/** Whether a value says what a sweep may use up. */
export function isBudget(value: unknown): value is Budget {
  if (!hasOnly(value, BUDGET_FIELDS)) return false;
  const { timeMs, graceMs, runs, cost } = value;
  if (graceMs !== undefined && timeMs === undefined) return false;
  return timeMs !== undefined || runs !== undefined || cost !== undefined;
}

function hasOnly(value: unknown, tests: Tests): value is Readonly<Record<string, unknown>> {
  if (!isPlainObject(value)) return false;
  return Object.entries(value).every(
    ([name, field]) => Object.hasOwn(tests, name) && (field === undefined || tests[name]!(field)),
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isMilliseconds(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < 2 ** 31;
}

function isAmount(value: unknown): boolean {
  return typeof value === "number" && value > 0 && Number.isFinite(value);
}
