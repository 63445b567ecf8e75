import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Figures } from "./case.ts";

const DEFINITION = `import { Experiment, grid } from "metalab";
export const experiment = new Experiment({
  name: "start",
  params: grid({ x: [1, 2, 3, 4] }),
  operation: ({ params }) => ({ y: params.x }),
});
`;

/** Imports the definition as workers do, and prints the milliseconds from \`run()\` to the first finished run. */
const main = (file: string): string => `import { processes, run } from "metalab";
${DEFINITION.replace("export ", "").replace(/^import.*$/m, 'import { Experiment, grid } from "metalab";')}
const start = performance.now();
const handle = run(experiment, {
  executor: processes({ workers: 2, module: ${JSON.stringify(file)} }),
  store: "store", resume: false, progress: "none",
});
for await (const event of handle) {
  if (event.type !== "run:success") continue;
  console.log(performance.now() - start);
  break;
}
await handle.cancel();
`;

/** Milliseconds from `run()` to the first run that a worker finished, as medians, below a folder of this package. */
export function workerStart(root: string, rounds = 7): Figures {
  const folder = join(root, ".cache", `bench-start-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const time = (file: string): number => {
    writeFileSync(join(folder, "main.mjs"), main(`./${file}`));
    const done = spawnSync(process.execPath, ["main.mjs"], { cwd: folder, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`worker start: ${done.stderr}`);
    return Number(done.stdout.trim());
  };
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[values.length >> 1]!;
  try {
    // A project of its own: this repository's paths would lead workers to the sources instead of the built package.
    writeFileSync(join(folder, "tsconfig.json"), "{}");
    writeFileSync(join(folder, "plain.mjs"), DEFINITION);
    const javaScript = Array.from({ length: rounds }, () => time("plain.mjs"));
    const cold: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < rounds; round++) {
      // A text that was never seen is transpiled; the second time the result is found.
      writeFileSync(
        join(folder, "typed.ts"),
        `${DEFINITION}export type Round${round}At${Date.now()} = number;\n`,
      );
      cold.push(time("typed.ts"));
      warm.push(time("typed.ts"));
    }
    return { javaScriptMs: median(javaScript), coldMs: median(cold), warmMs: median(warm) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
