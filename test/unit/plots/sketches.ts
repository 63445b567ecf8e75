import type { RunSketch } from "../../helpers/made-results.ts";
import { madeResults } from "../../helpers/made-results.ts";

/** Six trials of two replicates; momentum exists for sgd only, one run has failed. */
export function smallRuns(): readonly RunSketch[] {
  const params = [
    { lr: 0.001, optimizer: "adam" },
    { lr: 0.01, optimizer: "sgd", momentum: 0.5 },
    { lr: 0.1, optimizer: "adam" },
    { lr: 0.01, optimizer: "adam" },
    { lr: 0.001, optimizer: "sgd", momentum: 0.9 },
    { lr: 0.1, optimizer: "sgd", momentum: 0 },
  ];
  const losses = [4, 3, 5, 1, 2, 6];
  return params.flatMap((values, trial) =>
    [0, 1].map((replicate): RunSketch => {
      const isFailed = trial === 5 && replicate === 1;
      return {
        trial,
        replicate,
        params: values,
        status: isFailed ? "failed" : "success",
        metrics: isFailed
          ? {}
          : { loss: losses[trial]! + (replicate === 0 ? -0.25 : 0.25), cost: 10 - trial },
        started: Date.UTC(2024, 0, 1) + 60_000 * (2 * trial + replicate),
        durationMs: 90_000,
      };
    }),
  );
}

export const MINIMIZE_LOSS = { objectives: [{ metric: "loss", direction: "minimize" }] } as const;

export const smallResults = () => madeResults(smallRuns(), MINIMIZE_LOSS);

/** Runs of one trial each with the losses, and a param that counts them. */
export const lossesOnly = (losses: readonly (number | undefined)[]) =>
  madeResults(
    losses.map((loss, trial) => ({
      trial,
      params: { at: trial },
      metrics: loss === undefined ? {} : { loss },
      status: loss === undefined ? ("failed" as const) : ("success" as const),
    })),
    MINIMIZE_LOSS,
  );

/** Results of runs that report a series `loss` of three steps, or of those given. */
export const steppedResults = (steps: readonly number[] = [0, 1, 2]) =>
  madeResults(smallRuns(), {
    ...MINIMIZE_LOSS,
    name: "stepped",
    write: (writer, id, index) => ({
      series: {
        loss: writer.putBlock({
          id,
          kind: "series",
          name: "loss",
          count: steps.length,
          columns: {
            step: Float64Array.from(steps),
            value: Float64Array.from(steps, (_, i) => [9 - index / 2, 5, 3][i % 3]!),
          },
        }),
      },
    }),
  });
