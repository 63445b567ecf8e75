import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./built.ts";

/** How a script ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A project of a user, with metalab installed as it is in the sources now. */
export interface Sandbox {
  readonly folder: string;
  path(...parts: readonly string[]): string;
  /** Writes a script and gives its path. */
  write(name: string, text: string): string;
  /** Starts `node` in the folder. */
  start(args: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Runs `node` in the folder to its end. */
  node(args: readonly string[], options?: SpawnOptions & { readonly input?: string }): Promise<Ended>;
  remove(): void;
}

const SRC = join(ROOT, "src");

/** Makes one. Modules that name files beside themselves do so from where they would lie, as in the real build. */
export async function createSandbox(): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), "metalab-sandbox-"));
  const home = join(folder, "node_modules", "metalab");
  const dist = join(home, "dist");
  mkdirSync(join(dist, "execution"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "private": true }');
  writeFileSync(join(home, "package.json"), readFileSync(join(ROOT, "package.json")));
  symlinkSync(join(ROOT, "node_modules"), join(home, "node_modules"));
  await build({
    entryPoints: {
      index: join(SRC, "index.ts"),
      worker: join(SRC, "execution", "worker.ts"),
      cli: join(SRC, "cli", "main.ts"),
    },
    outdir: dist,
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "silent",
    plugins: [
      {
        name: "keep-urls",
        setup(bundle) {
          bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const own = relative(SRC, path).split(sep).join("/").replace(/\.ts$/, ".js");
            const text = readFileSync(path, "utf8");
            const url = `new URL("./${own}", import.meta.url).href`;
            return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
          });
        },
      },
    ],
  });
  writeFileSync(join(dist, "execution", "worker.js"), 'import "../worker.js";\n');
  const path = (...parts: readonly string[]): string => join(folder, ...parts);
  const start: Sandbox["start"] = (args, options = {}) =>
    spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], ...options });
  return {
    folder,
    path,
    write: (name, text) => {
      writeFileSync(path(name), text);
      return path(name);
    },
    start,
    node: (args, { input, ...options } = {}) => {
      const child = start(args, { stdio: ["pipe", "pipe", "pipe"], timeout: 60_000, ...options });
      child.stdin?.end(input ?? "");
      return ended(child);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits for the end of a process and collects what it printed. */
export function ended(child: ChildProcess): Promise<Ended> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
}

/** The processes of this machine whose command line names a folder. Only where there is /proc. */
export function processesOf(folder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
      } catch {
        return false;
      }
    });
}

/** Waits until something holds, for at most so many milliseconds. */
export async function until(holds: () => boolean, ms = 5_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return holds();
}
