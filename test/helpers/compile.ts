import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A script made of TypeScript source, with metalab's own sources in it. */
export interface CompiledScript {
  /** Path of the script, to be started with `node`. */
  readonly path: string;
  /** An empty folder of its own. */
  readonly folder: string;
  remove(): void;
}

/** Compiles a script that imports from "metalab", so that a child process can run the sources as they are now. */
export async function compile(source: string): Promise<CompiledScript> {
  const folder = mkdtempSync(join(tmpdir(), "metalab-script-"));
  const entry = join(folder, "entry.ts");
  const path = join(folder, "script.mjs");
  writeFileSync(entry, source);
  await build({
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "silent",
    alias: { metalab: fileURLToPath(new URL("../../src/index.ts", import.meta.url)) },
    // Where the parser is not found, which is nearly everywhere, the text of the operation is its fingerprint.
    external: ["danfojs-node", "oxc-parser", "@duckdb/node-api"],
    // The packages in CommonJS ask for Node's modules by `require`.
    banner: {
      js: 'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);',
    },
  });
  return { path, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
