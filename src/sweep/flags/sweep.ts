import { DefinitionError, show } from "../../errors.ts";
import type { Params } from "../../experiment/operation.ts";
import { checkIndex, checkLength, checkParamNames, type NamedSource } from "../../experiment/param-source.ts";
import { checkSeed } from "../../experiment/seeds.ts";
import { closest } from "../../space/nearest.ts";
import { type ArgumentStyle, argumentOf } from "../arguments.ts";
import { seedsByName, seedsOfNumpy } from "./draws.ts";
import { readValues } from "./read-values.ts";
import type { FlagValues } from "./values.ts";
import { type Word, wordsOf } from "./words.ts";

/** Options of {@link parseSweep}. */
export interface SweepFlagOptions {
  /** Names of flags whose values are text, whatever they look like. @defaultValue none */
  readonly literal?: readonly string[];
  /** Seeds the draws of each flag by its name. @defaultValue 0 */
  readonly seed?: number | string;
  /** Instead of `seed`: draws in the order of the flags, as after `numpy.random.seed` of this. In [0, 2^32). */
  readonly numpySeed?: number;
}

/** One argument of a script in a sweep. */
export interface SweepFlag {
  readonly word: Word;
  readonly values: FlagValues;
  /** Whether `true` is the flag alone and `false` leaves it out. */
  readonly isToggle: boolean;
  /** Whether some run leaves it out. */
  readonly isOptional: boolean;
}

/** The arguments of a script, read as a sweep: every combination of the values of its flags, the first flag slowest. */
export interface Sweep {
  /** In the order in which they are written. */
  readonly flags: readonly SweepFlag[];
  /** Names of the flags that have several values. */
  readonly names: readonly string[];
  /** The params of the flags that have one. */
  readonly fixed: Params;
  /** Values of the params of flags that are left out, so that such a run is the same run without them. */
  readonly defaults: Params;
  /** What there is to say about how the arguments were read. */
  readonly notices: readonly string[];
  /** Every combination. */
  readonly source: NamedSource;
  /**
   * The arguments of one run: as they were written, or in a style.
   *
   * @param params - of a run of this sweep, or of a search over its flags; those it lacks are left out.
   */
  commandFor(params: Params, style?: ArgumentStyle): string[];
}

/**
 * Reads the arguments behind a script as a sweep. Nothing is listed: 10^6 combinations cost what their text costs.
 *
 * @throws {@link DefinitionError} METALAB_FLAG with the place in the value, METALAB_LITERAL for a name that no flag has,
 * METALAB_PARAM_NAME, METALAB_SOURCE_LENGTH, METALAB_SEED.
 */
export function parseSweep(argv: readonly string[], options: SweepFlagOptions = {}): Sweep {
  const { literal = [], seed = 0, numpySeed } = options;
  if (numpySeed !== undefined) checkNumpySeed(numpySeed);
  const words = wordsOf(argv);
  checkParamNames(
    "parseSweep()",
    words.map(({ name }) => name),
  );
  checkLiteral(literal, words);
  const seeds =
    numpySeed === undefined ? seedsByName(checkSeed("parseSweep()", "seed", seed)) : seedsOfNumpy(numpySeed);
  const notices: string[] = [];
  const flags = words.map((word): SweepFlag => {
    const read = readValues(word, isNamed(word, literal), seeds);
    notices.push(...read.notices);
    return { word, values: read.values, isToggle: read.isToggle, isOptional: leavesOut(read.values) };
  });
  const drawn = seeds.isUsed ? (numpySeed === undefined ? { seed } : { numpySeed }) : {};
  return {
    flags,
    names: flags.filter(({ values }) => values.length > 1).map(({ word }) => word.name),
    fixed: Object.fromEntries(
      flags.filter(({ values }) => values.length === 1).map(({ word, values }) => [word.name, values.at(0)]),
    ),
    defaults: Object.fromEntries(
      flags
        .filter(({ isOptional, isToggle }) => isOptional || isToggle)
        .map(({ word, isOptional }) => [word.name, isOptional ? null : false]),
    ),
    notices,
    source: sweepSource(flags, argv, { ...drawn, ...(literal.length === 0 ? {} : { literal }) }),
    commandFor: (params, style) => flags.flatMap((flag) => argumentsFor(flag, params[flag.word.name], style)),
  };
}

function sweepSource(
  flags: readonly SweepFlag[],
  argv: readonly string[],
  extra: Readonly<Record<string, unknown>>,
): NamedSource {
  const length = checkLength(
    "parseSweep()",
    flags.reduce((product, { values }) => product * values.length, 1),
  );
  return Object.freeze({
    kind: "sweep",
    names: Object.freeze(flags.map(({ word }) => word.name)),
    length,
    at(index: number): Params {
      checkIndex("parseSweep()", index, length);
      const params: Record<string, unknown> = {};
      let stride = length;
      let rest = index;
      for (const { word, values } of flags) {
        stride /= values.length;
        const position = Math.floor(rest / stride);
        rest -= position * stride;
        // Left out is null to the store, so that the runs of a sweep have the same columns.
        params[word.name] = values.at(position) ?? null;
      }
      return params;
    },
    describe: () => ({ kind: "sweep", arguments: argv, ...extra }),
  });
}

/** Lists alone can hold `?`, and they are short. */
function leavesOut(values: FlagValues): boolean {
  if (values.kind !== "list") return false;
  for (let position = 0; position < values.length; position += 1) {
    if (values.at(position) === undefined) return true;
  }
  return false;
}

function argumentsFor(flag: SweepFlag, value: unknown, style: ArgumentStyle | undefined): readonly string[] {
  const { word, values, isToggle, isOptional } = flag;
  if (value === undefined || (isOptional && value === null)) return [];
  const text = values.textOf(value);
  if (word.form === "positional") return [text];
  if (style !== undefined) {
    const name = word.head.replace(/^-+/, "");
    const dashes = /^-+/.exec(word.head)?.[0] ?? "--";
    const isSwitch = isToggle || word.form === "bare";
    return argumentOf(name, value, isSwitch ? String(value) : text, { style, dashes, isLiteral: !isSwitch });
  }
  if (word.form === "bare") return [word.head];
  if (isToggle) return value === true ? [word.head] : [];
  if (word.form === "assign" || word.form === "joined") return [`${word.head}=${text}`];
  if (values.kind === "fixed") return [word.head, text];
  const dashes = word.head.startsWith("--") ? "--" : "-";
  return argumentOf(word.head.slice(dashes.length), value, text, { style: "flags", dashes, isLiteral: true });
}

/** A flag by its name, with or without dashes; all of those that come again go by the name of the first. */
function isNamed(word: Word, names: readonly string[]): boolean {
  return names.some(
    (name) => name === word.name || name === word.head || name === word.head.replace(/^-+/, ""),
  );
}

function checkLiteral(literal: readonly string[], words: readonly Word[]): void {
  const wrong = literal.find((name) => !words.some((word) => isNamed(word, [name])));
  if (wrong === undefined) return;
  const known = words.map(({ name }) => name);
  const near = closest(wrong, known);
  const advice =
    near === undefined ? `The flags are ${known.join(", ") || "none"}.` : `Did you mean "${near}"?`;
  throw new DefinitionError(
    "METALAB_LITERAL",
    `--literal: names a flag of the script, got ${show(wrong)}. ${advice}`,
    { literal: wrong },
  );
}

function checkNumpySeed(seed: unknown): void {
  if (Number.isInteger(seed) && (seed as number) >= 0 && (seed as number) < 2 ** 32) return;
  throw new DefinitionError(
    "METALAB_SEED",
    `--numpy-seed: an integer from 0 and below 2^32, got ${show(seed)}. Give the number that numpy.random.seed is called with.`,
    { seed },
  );
}
