import { Experiment } from "../../src/experiment/experiment.ts";
import { seeds } from "../../src/experiment/seeds.ts";
import { grid } from "../../src/experiment/sources.ts";
import { run } from "../../src/run/run.ts";
import { maximize, minimize } from "../../src/search/objective.ts";

/**
 * Fills a folder with two experiments. `hypersearch`: 2 × 3 params × 2 replicates, 12 runs, of which the two of
 * `lr` 1 and `batch` 64 fail; loss is `lr + batch / 1000 + replicate / 100`, so the best is 0.116. `wide`: four runs, of
 * which the best has y 9.
 */
export async function fillStore(store: string): Promise<void> {
  const hypersearch = new Experiment({
    name: "hypersearch",
    tags: ["search_type:grid"],
    params: grid({ lr: [0.1, 1], batch: [16, 32, 64] }),
    seeds: seeds({ base: 7, replicates: 2 }),
    operation: ({ params, trial, capture }) => {
      if (params.lr === 1 && params.batch === 64) throw new Error("out of luck \u001b[31mred");
      const loss = params.lr + params.batch / 1000 + trial.replicate / 100;
      for (let step = 0; step < 4; step++) capture.metric("loss", loss + 3 - step, { step });
      capture.log(`trained with lr ${params.lr}`);
      capture.log("almost \u001b[31mdone", "warn");
      capture.artifact("note.txt", "some text");
      return { loss, accuracy: 1 - loss / 3 };
    },
    objective: minimize("loss"),
  });
  const wide = new Experiment({
    name: "wide",
    version: "2",
    params: grid({ x: [0, 1, 2, 3] }),
    operation: ({ params }) => ({ y: params.x ** 2 }),
    objective: maximize("y"),
  });
  await run(hypersearch, { store, progress: false }).result();
  await run(wide, { store, progress: false }).result();
}
