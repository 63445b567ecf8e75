/**
 * Reads the arguments of a script as a sweep of 10^6 combinations: the first time in a process, with the commands of the
 * first and the last run; beside it, every command written out.
 */
import { parseSweep } from "../../../src/sweep/flags/sweep.ts";
import { type Figures, measure, seconds } from "../case.ts";

const argv = [
  ...["--alpha", "uniform(1e-5, 1e-1, 100)", "--layers", "(0, 200, 2)"],
  ...["--model", `[${Array.from({ length: 100 }, (_, number) => `'model-${number}'`).join(", ")}]`],
];

await measure(async (): Promise<Figures> => {
  let sweep = parseSweep([]);
  const parse = await seconds(() => {
    sweep = parseSweep(argv);
  });
  const { source } = sweep;
  const ends = await seconds(() => [0, source.length - 1].map((at) => sweep.commandFor(source.at(at))));
  const all = await seconds(() =>
    Array.from({ length: source.length }, (_, at) => sweep.commandFor(source.at(at))),
  );
  return { combinations: source.length, parseSeconds: parse, endsSeconds: ends, allSeconds: all };
});
