import {
  choice,
  type Distribution,
  int,
  lognormal,
  loguniform,
  normal,
  uniform,
} from "../../space/distribution.ts";
import type { NumpyCall } from "../numpy/call.ts";
import type { Sweep, SweepFlag } from "./sweep.ts";
import { keyOf } from "./values.ts";

/** What a search may choose from, made of the flags of a sweep. */
export interface SweepSpace {
  readonly space: Readonly<Record<string, Distribution>>;
  /** What became of flags that do not mean quite the same to a search. */
  readonly notices: readonly string[];
}

/** Most draws that are listed where a search cannot have the distribution itself. */
const MOST_LISTED = 10_000;

/**
 * The flags of a sweep as a space for a search: lists are choices, ranges integers or numbers with a step, and
 * `uniform(low, high, n)` any number from `low` to `high`, whatever the `n`; likewise `loguniform`, `normal`, `lognormal` and
 * integers. Of other distributions a search chooses among the values that were drawn.
 */
export function spaceOfSweep({ flags }: Sweep): SweepSpace {
  const notices: string[] = [];
  const entries = flags.map((flag) => [flag.word.name, distributionOf(flag, notices)] as const);
  return { space: Object.fromEntries(entries), notices };
}

function distributionOf({ word, values }: SweepFlag, notices: string[]): Distribution {
  const { call, bounds } = values;
  const label = word.head || word.name;
  if (bounds !== undefined) return fromRange(values.isFloat, bounds);
  if (call === undefined) return choice(listed(values, values.length));
  const continuous = fromCall(call);
  if (continuous === undefined) {
    const drawn = distinct(listed(values, MOST_LISTED));
    notices.push(`${label}: the search chooses among ${drawn.length} values drawn from ${call.name}.`);
    return choice(drawn);
  }
  if (call.size > 1) {
    notices.push(
      `${label}: the search chooses from all of ${call.name}(${call.parameters.join(", ")}), so the size ${call.size} is not used.`,
    );
  }
  return continuous;
}

function listed({ length, at }: SweepFlag["values"], most: number): unknown[] {
  // A flag that is left out is null among the params.
  return Array.from({ length: Math.min(length, most) }, (_, position) => at(position) ?? null);
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}

function fromRange(
  isFloat: boolean,
  { first, last, step }: NonNullable<SweepFlag["values"]["bounds"]>,
): Distribution {
  const [low, high] = [Math.min(first, last), Math.max(first, last)];
  if (isFloat || !Number.isSafeInteger(step)) return uniform(low, high, { step });
  return int(low, high, { step });
}

/** The distribution itself, where a search can have it. */
function fromCall({ name, parameters, values, request }: NumpyCall): Distribution | undefined {
  const [a = 0, b = 0] = parameters;
  switch (name) {
    case "uniform":
      return uniform(Math.min(a, b), Math.max(a, b));
    case "rand":
    case "random":
    case "random_sample":
      return uniform(0, 1);
    case "loguniform":
      return loguniform(a, b);
    case "normal":
      return b > 0 ? normal(a, b) : undefined;
    case "randn":
    case "standard_normal":
      return normal(0, 1);
    case "lognormal":
      return b > 0 ? lognormal(a, b) : undefined;
    case "randint":
      return int(a, b - 1);
    case "random_integers":
      return int(a, b);
    case "choice":
      return request?.p === undefined && values !== undefined
        ? choice(distinct(values.map(({ value }) => value)))
        : undefined;
    default:
      return undefined;
  }
}
