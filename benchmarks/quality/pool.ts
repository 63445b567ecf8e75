import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Message } from "./answer.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");

/** Which sampler, and the options that it is made with. */
export interface SamplerChoice {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Whether the source tree has a sampler of this name. */
export function hasSampler(name: string): boolean {
  return existsSync(samplerFile(name));
}

function samplerFile(name: string): string {
  return join(root, "src", "search", "samplers", `${name}.ts`);
}

/**
 * Makes one JavaScript file of a sampler and the loop that drives it, so that its speed is that of the package.
 *
 * @param part - the file whose `serve` gets the sampler.
 * @returns the path of the file made.
 */
export async function compile({ name, options }: SamplerChoice, part: string): Promise<string> {
  const made = `${name}(${options === undefined ? "" : JSON.stringify(options)})`;
  const outfile = join(root, ".cache", "quality", `${name}-${process.pid}.mjs`);
  await build({
    stdin: {
      contents: `import { ${name} } from ${JSON.stringify(samplerFile(name))};
import { serve } from ${JSON.stringify(part)};
serve(${made});`,
      resolveDir: root,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "error",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return outfile;
}

/**
 * Carries tasks out in processes of their own.
 *
 * @param script - a file that calls `answer`.
 * @param jobs - number of processes.
 * @param onDone - is told of each task as it ends, in the order of ending.
 */
export async function carryOut<T extends object, R>(
  script: string,
  tasks: readonly T[],
  jobs: number,
  onDone: (task: T, result: R) => void,
): Promise<void> {
  const queue = [...tasks];
  const children = Array.from({ length: Math.min(jobs, tasks.length) }, () => fork(script));
  try {
    await Promise.all(children.map((child) => drive(child, queue, onDone)));
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
  }
}

function drive<T extends object, R>(
  child: ChildProcess,
  queue: T[],
  onDone: (task: T, result: R) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let current: T | undefined;
    child.on("message", (message: Message<R>) => {
      if (message !== "ready" && current !== undefined) {
        if ("error" in message) {
          reject(new Error(`${message.error}\nwhile at ${JSON.stringify(current)}`));
          return;
        }
        onDone(current, message.result);
      }
      current = queue.shift();
      if (current === undefined) resolve();
      else child.send(current);
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => reject(new Error(`a process ended with ${code ?? signal}`)));
  });
}
