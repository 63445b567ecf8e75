import { execFileSync, spawnSync } from "node:child_process";
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

/** A project whose script says what ran and what was said. */
function project(): {
  write(file: string, text: string): void;
  start(mode?: string): { ran: string; said: string };
} {
  const folder = mkdtempSync(join(tmpdir(), "metalab-stale-"));
  folders.push(folder);
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  mkdirSync(join(folder, "node_modules", "metalab"), { recursive: true });
  write(
    "node_modules/metalab/package.json",
    `{ "name": "metalab", "type": "module", "exports": "./index.mjs" }`,
  );
  copyFileSync(library.path, join(folder, "node_modules", "metalab", "index.mjs"));
  symlinkSync(join(ROOT, "node_modules", "oxc-parser"), join(folder, "node_modules", "oxc-parser"));
  write("package.json", `{ "name": "project", "type": "module" }`);
  write("helper.js", HELPER);
  write("train.js", TRAIN);
  return {
    write,
    start: (mode = "warn") => {
      const done = spawnSync(process.execPath, ["train.js", mode], {
        cwd: folder,
        encoding: "utf8",
      });
      if (done.status !== 0) throw new Error(done.stderr);
      return { ran: done.stdout.trim(), said: done.stderr };
    },
  };
}

const HELPER = `
export function other(x) {
  return x - 1;
}
export function step(x) {
  return x + 1;
}
`;
const TRAIN = `
import { accept, Experiment, grid, plan, run, why } from "metalab";
import { step } from "./helper.js";

const ran = [];
const experiment = new Experiment({
  name: "stale",
  params: grid({ x: [1, 2] }),
  operation: ({ params }) => {
    console.log("ran", params.x);
    return { y: step(params.x) };
  },
});
const mode = process.argv[2];
if (mode === "accept") console.log("accepted", (await accept(experiment)).runs);
else if (mode === "why") {
  for (const one of await plan(experiment)) console.log((await why(experiment, one)).text);
} else await run(experiment, { onStale: mode, progress: "log" }).result();
`;

test("an edited helper makes runs stale, with file, function, line and commit; a comment does not", () => {
  const { write, start } = project();
  const cwd = folders.at(-1)!;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd, encoding: "utf8" });
  git("init", "-q");
  git("add", "train.js", "helper.js");
  git("commit", "-qm", "first");
  const commit = git("rev-parse", "HEAD").slice(0, 7);

  expect(start().ran).toBe("ran 1\nran 2");
  write("helper.js", HELPER.replace("return x + 1;", "// one more\n  return (x + 1)"));
  const same = start();
  expect(same.ran).toBe("");
  expect(same.said).not.toContain("other code");

  write("helper.js", HELPER.replace("x + 1", "x + 2"));
  const warned = start();
  expect(warned.ran).toBe("");
  expect(warned.said).toContain(
    `2 of 2 runs in the store were made with other code: helper.js: function step changed (line 5), since commit ${commit}. They count as they are.`,
  );
  expect(start("use").said).not.toContain("other code");
  expect(start("why").ran).toContain(
    `with other code: helper.js: function step changed (line 5), since commit ${commit}.`,
  );

  expect(start("accept").ran).toBe("accepted 2");
  expect(start().said).not.toContain("other code");
  expect(start("rerun").ran).toBe("");

  // Accepted edits add up; the next one is stale again.
  write("helper.js", HELPER.replace("x + 1", "x + 3"));
  expect(start().said).toContain("function step changed (line 5)");
  expect(start("rerun").ran).toBe("ran 1\nran 2");
  expect(start("rerun").ran).toBe("");
  // What was accepted stays so for the records that count now only if they were made with it.
  expect(start().said).not.toContain("other code");
}, 120_000);

test("what follows the experiment in its file does not make runs stale", () => {
  const { write, start } = project();
  expect(start().ran).toBe("ran 1\nran 2");
  write("train.js", `${TRAIN}\nconsole.error("plot", 1 + 1);\n`);
  expect(start().said).not.toContain("other code");
  write("train.js", TRAIN.replace("y: step(params.x)", "y: step(params.x) * 2"));
  expect(start().said).toContain("train.js: operation changed (line 9)");
}, 120_000);
