/**
 * The fingerprint of an operation of 200 modules, as plan() works it out: for the first time, for another experiment with
 * the same modules, and when nothing changed.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Experiment, grid, plan } from "metalab";
import { measure, seconds, size } from "../case.ts";

const modules = size(200);

/** A tree of modules of eight functions each, about 2 kB. */
function moduleText(number: number): string {
  const below = [2 * number + 1, 2 * number + 2].filter((one) => one < modules);
  const imports = below.map((one) => `import { f${one} } from "./m${one}.ts";\n`).join("");
  const functions = Array.from(
    { length: 8 },
    (_, i) => `/** Function ${i}. */
function g${i}(x: number, y: readonly number[]): number {
  let sum = ${number};
  for (let i = 0; i < y.length; i++) {
    // add up
    sum += y[i]! * Math.sin(x) + \`\${x}\`.length;
    if (sum > ${i}) return sum - g${(i + 1) % 8}(sum / 2, y.slice(1));
  }
  return sum;
}
`,
  ).join("");
  const calls = ["g0(x, [1, 2])", ...below.map((one) => `f${one}(x)`)].join(" + ");
  return `${imports}${functions}export const f${number} = (x: number): number => ${calls};\n`;
}

await measure(async (folder) => {
  const sources = join(folder, "code");
  mkdirSync(sources);
  writeFileSync(join(sources, "package.json"), `{ "name": "code", "type": "module" }`);
  for (let i = 0; i < modules; i++) writeFileSync(join(sources, `m${i}.ts`), moduleText(i));
  // Files that were written just now are not cached.
  await sleep(2_100);
  const once = (name: string): Promise<number> => {
    const experiment = new Experiment({
      name,
      params: grid({ x: [1] }),
      operation: () => ({ y: 1 }),
      module: join(sources, "m0.ts"),
    });
    return seconds(() => plan(experiment, { store: join(folder, "runs") }));
  };
  const coldMs = (await once("cold")) * 1000;
  const otherMs = (await once("other")) * 1000;
  // Least of several: what is measured is the work, not who else uses the machine.
  let cachedMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) cachedMs = Math.min(cachedMs, (await once("cold")) * 1000);
  const naiveBytesMs =
    (await seconds(() => {
      const hash = createHash("sha256");
      for (const name of readdirSync(sources)) hash.update(readFileSync(join(sources, name)));
      hash.digest("hex");
    })) * 1000;
  return { modules, coldMs, otherMs, cachedMs, naiveBytesMs };
});
