import { DefinitionError, show } from "../errors.ts";
import { mayBeFilter } from "../experiment/filter/tree.ts";
import type { Plan } from "../experiment/plan.ts";
import { canonicalText } from "../identity/canonical.ts";
import type { Only } from "./options.ts";
import type { Pace } from "./pace.ts";
import { planFilter } from "./plan-filter.ts";

/** Some positions of a plan, in order. */
export interface PlanSelection {
  readonly length: number;
  /** Whether it is the whole plan. */
  readonly isAll: boolean;
  /** Position in the plan of the run at `index` of the selection. */
  at(index: number): number;
}

/** Looks at the clock only after so many runs. */
const STRIDE = 64;
/** More runs are not worked through one by one: their ids alone would take more than 6 GB. */
const LONGEST = 2 ** 27;

/**
 * The part of a plan that is to be run.
 *
 * @throws {@link DefinitionError} METALAB_PLAN_LENGTH when there are too many to work through, METALAB_ONLY_UNKNOWN when
 * an id, prefix or param names no run of the plan, METALAB_ONLY_AMBIGUOUS when a prefix names several,
 * METALAB_FILTER_TEXT and METALAB_FILTER_TYPE for a filter.
 */
export async function select(plan: Plan, only: Only | undefined, pace: Pace): Promise<PlanSelection> {
  const wanted = typeof only === "number" ? Math.min(only, plan.length) : plan.length;
  if (wanted > LONGEST) {
    throw new DefinitionError(
      "METALAB_PLAN_LENGTH",
      `run(): a sweep works through at most ${LONGEST} runs, got ${wanted}. Take some of the points with sample(source, n, seed), or the first ones with only: 1000.`,
      { runs: wanted, limit: LONGEST },
    );
  }
  if (only === undefined) return { length: plan.length, isAll: true, at: (index) => index };
  if (typeof only === "number")
    return { length: wanted, isAll: wanted === plan.length, at: (index) => index };
  if (typeof only === "string" && !mayBeFilter(only)) {
    return chosen([await findId(plan, only.toLowerCase(), pace)]);
  }
  const test =
    typeof only === "function"
      ? only
      : typeof only === "string"
        ? planFilter(plan, only)
        : sameParams(plan, only);
  const positions: number[] = [];
  for (let position = 0; position < plan.length; position++) {
    const { trial, replicate, fold, params } = plan.spec(position);
    if (test({ trial, replicate, fold: fold?.index, params })) positions.push(position);
    if (position % STRIDE === 0 && pace.isDue) await pace.turn();
  }
  return chosen(positions);
}

function chosen(positions: readonly number[]): PlanSelection {
  return { length: positions.length, isAll: false, at: (index) => positions[index]! };
}

async function findId(plan: Plan, prefix: string, pace: Pace): Promise<number> {
  const found = new Map<string, number>();
  for (let position = 0; position < plan.length && found.size < 2; position++) {
    const { id } = plan.spec(position);
    if (id.startsWith(prefix) && !found.has(id)) found.set(id, position);
    if (id === prefix) break;
    if (position % STRIDE === 0 && pace.isDue) await pace.turn();
  }
  const [first, second] = found.keys();
  if (first !== undefined && second === undefined) return found.get(first)!;
  if (first === undefined) {
    throw new DefinitionError(
      "METALAB_ONLY_UNKNOWN",
      `run(): only names an id of this plan, got ${show(prefix)}, which none of its ${plan.length} runs has. Ids change with name, version, context, params and seed: look it up again.`,
      { only: prefix },
    );
  }
  throw new DefinitionError(
    "METALAB_ONLY_AMBIGUOUS",
    `run(): only names one run, got ${show(prefix)}, with which several begin (${[...found.keys()].map((id) => id.slice(0, 16)).join(", ")}, …). Give more digits.`,
    { only: prefix },
  );
}

/** Whether each of these params has the value; equality is that of ids. */
function sameParams(
  plan: Plan,
  wanted: Readonly<Record<string, unknown>>,
): (run: { readonly params: Readonly<Record<string, unknown>> }) => boolean {
  const texts = Object.entries(wanted).map(
    ([name, value]) => [name, canonicalText(value, `only.${name}`)] as const,
  );
  const first = plan.length > 0 ? plan.spec(0).params : {};
  for (const [name] of texts) {
    if (Object.hasOwn(first, name) || plan.length === 0) continue;
    const appears = Array.from({ length: Math.min(plan.length, 1_000) }, (_, i) => plan.spec(i).params).some(
      (params) => Object.hasOwn(params, name),
    );
    if (!appears) {
      throw new DefinitionError(
        "METALAB_ONLY_UNKNOWN",
        `run(): only names params of the experiment, got ${show(name)}. Its params are ${Object.keys(first).join(", ")}.`,
        { only: name },
      );
    }
  }
  return ({ params }) =>
    texts.every(
      ([name, text]) => Object.hasOwn(params, name) && canonicalText(params[name], `params.${name}`) === text,
    );
}
