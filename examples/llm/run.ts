/** Which prompt, which temperature? Calls that are slow, limited and cost money, made once each. */
import { compare, Experiment, grid, maximize, run, seeds } from "metalab";
import { ask } from "./client.ts";
import { startServer } from "./server.ts";

const PROMPTS = {
  plain: "Answer with the number alone.",
  examples: "Answer with the number alone. Example: what is 2 + 2? 4. Example: what is 10 + 5? 15.",
  reasoning: "Think step by step, then answer with the number.",
};
const USD_PER_TOKEN = { input: 1e-6, output: 5e-6 };

const { url, seen, server } = await startServer(100);

const experiment = new Experiment({
  name: "prompts_for_sums",
  params: grid({ prompt: ["plain", "examples", "reasoning"], temperature: [0, 0.8] }),
  // Each replicate is a question. All prompts get the same ones, so they are compared question by question.
  seeds: seeds({ base: 1, replicates: 50 }),
  operation: async ({ params, seeds, trial, signal, capture }) => {
    const draw = seeds.rng("question");
    const [a, b] = [draw.int(10, 99), draw.int(10, 99)];
    const request = {
      system: PROMPTS[params.prompt],
      question: `What is ${a} + ${b}?`,
      temperature: params.temperature,
      seed: trial.replicate,
    };
    const { answer, usage } = await ask(url, request, signal);
    const usd = usage.input_tokens * USD_PER_TOKEN.input + usage.output_tokens * USD_PER_TOKEN.output;
    capture.cost(usd, "usd");
    capture.log(`${request.question} ${answer}`);
    return { correct: answer === String(a + b) ? 1 : 0, tokens: usage.output_tokens, usd };
  },
  objective: maximize("correct"),
});

const polite = {
  concurrency: 16,
  rateLimit: { runs: 110, perMs: 1000 },
  retries: 3,
  timeout: 10_000,
  progress: false,
} as const;

const first = run(experiment, { ...polite, budget: { cost: { usd: 0.02 } } });
const part = await first.result();
console.log(`with 0.02 usd: ${part.successful.length} of ${first.progress.total} answers`);
if (first.progress.stoppedBy !== undefined) console.log(`stopped by ${first.progress.stoppedBy}`);

const second = run(experiment, { ...polite, budget: { cost: { usd: 1 } } });
const results = await second.result();
console.log(`then: ${results.successful.length} answers, ${second.progress.cached} of them from before`);
server.close();

results.display({ groupBy: ["prompt", "temperature"], metrics: ["correct", "tokens", "usd"] });
console.log(compare(results, { by: "params.prompt" }));
console.log(compare(results, { by: "params.temperature" }));
console.log(
  `${seen.requests} requests, up to ${seen.mostInFlight} at once; ${seen.tooMany} times 429, ${seen.broken} times 500`,
);
