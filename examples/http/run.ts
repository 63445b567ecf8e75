/** Slow calls over HTTP: many in flight at once, never more per second than the server allows. */
import { Experiment, grid, maximize, run } from "metalab";
import { startServer } from "./server.ts";

const { url, counts, server } = await startServer(150);

const experiment = new Experiment({
  name: "prompts",
  params: grid({
    style: ["terse", "friendly", "formal"],
    temperature: [0, 0.2, 0.4, 0.6, 0.8, 1],
    shots: [0, 1, 3, 5],
  }),
  operation: async ({ params, capture, signal }) => {
    const query = new URLSearchParams({ style: params.style, temperature: String(params.temperature) });
    const response = await fetch(`${url}/?${query}`, { signal });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const answer = (await response.json()) as { score: number; tokens: number };
    capture.data("answer", answer);
    return { score: answer.score, tokens: answer.tokens * (1 + params.shots) };
  },
  objective: maximize("score"),
});

const results = await run(experiment, { concurrency: 20, rateLimit: { runs: 100, perMs: 1000 } }).result();
server.close();

results.display({ groupBy: ["style"], metrics: ["score", "tokens"] });
const best = results.best();
console.log(
  `best: ${best.params.style} at temperature ${best.params.temperature}, score ${best.metrics.score}`,
);
console.log(
  `${results.successful.length} of ${results.length} successful, ${counts.refused} refused by the server`,
);
console.log(`up to ${counts.maxInFlight} requests in flight`);
