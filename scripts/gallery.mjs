// Makes the pictures of docs/plots.md by running the examples on that page with the built package, and puts them into
// docs/plots/. All but the timeline, which shows the clock, come out the same each time.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = readFileSync(join(root, "docs", "plots.md"), "utf8");
const blocks = [...page.matchAll(/^```ts.*\n([\s\S]*?)^```$/gm)].map((found) => found[1]);

// Below the repository, so that "metalab" is what was built here.
const folder = join(root, ".cache", `gallery-${process.pid}`);
mkdirSync(folder, { recursive: true });
try {
  writeFileSync(join(folder, "page.ts"), blocks.join("\n"));
  const jiti = join(root, "node_modules", "jiti", "lib", "jiti-cli.mjs");
  const done = spawnSync(process.execPath, [jiti, join(folder, "page.ts")], {
    cwd: folder,
    stdio: "inherit",
  });
  if (done.status !== 0) throw new Error("an example of docs/plots.md failed");
  mkdirSync(join(root, "docs", "plots"), { recursive: true });
  for (const file of readdirSync(join(folder, "plots"))) {
    if (file.endsWith(".svg")) cpSync(join(folder, "plots", file), join(root, "docs", "plots", file));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
