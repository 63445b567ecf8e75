/** A grid of a million cells, 1,000 of them chosen: milliseconds until the first operation begins. */
import { join } from "node:path";
import { Experiment, grid, run, sample } from "metalab";
import { measure } from "../case.ts";

await measure(async (folder) => {
  const axis = Array.from({ length: 100 }, (_, i) => i);
  const began = performance.now();
  let firstRun = 0;
  const experiment = new Experiment({
    name: "cells",
    params: sample(grid({ a: axis, b: axis, c: axis }), 1_000, 1),
    operation: ({ params }) => {
      if (firstRun === 0) firstRun = performance.now() - began;
      return { sum: params.a + params.b + params.c };
    },
  });
  const results = await run(experiment, { store: join(folder, "runs"), progress: "none" }).result();
  const naive = performance.now();
  const cells: { a: number; b: number; c: number }[] = [];
  for (const a of axis) for (const b of axis) for (const c of axis) cells.push({ a, b, c });
  return { runs: results.length, startMs: firstRun, naiveListMs: performance.now() - naive };
});
