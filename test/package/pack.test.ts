import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensurePackable, ROOT } from "../helpers/built.ts";
import { fencedBlocks } from "../helpers/doc-examples.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-pack-"));
const user = join(work, "user");

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function shell(cwd: string, command: string, ...args: readonly string[]): Done {
  // npm passes its own settings on to what it starts; the user's folder must not inherit ours.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
  return spawnSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function succeed(cwd: string, command: string, ...args: readonly string[]): string {
  const done = shell(cwd, command, ...args);
  if (done.status !== 0)
    throw new Error(`${command} ${args.join(" ")} failed:\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** Runs a script in the user's folder and returns what it prints. */
function script(name: string, code: string): string {
  writeFileSync(join(user, name), code);
  return succeed(user, process.execPath, name).trim();
}

const tool = (name: string): string => join(ROOT, "node_modules", ".bin", name);
const RUN_ONE = `
  const experiment = new metalab.Experiment({
    name: "packed", version: "1",
    params: metalab.grid({ x: [1, 2, 3] }),
    operation: ({ params }) => ({ y: params.x * 2 }),
  });
  const results = await metalab.run(experiment, { progress: false }).result();
`;

let tarball = "";

beforeAll(() => {
  ensurePackable();
  succeed(ROOT, "npm", "pack", "--ignore-scripts", "--pack-destination", work);
  tarball = join(work, readdirSync(work).find((name) => name.endsWith(".tgz"))!);
  mkdirSync(user);
  writeFileSync(
    join(user, "package.json"),
    JSON.stringify({ name: "user", version: "1.0.0", private: true }),
  );
  succeed(user, "npm", "install", "--ignore-scripts", "--omit=dev", "--prefer-offline", tarball);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("the packed package", () => {
  test("holds what is run and read, and nothing of how it is made", () => {
    const names = succeed(work, "tar", "-tzf", tarball)
      .trim()
      .split("\n")
      .map((name) => name.replace(/^package\//, ""));
    expect(names).toEqual(
      expect.arrayContaining([
        "package.json",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "dist/index.js",
        "dist/index.d.ts",
        "dist/danfo.js",
        "dist/danfo.d.ts",
        "dist/vendor/danfo.cjs",
        "docs/store-format.md",
        "schemas/search.schema.json",
      ]),
    );
    const allowed =
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/[a-z-]+\.md|schemas\/search\.schema\.json|dist\/.+\.(js|d\.ts))$|^dist\/(vendor\/|plots\/fonts\/[\w-]+\.(ttf|txt)$)/;
    expect(names.filter((name) => !allowed.test(name))).toEqual([]);
  });

  test("is imported as an ES module and runs an experiment", () => {
    const code = `import * as metalab from "metalab"; ${RUN_ONE}; console.log(results.length, results.best("y", "max").metrics.y);`;
    expect(script("esm.mjs", code)).toBe("3 6");
  });

  test("runs the first example of the README as plain JavaScript", () => {
    const [first] = fencedBlocks(readFileSync(join(ROOT, "README.md"), "utf8"));
    const printed = script("sweep.mjs", first!.lines.join("\n"));
    expect(printed).toMatch(/^0\.001\s+9\s+0\s+final_value\s+9\b/m);
    expect(existsSync(join(user, "runs", "experiments", "hypersearch_grid@0.1"))).toBe(true);
  });

  test("is required from CommonJS", () => {
    const code = `const metalab = require("metalab"); (async () => { ${RUN_ONE}; console.log(results.successful.length); })();`;
    expect(script("common.cjs", code)).toBe("3");
  });

  test("makes a danfo frame without danfojs-node", () => {
    const code = `import * as metalab from "metalab"; ${RUN_ONE};
      const frame = await results.toDanfo(); console.log(JSON.stringify(frame.shape));`;
    expect(JSON.parse(script("danfo.mjs", code).split("\n").at(-1)!)[0]).toBe(3);
    expect(readdirSync(join(user, "node_modules"))).not.toContain("danfojs-node");
  });

  test("has a dependency tree without complaints and without development packages", () => {
    const done = shell(user, "npm", "ls", "--all", "--json");
    expect(done.status).toBe(0);
    const installed = readdirSync(join(user, "node_modules"));
    for (const name of ["vitest", "typescript", "esbuild"]) expect(installed).not.toContain(name);
  });

  test("installs nothing that runs a script at installation", () => {
    const lock = JSON.parse(readFileSync(join(user, "node_modules", ".package-lock.json"), "utf8")) as {
      readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
    };
    const packages = Object.entries(lock.packages);
    expect(packages.map(([name]) => name)).toContain("node_modules/apache-arrow");
    expect(packages.filter(([, entry]) => entry.hasInstallScript === true).map(([name]) => name)).toEqual([]);
  });

  test("has experiments and results whose types can be exported from a library with declarations", () => {
    const compilerOptions = {
      module: "NodeNext",
      target: "ES2023",
      strict: true,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: "declared",
      types: ["node"],
      lib: ["ES2023", "ESNext.Disposable"],
    };
    writeFileSync(join(user, "declared.json"), JSON.stringify({ compilerOptions, files: ["lab.mts"] }));
    writeFileSync(
      join(user, "lab.mts"),
      `import { Experiment, applyParams, choice, concat, directory, file, grid, int, loadResults, logint, lognormal, loguniform, manual, minimize, normal, optimizer, product, qint, random, Real, refineSpaceAround, run, sample, search, uniform, when } from "metalab";
       export const space = {
         opt: choice(["sgd", "adam"]), mom: when({ opt: "sgd" }, uniform(0, 1)), lr: loguniform(1e-5, 1),
         layers: int(1, 4), units: logint(8, 64), bias: normal(0, 1), scale: lognormal(0, 1), even: qint(0, 8, 2), decay: Real(0, 1),
       };
       export const cells = grid({ size: [1, 2] });
       export const listed = concat(cells, manual([{ size: 3 }]));
       export const crossed = product(cells, grid({ depth: [1, 2] }));
       export const some = sample(crossed, 2, 1);
       export const drawn = random({ space, trials: 3 });
       export const searched = search({ space, trials: 3 });
       export const asked = optimizer({ space, objective: minimize("loss") });
       export const config = applyParams({ model: "cnn" }, { size: 3 });
       export const tuned = new Experiment({
         name: "tuned",
         context: { train: file("a.csv"), images: directory("b") },
         defaults: { decay: 0 },
         params: random({ space: { opt: choice(["sgd", "adam"]), mom: when({ opt: "sgd" }, uniform(0, 1)) }, trials: 3 }),
         operation: async ({ params }) => ({ loss: params.decay, name: params.opt }),
         objective: minimize("loss"),
       });
       export const sweep = (sizes: readonly number[]) => new Experiment({
         name: "sweep", params: grid({ size: sizes }), operation: ({ params }) => ({ loss: params.size }),
       });
       export const handle = run(tuned);
       export const results = await handle.result();
       export const joined = results.concat(await run(sweep([1])).result());
       export const groups = joined.groupBy("opt", "size");
       export const best = joined.best("loss");
       export const chosen = joined.filter({ status: "success" }).top(3, "loss", "min");
       export const loaded = await loadResults("./runs", { experiment: tuned });
       export const closer = refineSpaceAround(results);
       export const details = await best.details();
       export const arrow = await results.toArrow();
       export const frame = await results.toDanfo();`,
    );
    expect(shell(user, tool("tsc"), "-p", "declared.json")).toMatchObject({ status: 0, stdout: "" });
    const declared = readFileSync(join(user, "declared", "lab.d.mts"), "utf8");
    expect(declared).toMatch(/opt: "sgd" \| "adam";/);
    expect(declared).not.toMatch(/Flat<|Widen<|node_modules/);
  });

  test("type-checks in a strict project that has none of the optional packages", () => {
    const compilerOptions = {
      module: "NodeNext",
      target: "ES2023",
      strict: true,
      noEmit: true,
      types: [],
      lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
      skipLibCheck: true,
    };
    writeFileSync(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.mts"] }));
    writeFileSync(
      join(user, "typed.mts"),
      `import * as metalab from "metalab"; ${RUN_ONE}
       for (const one of results) { const x: number = one.params.x; void x; }
       // @ts-expect-error the params have no such name
       for (const one of results) void one.params.z;`,
    );
    expect(shell(user, tool("tsc"), "-p", ".")).toMatchObject({ status: 0, stdout: "" });
  });

  test("satisfies publint", () => {
    const done = shell(ROOT, tool("publint"), "run", tarball, "--strict");
    expect(done.status, done.stdout + done.stderr).toBe(0);
  });

  test("satisfies arethetypeswrong for ES modules", () => {
    const done = shell(
      ROOT,
      tool("attw"),
      tarball,
      "--profile",
      "esm-only",
      "--no-emoji",
      "--format",
      "ascii",
    );
    expect(done.status, done.stdout + done.stderr).toBe(0);
  });
});
