import { choice, Experiment, random, uniform } from "metalab";

const numbers = Array.from({ length: 10 }, (_, i) => i);

/** Runs with ten params, two of them with few values to group by, and ten metrics. */
export function wide(trials: number): Experiment {
  const space = Object.fromEntries(
    numbers.map((i) => [`p${i}`, i < 2 ? choice(numbers.map((n) => n * (i + 1))) : uniform(0, 1)]),
  );
  return new Experiment({
    name: "wide",
    params: random({ space, trials, seed: 1 }),
    tags: ["grid"],
    operation: ({ params }) =>
      Object.fromEntries(
        numbers.map((i) => [`m${i}`, Math.exp(Number(params[`p${i}`]) + Number(params["p2"]))]),
      ),
  }) as unknown as Experiment;
}
