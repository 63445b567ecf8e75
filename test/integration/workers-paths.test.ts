import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../helpers/sandbox.ts";

let box: Sandbox;
beforeAll(async () => {
  box = await createSandbox();
  mkdirSync(box.path("src", "lib"), { recursive: true });
});
afterAll(() => box.remove());

const SCRIPT = `
  import { Experiment, grid, processes, run, threads } from "metalab";
  import { twice } from "@lib/twice";
  const experiment = new Experiment({
    name: "aliased",
    params: grid({ x: [1, 2, 3] }),
    operation: ({ params }: { params: { x: number } }) => ({ y: twice(params.x) }),
  });
  const kind = process.argv[2] as "processes" | "threads";
  const executor = { processes, threads }[kind]();
  const results = await run(experiment, { store: \`runs-\${process.argv[3]}\`, executor, workers: 2 }).result();
  console.log(JSON.stringify(results.table().map((row) => row["metrics.y"])), results.failed.length);
`;

/** A runner of TypeScript that knows the paths, and says nothing of that to processes that are started. */
const RUNNER = `
  import { createRequire } from "node:module";
  import { pathToFileURL } from "node:url";
  process.argv.splice(1, 1);
  const [, script] = process.argv;
  const path = createRequire(import.meta.resolve("metalab")).resolve("jiti");
  const { createJiti } = await import(pathToFileURL(path).href.replace(/[^/]+$/, "jiti.mjs"));
  await createJiti(pathToFileURL(script).href, { tsconfigPaths: true }).import(script);
`;

test.each(["processes", "threads"])(
  "%s follow the paths of tsconfig.json",
  async (kind) => {
    box.write(
      "tsconfig.json",
      `{ /* ours */ "compilerOptions": { "paths": { "@lib/*": ["./src/lib/*"], } } }`,
    );
    box.write("src/lib/twice.ts", "export const twice = (x: number): number => x * 2;");
    const script = box.write("aliased.ts", SCRIPT);
    const runner = box.write("runner.mjs", RUNNER);
    const { code, out, err } = await box.node([runner, script, kind, kind]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe("[2,4,6] 0\n");
  },
  120_000,
);

test("a tsconfig.json that cannot be read stops nothing", async () => {
  box.write("tsconfig.json", `{ "extends": "@nobody/has-this" }`);
  const script = box.write("plain.ts", SCRIPT.replace("@lib/twice", "./src/lib/twice.ts"));
  const cli = box.path("node_modules", "metalab", "node_modules", "jiti", "lib", "jiti-cli.mjs");
  const { code, out, err } = await box.node([cli, script, "processes", "broken"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toBe("[2,4,6] 0\n");
}, 120_000);
