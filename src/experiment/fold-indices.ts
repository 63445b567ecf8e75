import { DefinitionError, show } from "../errors.ts";
import { createRng } from "../math/random.ts";
import { checkOptions } from "../space/options.ts";
import { checkSeed } from "./seeds.ts";

/** What tells equal labels from others: numbers, texts or truth values. */
export type FoldLabel = string | number | boolean;

/** Options of {@link foldIndices}. */
export interface FoldIndexOptions {
  /** Index of the fold, from 0: the `fold` that the operation gets. Without one there is nothing to split. */
  readonly fold: number | undefined;
  /** Number of folds, an integer of at least 2: as in `folds({ count })`. */
  readonly count: number;
  /** Any safe integer or text; another seed shuffles otherwise. The same for all folds of one split. @defaultValue `0` */
  readonly seed?: number | string;
  /**
   * A label for each item: every fold gets the same number of items of each label, or one more.
   * @defaultValue labels make no difference
   */
  readonly stratify?: ArrayLike<FoldLabel>;
}

/** Which items a fold trains with, and which it is validated with. Both ascending; together they are all items. */
export interface FoldIndices {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

const MOST_ITEMS = 2 ** 31 - 1;

/**
 * Splits items into folds at random and gives the split of one of them: each item is in the validation part of exactly
 * one fold. Sizes of the folds differ by at most 1; so do, with `stratify`, the numbers of items of each label. The same
 * options give the same split on every machine, so that the folds of a cross-validation fit together though each is a
 * run of its own.
 *
 * Shuffled items are dealt to the folds in turn, those of one label after those of another (Kohavi, "A study of
 * cross-validation and bootstrap for accuracy estimation and model selection", IJCAI 1995, on stratified folds).
 *
 * @param length - number of items, from `count` to 2^31 − 1.
 * @throws {@link DefinitionError} METALAB_FOLDS when length, fold or count is out of range, or labels are missing or of
 * another kind; METALAB_SEED, METALAB_UNKNOWN_OPTION.
 * @example
 * ```ts
 * import { Experiment, foldIndices, folds, grid, memoryStore, run } from "metalab";
 * const { train, validation } = foldIndices(10, { fold: 0, count: 5, seed: 1 });
 * console.log(train.length, validation.length); // 8 2
 *
 * const data = [3, 5, 4, 6, 5, 4, 5, 3, 6, 5];
 * const experiment = new Experiment({
 *   name: "shrunken-mean",
 *   params: grid({ weight: [0.5, 1] }),
 *   folds: folds({ count: 5 }),
 *   operation: ({ params, fold }) => {
 *     const { train, validation } = foldIndices(data.length, { fold, count: 5 });
 *     const mean = train.reduce((sum, at) => sum + data[at]!, 0) / train.length;
 *     const errors = Array.from(validation, (at) => (data[at]! - params.weight * mean) ** 2);
 *     return { error: errors.reduce((sum, one) => sum + one, 0) / errors.length };
 *   },
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * console.log(results.filter({ fold: 0 }).length); // 2
 * ```
 */
export function foldIndices(length: number, options: FoldIndexOptions): FoldIndices {
  checkOptions("foldIndices()", options, ["fold", "count", "seed", "stratify"], {
    folds: 'Use "count" for their number, "fold" for the index of one.',
    n_splits: 'Use "count".',
    labels: 'Use "stratify".',
    random_state: 'Use "seed".',
  });
  const { fold, count, stratify, seed = 0 } = options;
  checkPlace(length, fold, count);
  const rng = createRng("folds", checkSeed("foldIndices()", "seed", seed));
  const order = strata(length, stratify).flatMap((items) => rng.shuffle(items));
  const isHeldOut = new Uint8Array(length);
  for (let at = fold; at < length; at += count) isHeldOut[order[at]!] = 1;
  const size = Math.ceil((length - fold) / count);
  const validation = new Int32Array(size);
  const train = new Int32Array(length - size);
  for (let item = 0, inTrain = 0, inValidation = 0; item < length; item += 1) {
    if (isHeldOut[item] === 1) validation[inValidation++] = item;
    else train[inTrain++] = item;
  }
  return { train, validation };
}

/** The items of each label, labels in the order in which they come first. */
function strata(length: number, labels: ArrayLike<FoldLabel> | undefined): readonly (readonly number[])[] {
  if (labels === undefined) return [Array.from({ length }, (_, item) => item)];
  if (typeof labels !== "object" || labels === null || labels.length !== length) {
    const got =
      typeof labels === "object" && labels !== null ? `${show(labels.length)} labels` : show(labels);
    throw problem(
      `stratify has a label for each of the ${length} items, got ${got}. Leave it out to split without labels.`,
      { length, stratify: labels },
    );
  }
  const groups = new Map<FoldLabel, number[]>();
  for (let item = 0; item < length; item += 1) {
    const label = labels[item]!;
    if (!["string", "number", "boolean"].includes(typeof label)) {
      throw problem(
        `labels in stratify are numbers, texts or truth values, got ${show(label)} for item ${item}. Give a label that says the class.`,
        { item, label },
      );
    }
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function checkPlace(length: number, fold: number | undefined, count: number): asserts fold is number {
  if (!Number.isSafeInteger(count) || count < 2) {
    throw problem(`count is an integer of at least 2, got ${show(count)}. Write count: 5.`, { count });
  }
  if (!Number.isSafeInteger(length) || length < count || length > MOST_ITEMS) {
    throw problem(
      `length is an integer from ${count}, so that no fold is empty, to 2^31 - 1, got ${show(length)}. Give the number of items.`,
      { length, count },
    );
  }
  if (fold === undefined) {
    throw problem(
      `fold is an integer from 0 to ${count - 1}, got undefined. Give the experiment folds: folds({ count: ${count} }), and its operation gets one.`,
      { fold, count },
    );
  }
  if (!Number.isSafeInteger(fold) || fold < 0 || fold >= count) {
    throw problem(
      `fold is an integer from 0 to ${count - 1}, got ${show(fold)}. Make count that of folds({ count }).`,
      {
        fold,
        count,
      },
    );
  }
}

function problem(text: string, details: Readonly<Record<string, unknown>>): DefinitionError {
  return new DefinitionError("METALAB_FOLDS", `foldIndices(): ${text}`, details);
}
