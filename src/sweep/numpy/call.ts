import { closest } from "../../space/nearest.ts";
import { faultError } from "../flags/pointing.ts";
import type { ArgumentNode, CallNode } from "../flags/syntax.ts";
import { bind, type Refuse, sizeNames, sizeOf } from "./bound-arguments.ts";
import { type ChoiceRequest, choices } from "./choice.ts";
import { type ChoiceValue, choiceRequest } from "./choice-call.ts";
import { NUMPY_DISTRIBUTIONS, type NumpyDistribution, VECTOR_DISTRIBUTIONS } from "./distributions.ts";
import type { RandomState } from "./random-state.ts";

/** Numbers asked of a distribution, checked. */
export interface NumpyCall {
  readonly name: string;
  readonly isInteger: boolean;
  /** How many are drawn, at least 1. */
  readonly size: number;
  /** The parameters, in the order of NumPy; of `choice` none. */
  readonly parameters: readonly number[];
  /** What `choice` chooses from; absent for numbers. */
  readonly values?: readonly ChoiceValue[];
  /** Of `choice`, whether a value may come twice. */
  readonly request?: ChoiceRequest;
  /** The draws, one after another; of values to choose from, their positions. */
  draws(random: RandomState): Iterator<number>;
}

/** Whether a name is of something that NumPy draws from. */
export function isNumpyName(name: string): boolean {
  return NUMPY_DISTRIBUTIONS.has(name) || VECTOR_DISTRIBUTIONS.has(name) || name === "choice";
}

/** The name of a distribution that was probably meant. */
export function nearestNumpyName(name: string): string | undefined {
  return closest(name, [...NUMPY_DISTRIBUTIONS.keys(), "choice"]);
}

/**
 * Checks a call of a distribution as NumPy would.
 *
 * @param text - the value of the flag that the call is in.
 * @throws {@link DefinitionError} METALAB_FLAG
 */
export function numpyCall(flag: string, text: string, call: CallNode): NumpyCall {
  const refuse: Refuse = (at, problem, advice) => {
    throw faultError({ flag, text, at, problem, advice });
  };
  if (VECTOR_DISTRIBUTIONS.has(call.name)) {
    refuse(
      call.at,
      `a flag takes single values, got ${call.name}, whose draws are vectors`,
      "Draw each number by a flag of its own, or list the vectors: [[0.2, 0.8], [0.5, 0.5]].",
    );
  }
  if (call.name === "choice") {
    const { request, values } = choiceRequest(call, refuse);
    return {
      name: "choice",
      isInteger: false,
      size: request.size,
      parameters: [],
      values,
      request,
      draws: (random) => choices(random, request),
    };
  }
  const distribution = NUMPY_DISTRIBUTIONS.get(call.name)!;
  const bound = bind(
    call,
    [...distribution.parameters.map(({ name }) => name), ...sizeNames(call.name)],
    refuse,
  );
  const parameters = settled(distribution, call, bound, refuse);
  const size = sizeOf(bound.get("size") ?? bound.get("d0"), refuse);
  return {
    name: call.name,
    isInteger: distribution.isInteger,
    size,
    parameters,
    *draws(random) {
      for (let drawn = 0; drawn < size; drawn += 1) yield distribution.draw(random, ...parameters);
    },
  };
}

function settled(
  distribution: NumpyDistribution,
  call: CallNode,
  bound: ReadonlyMap<string, ArgumentNode>,
  refuse: Refuse,
): readonly number[] {
  const given = distribution.parameters.map(({ name, need, default: byDefault }) => {
    const argument = bound.get(name);
    if (argument === undefined) {
      if (byDefault === "absent") return undefined;
      if (byDefault !== undefined) return byDefault;
      return refuse(call.end, `${call.name} needs ${name}, got none`, `Write ${signature(distribution)}.`);
    }
    const { value: node } = argument;
    if (node.kind === "constant" && node.value === null && byDefault === "absent") return undefined;
    if (node.kind === "number" && need.isMet(node.value)) return node.value;
    return refuse(node.at, `${name} of ${call.name} is ${need.what}, got ${node.text}`, "Correct it.");
  });
  const parameters = distribution.settle(given);
  const broken = distribution.relations.find(({ isMet }) => !isMet(...parameters));
  if (broken === undefined) return parameters;
  const argument = bound.get(broken.parameter) ?? bound.get(distribution.parameters[0]!.name);
  return refuse(
    argument?.value.at ?? call.end,
    `${broken.parameter} of ${call.name} ${broken.what}, got ${parameters.join(", ")}`,
    `Write ${signature(distribution)}.`,
  );
}

function signature({ name, parameters }: NumpyDistribution): string {
  return `${name}(${[...parameters.map((parameter) => parameter.name), ...sizeNames(name)].join(", ")})`;
}
