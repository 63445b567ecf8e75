import { DefinitionError, show } from "../errors.ts";
import { createRng, deriveSeed, deriveUint32 } from "../math/random.ts";
import { checkOptions } from "../space/options.ts";
import type { RunSeeds } from "./operation.ts";

/** Random streams by name, for work that belongs to no replicate. */
export type StreamSeeds = Omit<RunSeeds, "replicate">;

/** How often each point of params is repeated, and where the randomness of the repetitions comes from. */
export interface SeedPlan {
  readonly base: number | string;
  /** Runs per trial, at least 1. */
  readonly replicates: number;
  /** Root seed of a replicate, 32 hex digits; part of the id of its runs. */
  root(replicate: number): string;
  /**
   * Streams for work that all runs share (splitting data, say). No replicate has the same ones, however many there are.
   *
   * @param name - Distinguishes several such steps. @defaultValue `"default"`
   */
  preprocessing(name?: string): StreamSeeds;
}

/** Options of {@link seeds}. */
export interface SeedOptions {
  /** Any safe integer or text; another base gives other randomness and other runs. @defaultValue `0` */
  readonly base?: number | string;
  /** Runs per trial, a positive integer. @defaultValue `1` */
  readonly replicates?: number;
}

/** Hex digits of a root: 128 bits, so that no two replicates of anyone's share one by chance. */
const ROOT_LENGTH = 32;

/**
 * Says how often each trial is repeated and from which base the seeds of the repetitions derive.
 *
 * Replicate *i* has the same seeds in every trial (common random numbers), so that trials can be compared in pairs.
 * Raising `replicates` keeps the seeds, and so the ids, of those that were there.
 *
 * @throws {@link DefinitionError} METALAB_SEEDS_BASE, METALAB_SEEDS_REPLICATES or METALAB_UNKNOWN_OPTION.
 * @example
 * ```ts
 * import { seeds } from "metalab";
 * const plan = seeds({ base: 42, replicates: 3 });
 * console.log(plan.root(0) === seeds({ base: 42, replicates: 10 }).root(0)); // true
 * const rng = plan.preprocessing("split").rng();
 * console.log(rng.shuffle([1, 2, 3]).length); // 3
 * ```
 */
export function seeds(options: SeedOptions = {}): SeedPlan {
  checkOptions("seeds()", options, ["base", "replicates"], {
    seed: 'Use "base".',
    n: 'Use "replicates".',
    count: 'Use "replicates".',
    repeats: 'Use "replicates".',
  });
  const { base: given = 0, replicates = 1 } = options;
  const base = checkSeed("seeds()", "base", given);
  if (!Number.isSafeInteger(replicates) || replicates < 1) {
    throw new DefinitionError(
      "METALAB_SEEDS_REPLICATES",
      `seeds(): replicates is a positive integer, got ${show(replicates)}. Use 1 to run each trial once.`,
      { replicates },
    );
  }
  return Object.freeze({
    base,
    replicates,
    root: (replicate: number) => rootOf(base, "replicate", replicate),
    preprocessing: (name = "default") => createStreamSeeds(rootOf(base, "preprocessing", name)),
  });
}

/** Whether a value is what {@link seeds} gives. */
export function isSeedPlan(value: unknown): value is SeedPlan {
  if (typeof value !== "object" || value === null) return false;
  const { base, replicates, root, preprocessing } = value as Partial<Record<keyof SeedPlan, unknown>>;
  return (
    (typeof base === "string" || Number.isSafeInteger(base)) &&
    Number.isSafeInteger(replicates) &&
    (replicates as number) >= 1 &&
    typeof root === "function" &&
    typeof preprocessing === "function"
  );
}

/**
 * Checks a seed given by a user and returns it; −0 becomes 0.
 *
 * @throws {@link DefinitionError} METALAB_SEEDS_BASE (for `base`) or METALAB_SEED.
 */
export function checkSeed(where: string, option: "base" | "seed", value: unknown): number | string {
  if (typeof value === "string") return value;
  if (Number.isSafeInteger(value)) return (value as number) + 0;
  throw new DefinitionError(
    option === "base" ? "METALAB_SEEDS_BASE" : "METALAB_SEED",
    `${where}: ${option} is a safe integer or text, got ${show(value)}. Write a larger number as text.`,
    { [option]: value },
  );
}

/**
 * The randomness of one run, from its root seed alone: the same in every process.
 *
 * @param root - 32 hex digits, from {@link SeedPlan.root}.
 */
export function createRunSeeds(root: string, replicate: number): RunSeeds {
  return Object.freeze({ ...createStreamSeeds(root), replicate });
}

function rootOf(base: number | string, part: string, which: number | string): string {
  return deriveSeed("metalab.seed", 1, base, part, which).slice(0, ROOT_LENGTH);
}

function createStreamSeeds(root: string): StreamSeeds {
  return Object.freeze({
    root,
    rng: (name = "default") => createRng("metalab.run", 1, root, "rng", name),
    derive: (name: string) => deriveUint32("metalab.run", 1, root, "derive", name),
  });
}
