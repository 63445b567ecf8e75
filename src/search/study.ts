import { DefinitionError, MetalabError, reasonOf, show } from "../errors.ts";
import { createRng, type Rng } from "../math/random.ts";
import { spaceContains } from "../space/space.ts";
import type { UnitSpace } from "../space/units.ts";
import { History, type ObservedTrial, type TrialOutcome } from "./history.ts";
import type { Objective } from "./objective.ts";
import type { PendingTrial, Sampler, SuggestInput, Suggestion } from "./sampler.ts";

/** Params of one point. */
export type Point = Readonly<Record<string, unknown>>;

/** What a search is made of. */
export interface StudySettings {
  readonly space: UnitSpace;
  readonly sampler: Sampler;
  readonly objectives: readonly Objective[];
  /** Number of constraints: the length of `violations` of each outcome. */
  readonly constraints: number;
  readonly seed: number | string;
  /** Points, whole or in part, that are tried first; the sampler fills in what they leave out. */
  readonly start: readonly Point[];
}

/** A trial that was asked for. */
export interface AskedTrial extends PendingTrial {
  /** What proposed it, for people. */
  readonly by: string;
}

/**
 * A search as a state: trials are asked for, in order, and told, in any order. Everything that searches goes
 * through it, so all of it gives the same trials: what a trial is depends on the settings, its number, and the
 * trials that had been told when it was asked for.
 */
export class Study {
  readonly settings: StudySettings;
  readonly history: History;
  readonly #pending = new Map<number, PendingTrial>();
  #asked = 0;

  constructor(settings: StudySettings) {
    this.settings = settings;
    this.history = new History(settings.space);
  }

  /** How many trials were asked for: the number of the next one. */
  get asked(): number {
    return this.#asked;
  }

  /** The trials that were asked for and not told, by number. */
  get pending(): readonly PendingTrial[] {
    return [...this.#pending.values()];
  }

  isPending(number: number): boolean {
    return this.#pending.has(number);
  }

  /**
   * Takes in a trial that was not asked for here, such as one that a store knows.
   *
   * @param params - a point of the space.
   */
  learn(params: Point, outcome: TrialOutcome): void {
    const known = this.history.length;
    this.history.add(-1 - known, params, outcome);
  }

  /**
   * The next trial.
   *
   * @param trials - number of trials of the whole search, where it is known.
   */
  ask(trials?: number): AskedTrial {
    return this.#take(this.next(trials));
  }

  /** What the next trial would be; nothing is changed. */
  next(trials?: number): Suggestion {
    const { space, objectives, constraints, seed, start } = this.settings;
    const number = this.#asked;
    const rng = lazily(() => createRng("metalab.search", 1, seed, number));
    const given = start[number];
    if (given !== undefined && spaceContains(space.space, given)) return { params: given, by: "start" };
    const suggestion = this.#suggested({
      number,
      space,
      objectives,
      constraints,
      history: this.history,
      pending: this.pending,
      trials,
      seed,
      get rng() {
        return rng();
      },
    });
    return given === undefined
      ? suggestion
      : { params: completed(space, given, suggestion.params, rng()), by: "start" };
  }

  /** What the sampler proposes, which may be one of the user's own. */
  #suggested(input: SuggestInput): Suggestion {
    const { sampler, space } = this.settings;
    const where = `Sampler "${sampler.name}", trial ${input.number}`;
    let suggestion: Suggestion;
    try {
      suggestion = sampler.suggest(input);
    } catch (error) {
      if (error instanceof MetalabError) throw error;
      throw new DefinitionError(
        "METALAB_SAMPLER_FAILED",
        `${where}: suggest() must give params, got ${error instanceof Error ? `${error.name}: ${reasonOf(error)}` : show(error)}. Correct the sampler.`,
        { trial: input.number },
        { cause: error },
      );
    }
    if (spaceContains(space.space, suggestion.params)) return suggestion;
    throw new DefinitionError(
      "METALAB_SAMPLER_POINT",
      `${where}: suggest() must give a point of the space, got ${show(suggestion.params)}. Take it from space.decode(…).`,
      { trial: input.number, params: suggestion.params },
    );
  }

  /** Takes the next trial from a journal instead of the sampler. */
  adopt(suggestion: Suggestion): AskedTrial {
    return this.#take(suggestion);
  }

  /**
   * Tells how a trial ended.
   *
   * @throws {@link DefinitionError} METALAB_SEARCH_TELL when it was never asked for or was told before.
   */
  tell(number: number, outcome: TrialOutcome): ObservedTrial {
    const trial = this.#pending.get(number);
    if (trial === undefined) {
      const isKnown = Number.isInteger(number) && number >= 0 && number < this.#asked;
      throw new DefinitionError(
        "METALAB_SEARCH_TELL",
        isKnown
          ? `tell(): a trial is told once, got trial ${number} again. Ask for a new one.`
          : `tell(): only trials that were asked for can be told, got ${show(number)}; ${this.#asked} were asked for. Give what ask() returned.`,
        { number, asked: this.#asked },
      );
    }
    this.#pending.delete(number);
    return this.history.add(number, trial.params, outcome);
  }

  #take({ params, by }: Suggestion): AskedTrial {
    const trial = Object.freeze({ number: this.#asked, params: Object.freeze({ ...params }), by });
    this.#pending.set(trial.number, trial);
    this.#asked += 1;
    return trial;
  }
}

/** Making a stream costs as much as a thousand draws from it, and not every sampler needs the one of the trial. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** A point that was given in part: what it leaves out is as suggested, or drawn where nothing was suggested. */
function completed(space: UnitSpace, given: Point, suggested: Point, rng: Rng): Point {
  const units = space.encode(suggested);
  for (let at = 0; at < units.length; at += 1) {
    const { name } = space.dimensions[at]!;
    const drawn = rng.next();
    if (Object.hasOwn(given, name)) units[at] = space.unitOf(name, given[name]);
    else if (Number.isNaN(units[at]!)) units[at] = drawn;
  }
  const params: Record<string, unknown> = { ...space.decode(units) };
  // Coordinates and back may change the last digit.
  for (const [name, value] of Object.entries(given)) if (Object.hasOwn(params, name)) params[name] = value;
  return params;
}
