import { encodeContext, inputsOf } from "../experiment/context.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { fingerprint } from "../identity/ids.ts";

/** What two definitions of one name and version are compared by: part → fingerprint. */
export interface DefinitionParts {
  readonly "params source": string;
  readonly defaults: string;
  readonly seeds: string;
  readonly folds: string;
  readonly context: string;
  readonly objective: string;
  /** `undefined` where the text depends on who transpiled it. */
  readonly "operation text": string | undefined;
}

/** The parts of a definition that must be the same in a worker. Context files count by path here. */
export function definitionParts(
  experiment: Experiment,
  options: { readonly withText: boolean },
): DefinitionParts {
  const { params, defaults, seeds, folds, context, objectives, operation } = experiment;
  const print = (value: unknown): string => fingerprint("metalab.definition", 1, value);
  return {
    "params source": print({ length: params.length, source: params.describe() }),
    defaults: print(defaults),
    seeds: print({ base: seeds.base, replicates: seeds.replicates }),
    folds: print(folds === undefined ? null : folds.count),
    context: print(
      context === undefined ? null : { inputs: inputsOf(context), value: contextValue(context) },
    ),
    objective: print(objectives),
    "operation text": options.withText ? print(Function.prototype.toString.call(operation)) : undefined,
  };
}

/** Names of the parts in which two definitions differ. */
export function differences(a: DefinitionParts, b: DefinitionParts): readonly string[] {
  const names = Object.keys(a) as readonly (keyof DefinitionParts)[];
  return names.filter((name) => a[name] !== undefined && b[name] !== undefined && a[name] !== b[name]);
}

function contextValue(context: unknown): unknown {
  const hashes = inputsOf(context).map(() => "");
  return encodeContext(context, hashes);
}
