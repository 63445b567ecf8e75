/**
 * CPU seconds of `importance()` by each method over trials of 10 uniform params, the least of three. The points are
 * multiples of square roots, which Optuna is given too. Argument: trials.
 */
import { Experiment, importance, manual, memoryStore, minimize, run } from "metalab";
import { measure, size } from "../case.ts";

const ROOTS = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

await measure(async () => {
  const points = Array.from({ length: size(1000) }, (_, at) =>
    Object.fromEntries(ROOTS.map((root, k) => [`x${k}`, ((at + 1) * Math.sqrt(root)) % 1])),
  );
  const experiment = new Experiment({
    name: "importance",
    params: manual(points),
    operation: ({ params: p }) => ({ loss: p["x0"]! ** 2 + p["x1"]! * p["x2"]! + 0.1 * p["x3"]! }),
    objective: minimize("loss"),
  });
  const results = await run(experiment, { store: memoryStore(), progress: false }).result();
  const figures: Record<string, number> = {};
  for (const method of ["fanova", "pedanova", "permutation"] as const) {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round += 1) {
      const before = process.cpuUsage();
      importance(results, { method });
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, (user + system) / 1e6);
    }
    figures[method] = least;
  }
  return figures;
});
