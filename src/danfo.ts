/**
 * Results as danfo frames with danfo's own types. This entry is apart from the main one because its types need the
 * package danfojs-node to be installed, which the main entry does not ask for.
 *
 * @packageDocumentation
 */
import type * as danfo from "danfojs-node";
import { loadDanfoModule } from "./results/export/danfo.ts";
import type { Results } from "./results/results.ts";
import type { Run } from "./results/run.ts";

export { type DanfoSource, danfoSource } from "./results/export/danfo.ts";

/** A danfo frame, with all of danfo's types. */
export type DataFrame = danfo.DataFrame;

/**
 * The danfo module that metalab uses: your own danfojs-node if it is installed, else the copy that comes with
 * metalab (without Excel and without reading from URLs).
 *
 * @throws {MissingPackageError} METALAB_DANFO_MISSING
 *
 * @example
 * ```ts
 * import { loadDanfo } from "metalab/danfo";
 *
 * const { DataFrame } = await loadDanfo();
 * console.log(new DataFrame({ x: [1, 2, 3] }).shape);
 * ```
 */
export async function loadDanfo(): Promise<typeof danfo> {
  return (await loadDanfoModule()) as typeof danfo;
}

/**
 * The runs as a danfo `DataFrame`, as `results.toDanfo()` makes it, with danfo's types.
 *
 * @throws {MissingPackageError} METALAB_DANFO_MISSING
 */
export async function toDanfo<P, M>(results: Results<P, M, Run<P, M>>): Promise<DataFrame> {
  return (await results.toDanfo()) as unknown as DataFrame;
}
