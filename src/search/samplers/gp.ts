import { DefinitionError, show } from "../../errors.ts";
import type { Json } from "../../identity/canonical.ts";
import type { Rng } from "../../math/random.ts";
import { closest } from "../../space/nearest.ts";
import { checkOptions } from "../../space/options.ts";
import type { UnitSpace } from "../../space/units.ts";
import type { Sampler, SuggestInput, Suggestion } from "../sampler.ts";
import { triedIn, untried } from "../untried.ts";
import type { AcquisitionName } from "./gp/acquisition.ts";
import { latinHypercube } from "./gp/design.ts";
import { Knowledge } from "./gp/knowledge.ts";
import { maximize } from "./gp/maximize.ts";

/** Options of {@link gp}. */
export interface GpOptions {
  /**
   * What the next trial is chosen for: expected improvement (`"logei"`, its logarithm, and `"ei"` choose the same
   * point), probability of improvement (`"pi"`) or the lower confidence bound (`"lcb"`).
   * @defaultValue "logei"
   */
  readonly acquisition?: AcquisitionName;
  /**
   * Trials of a space-filling design, before the model proposes any.
   * @defaultValue number of parameters + 2, from 4 to 10
   */
  readonly initialPoints?: number;
}

const ACQUISITIONS: readonly AcquisitionName[] = ["logei", "ei", "lcb", "pi"];

/**
 * Bayesian optimization with a Gaussian process: after an initial design, each trial is where a probabilistic model
 * of the objective promises most. The sampler of choice while trials are expensive: some hundreds of them, up to
 * about 20 parameters, of any kind and under any conditions.
 *
 * @throws {@link DefinitionError} METALAB_SAMPLER_OPTION for an acquisition that does not exist or a number of initial
 * points that is not an integer from 1; METALAB_UNKNOWN_OPTION for an option that does not.
 * @see Jones et al. 1998, "Efficient global optimization of expensive black-box functions"; Snoek et al. 2012.
 */
export function gp(options: GpOptions = {}): Sampler {
  checkOptions("gp()", options, ["acquisition", "initialPoints"]);
  const { acquisition = "logei", initialPoints } = options;
  if (!ACQUISITIONS.includes(acquisition)) {
    const near = typeof acquisition === "string" ? closest(acquisition, ACQUISITIONS) : undefined;
    throw new DefinitionError(
      "METALAB_SAMPLER_OPTION",
      `gp(): acquisition must be one of ${ACQUISITIONS.join(", ")}, got ${show(acquisition)}. ${near === undefined ? "Choose one of them." : `Did you mean "${near}"?`}`,
      { acquisition },
    );
  }
  if (initialPoints !== undefined && !(Number.isSafeInteger(initialPoints) && initialPoints >= 1)) {
    throw new DefinitionError(
      "METALAB_SAMPLER_OPTION",
      `gp(): initialPoints must be an integer from 1, got ${show(initialPoints)}. Leave it out for a default that suits the space.`,
      { initialPoints },
    );
  }
  const key = {};
  return Object.freeze({
    name: "gp",
    describe: (): Json => ({
      name: "gp",
      acquisition,
      ...(initialPoints === undefined ? {} : { initialPoints }),
    }),
    suggest: (input: SuggestInput): Suggestion => {
      const initial = initialPoints ?? defaultInitialPoints(input.space);
      const knowledge = input.history.fold(
        key,
        () => new Knowledge(input.history.space, initial),
        (state, trial) => state.learn(trial),
      );
      return { params: propose(input, knowledge, initial, acquisition), by: "gp" };
    },
  });
}

function defaultInitialPoints(space: UnitSpace): number {
  return Math.min(Math.max(space.size + 2, 4), 10);
}

function propose(
  input: SuggestInput,
  knowledge: Knowledge,
  initial: number,
  name: AcquisitionName,
): Readonly<Record<string, unknown>> {
  const { space, pending, rng, seed, number } = input;
  const isTried = triedIn(input);
  const waiting = pending.map(({ params }) => space.encode(params));
  if (knowledge.count + waiting.length < initial || !knowledge.canModel) {
    const design = latinHypercube(initial, space.size, seed);
    return space.decode(untried(space, design[number] ?? anywhere(space, rng), rng, isTried));
  }
  const acquisition = knowledge.acquisition(name, waiting, rng, knowledge.isStuck && number % 2 === 0);
  const found = maximize({
    space,
    acquisition,
    incumbents: knowledge.incumbents(rng),
    rng,
    observations: knowledge.count,
    isTaken: isTried,
  });
  return space.decode(found ?? untried(space, anywhere(space, rng), rng, isTried));
}

function anywhere(space: UnitSpace, rng: Rng): Float64Array {
  return Float64Array.from({ length: space.size }, () => rng.next());
}
