import { deriveSeed } from "../../math/random.ts";
import { textOf } from "../arguments.ts";
import type { NumpyCall } from "../numpy/call.ts";
import { RandomState } from "../numpy/random-state.ts";
import { type FlagValues, keyOf, numberValues } from "./values.ts";

/** Where the draws of the flags of one sweep come from. */
export interface DrawSeeds {
  /** Whether some flag is drawn. */
  readonly isUsed: boolean;
  /** The values of one flag. */
  values(name: string, call: NumpyCall): FlagValues;
}

/**
 * Draws of their own for each flag: those of one depend on the seed and on its name, not on the other flags, and with a
 * larger size the first ones stay.
 */
export function seedsByName(seed: number | string): DrawSeeds {
  let isUsed = false;
  return {
    get isUsed() {
      return isUsed;
    },
    values(name, call) {
      isUsed = true;
      const words = () => deriveSeed("metalab.sweep", 1, seed, name).match(/.{8}/g)!;
      return drawnValues(
        new Drawn(call, () => new RandomState(words().map((word) => Number.parseInt(word, 16)))),
      );
    },
  };
}

/**
 * Draws from one stream, as after `numpy.random.seed(seed)` and one call for each flag, in the order in which they are
 * written.
 */
export function seedsOfNumpy(seed: number): DrawSeeds {
  let shared: RandomState | undefined;
  let last: Drawn | undefined;
  return {
    get isUsed() {
      return last !== undefined;
    },
    values(_, call) {
      const before = last;
      last = new Drawn(call, () => {
        before?.complete();
        shared ??= new RandomState(seed);
        return shared;
      });
      return drawnValues(last);
    },
  };
}

/** The draws of one flag, as many as were asked for. */
class Drawn {
  readonly call: NumpyCall;
  readonly #numbers: number[] = [];
  readonly #start: () => RandomState;
  #draws: Iterator<number> | undefined;

  constructor(call: NumpyCall, start: () => RandomState) {
    this.call = call;
    this.#start = start;
  }

  at(position: number): number {
    this.#draws ??= this.call.draws(this.#start());
    while (this.#numbers.length <= position) this.#numbers.push(this.#draws.next().value);
    return this.#numbers[position]!;
  }

  /** Takes from the stream all that this flag takes. */
  complete(): void {
    this.at(this.call.size - 1);
  }
}

function drawnValues(drawn: Drawn): FlagValues {
  const { call } = drawn;
  const { values, size: length } = call;
  if (values === undefined) {
    const at = (position: number) => drawn.at(position);
    return numberValues({ kind: "draws", length, at, isFloat: !call.isInteger, call });
  }
  const texts = new Map(values.map(({ value, text }) => [keyOf(value), text]));
  return {
    kind: "draws",
    length,
    isFloat: false,
    call,
    at: (position) => values[drawn.at(position)]!.value,
    textOf: (value) => texts.get(keyOf(value)) ?? textOf("value", value),
  };
}
