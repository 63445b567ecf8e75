import { DefinitionError, show } from "../errors.ts";
import type { Executor } from "../execution/executor.ts";
import { countWorkers } from "../execution/executors/pool-options.ts";
import type { RunOptions } from "./options.ts";

type Given = Pick<RunOptions, "workers" | "memory">;

/**
 * The number of workers that is asked for.
 *
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE
 */
export function checkWorkers(
  where: string,
  { workers }: Given,
  executor: Executor | undefined,
): number | undefined {
  if (workers === undefined) return undefined;
  const count = countWorkers(where, workers);
  if (executor?.name !== "inline") return count;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: workers is a number of processes or threads, got the executor inline(), which has none. Leave the executor out, or use threads().`,
    { option: "workers", value: workers },
  );
}

const MEMORY = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/i;
const POWERS = ["b", "k", "m", "g", "t"];

/**
 * Bytes that are meant by a number, or by a text such as "2GB" (10^9) or "512MiB" (2^20).
 *
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE
 */
export function checkMemory(
  where: string,
  { memory, workers }: Given,
  executor: Executor | undefined,
): number | undefined {
  if (memory === undefined) return undefined;
  const refuse = (need: string, advice: string): DefinitionError =>
    new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${where}: memory is ${need}, got ${show(memory)}. ${advice}`,
      {
        option: "memory",
        value: memory,
      },
    );
  const [, amount, unit = "B"] = MEMORY.exec(String(memory).trim()) ?? [];
  const base = /i/i.test(unit) ? 1024 : 1000;
  const bytes =
    typeof memory === "number" ? memory : Number(amount) * base ** POWERS.indexOf(unit[0]!.toLowerCase());
  if (!(Number.isFinite(bytes) && bytes >= 1))
    throw refuse('a number of bytes or a text such as "2GB" or "512MiB"', "Correct it, or leave it out.");
  if (executor === undefined ? workers === undefined : executor.name === "inline")
    throw refuse("a limit for worker processes", 'Add workers, for example workers: "auto".');
  if (process.platform === "win32") throw refuse("not supported on Windows", "Leave it out there.");
  return Math.floor(bytes);
}
