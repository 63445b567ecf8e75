import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function script(...args: readonly string[]): void {
  const done = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (done.status !== 0) throw new Error(`node ${args.join(" ")} failed:\n${done.stdout}${done.stderr}`);
}

/** Makes sure that `dist/` is what the sources say. */
export function ensureBuilt(): void {
  script("scripts/build.mjs", "--if-stale");
}

/** Makes sure that `dist/` holds everything that is packed, the bundled danfo too. */
export function ensurePackable(): void {
  ensureBuilt();
  if (!existsSync(join(ROOT, "dist", "vendor", "danfo.cjs"))) script("scripts/build-danfo.mjs");
}
