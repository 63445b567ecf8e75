// Compiles src/ into dist/, then joins the modules behind each entry into few files: loading one file for each module
// would make up most of the time that an import takes. With --if-stale only when dist/ is missing or older than what
// it is made from.
// dist/ is replaced by a rename, so that whoever reads it meanwhile sees the old build or the new one, never half.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { transform } from "rolldown/utils";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);

/** Latest change below a path; a folder's own time tells of removed files. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isFresh() {
  const built = at("dist", "index.js");
  if (!existsSync(built)) return false;
  const sources = ["src", "package.json", "tsconfig.json", "tsconfig.build.json", "scripts/build.mjs"];
  return sources.every((name) => newest(at(name)) < statSync(built).mtimeMs);
}

/** What others import or start, and the name of its joined file, which lies at the top of dist/. */
const ENTRIES = {
  index: "index.js",
  danfo: "danfo.js",
  worker: "execution/worker.js",
  cli: "cli/main.js",
};
/** Started as a program. */
const BIN = "cli/main.js";
/** Begin a process or a thread: where Node can (22.1 and newer), what it compiles is kept for the next. */
const STARTED = ["worker", "cli"];
const KEEP_COMPILED = 'import module from "node:module";\nmodule.enableCompileCache?.();\n';

/** Modules that name files beside themselves go on to do so from where they are joined. */
const keepUrls = (folder) => ({
  name: "keep-urls",
  async transform(text, path) {
    const own = relative(folder, path).split(sep).join("/");
    if (own.startsWith("..") || !text.includes("import.meta.url")) return undefined;
    // The expression only: the same words may stand in a message.
    const { code } = await transform(path, text, { define: { "import.meta.url": "moduleUrl" } });
    return `const moduleUrl = new URL("./${own}", import.meta.url).href;\n${code}`;
  },
});

/**
 * What is loaded together is one file each, since a file more costs an import more than the code in it: what the
 * command line needs before it knows its command, what `import "metalab"` needs, and what a worker and a sweep need once
 * they start. A module is in the first of them that needs it, with all that it imports.
 */
const GROUPS = [
  ["start", /^cli\/(dispatch|io)\.js$/],
  ["library", /^index\.js$/],
  ["serve", /^execution\/worker-serve\.js$/],
  ["sweep", /^execution\/(setup|conductor|preview|why|search\/replay|executors\/(process|thread)-pool)\.js$/],
];

/** Replaces the modules in a folder by the joined entries. Declarations stay as they are. */
async function joinModules(folder) {
  const joined = `${folder}-joined`;
  const entries = Object.entries(ENTRIES).filter(([, file]) => existsSync(join(folder, file)));
  await build({
    cwd: folder,
    input: Object.fromEntries(entries.map(([name, file]) => [name, join(folder, file)])),
    external: /^[^./]/,
    platform: "node",
    transform: { target: "node20.19" },
    plugins: [keepUrls(folder)],
    output: {
      dir: joined,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      hashCharacters: "base36",
      comments: false,
      codeSplitting: {
        groups: GROUPS.map(([name, files], i) => ({
          name,
          test: (path) => files.test(relative(folder, path).split(sep).join("/")),
          priority: GROUPS.length - i,
        })),
      },
    },
  });
  for (const file of readdirSync(folder, { recursive: true })) {
    if (file.endsWith(".js")) rmSync(join(folder, file));
  }
  for (const file of readdirSync(joined)) renameSync(join(joined, file), join(folder, file));
  rmSync(joined, { recursive: true });
  for (const [name, file] of entries) {
    if (file === `${name}.js`) continue;
    const shebang = file === BIN ? "#!/usr/bin/env node\n" : "";
    const load = STARTED.includes(name)
      ? `${KEEP_COMPILED}await import("../${name}.js");\n`
      : `import "../${name}.js";\n`;
    writeFileSync(join(folder, file), shebang + load);
    if (file === BIN) chmodSync(join(folder, file), 0o755);
  }
}

if (process.argv.includes("--if-stale") && isFresh()) process.exit(0);

const fresh = at(".cache", `build-${process.pid}`);
mkdirSync(fresh, { recursive: true });
const tsc = spawnSync(
  process.execPath,
  [at("node_modules", "typescript", "bin", "tsc"), "-p", at("tsconfig.build.json"), "--outDir", fresh],
  { stdio: ["ignore", "inherit", "inherit"] },
);
if (tsc.status !== 0) {
  rmSync(fresh, { recursive: true, force: true });
  console.error("build: src/ does not compile; dist/ is as it was");
  process.exit(1);
}
await joinModules(fresh);
// The font of pictures, and its licence.
cpSync(at("src", "plots", "fonts"), join(fresh, "plots", "fonts"), { recursive: true });
// Another build may be at the same point; then one of the two has to look again.
for (let tries = 1; ; tries++) {
  const old = at(".cache", `old-${process.pid}-${tries}`);
  try {
    if (existsSync(at("dist"))) renameSync(at("dist"), old);
    renameSync(fresh, at("dist"));
    break;
  } catch (error) {
    if (tries === 5) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}
