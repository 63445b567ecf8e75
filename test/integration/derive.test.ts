import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";

let library: CompiledScript;
const folders: string[] = [];

beforeAll(async () => {
  library = await compile(`export * from "metalab";`);
});
afterAll(() => {
  library?.remove();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project whose script derives metrics, and says how many it computed. */
function project(script: string): { write(file: string, text: string): void; start(): string } {
  const folder = mkdtempSync(join(tmpdir(), "metalab-derive-"));
  folders.push(folder);
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  mkdirSync(join(folder, "node_modules", "metalab"), { recursive: true });
  mkdirSync(join(folder, "node_modules", "dep"));
  write(
    "node_modules/metalab/package.json",
    `{ "name": "metalab", "type": "module", "exports": "./index.mjs" }`,
  );
  copyFileSync(library.path, join(folder, "node_modules", "metalab", "index.mjs"));
  symlinkSync(join(ROOT, "node_modules", "oxc-parser"), join(folder, "node_modules", "oxc-parser"));
  write("node_modules/dep/package.json", `{ "name": "dep", "version": "1.0.0", "type": "module" }`);
  write("node_modules/dep/index.js", "export const one = 1;");
  write("package.json", `{ "name": "project", "type": "module" }`);
  write("metric.js", METRIC);
  write("operation.js", OPERATION);
  write("main.js", script);
  return {
    write,
    start: () => {
      const done = spawnSync(process.execPath, ["main.js"], { cwd: folder, encoding: "utf8" });
      if (done.status !== 0) throw new Error(done.stderr);
      return done.stdout.trim();
    },
  };
}

const METRIC = `
import { one } from "dep";
export function metric(run) {
  return run.params.x * one;
}
`;
const OPERATION = "export const operation = ({ params }) => ({ y: params.x });\n";
const MAIN = `
import { derive, Experiment, grid, run } from "metalab";
import { metric } from "./metric.js";
import { operation } from "./operation.js";

const experiment = new Experiment({ name: "derived", params: grid({ x: [1, 2, 3] }), operation });
const results = await run(experiment, { progress: "none" }).result();
const a = await derive({ store: "runs", experiment: "derived" }, { names: "a", compute: (run) => metric(run) });
const b = await derive({ store: "runs", experiment: "derived" }, { names: ["b", "c"], compute: () => ({ b: 1, c: 2 }) });
console.log(a.computed, b.computed);
`;

test("a metric is worked out again when a module that it uses changed, and for nothing else", () => {
  const { write, start } = project(MAIN);
  expect(start()).toBe("3 3");
  expect(start()).toBe("0 0");
  write("metric.js", METRIC.replace("return", "// the same\n  return"));
  write("main.js", `${MAIN}\nconsole.error("plots");\n`);
  expect(start()).toBe("0 0");
  write("metric.js", METRIC.replace("* one", "* one + 1"));
  expect(start()).toBe("3 0");
  write("operation.js", OPERATION.replace("params.x", "params.x + 1"));
  expect(start()).toBe("0 0");
  write("node_modules/dep/package.json", `{ "name": "dep", "version": "1.0.1", "type": "module" }`);
  expect(start()).toBe("3 0");
  write("main.js", MAIN.replace("b: 1", "b: 2"));
  expect(start()).toBe("0 3");
}, 120_000);

test("inside of a function its whole file counts, and functions of one file are told apart", () => {
  const script = `
import { derive, Experiment, grid, run } from "metalab";
async function main() {
  const experiment = new Experiment({ name: "derived", params: grid({ x: [1, 2] }), operation: () => ({ y: 1 }) });
  const results = await run(experiment, { progress: "none" }).result();
  const first = (await derive(results, { names: "a", compute: () => 1 })).computed;
  const second = (await derive(results, { names: "a", compute: () => 2 })).computed;
  console.log(first, second);
}
await main();
`;
  const { write, start } = project(script);
  expect(start()).toBe("2 2");
  expect(start()).toBe("2 2");
  write("main.js", script.replaceAll("=> 2", "=> 1"));
  expect(start()).toBe("2 0");
  expect(start()).toBe("0 0");
  write("main.js", `${script.replaceAll("=> 2", "=> 1")}\nfunction helper() {}\n`);
  expect(start()).toBe("2 0");
}, 120_000);
