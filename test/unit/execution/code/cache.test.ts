import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { readCode } from "../../../../src/execution/code/code.ts";
import { Experiment } from "../../../../src/experiment/experiment.ts";
import { grid } from "../../../../src/experiment/sources.ts";
import { memoryStore } from "../../../../src/store/memory.ts";
import type { Store } from "../../../../src/store/store.ts";
import { project, script } from "../../../helpers/project.ts";

const FILES = {
  "main.ts": script("() => ({ y: f() + dep })", `import { f } from "./f";\nimport { dep } from "dep";`),
  "f/index.ts": `import { g } from "@/g";\nexport const f = () => g;`,
  "g.ts": "export const g = 1;",
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }`,
  "other/g.ts": "export const g = 1;",
  "node_modules/dep/package.json": `{ "name": "dep", "version": "1.0.0" }`,
};
const LOCK = `{ "packages": { "node_modules/dep": { "version": "1.0.1", "dependencies": { "deep": "*" } }, "node_modules/deep": { "version": "2.0.0" } } }`;
const one = project(FILES);
afterAll(() => one.remove());

test("what is cached of code holds until anything it rests on changes", async () => {
  const store = memoryStore();
  const experiment = new Experiment({
    name: "it",
    params: grid({ x: [1] }),
    operation: () => ({ y: 1 }),
    module: join(one.folder, "main.ts"),
  });
  const fingerprint = async () => (await readCode(experiment, store)).fingerprint;
  // Files that changed just now could change again without a trace, so nothing is cached of them.
  await sleep(2_100);
  const first = await fingerprint();
  expect(first).toBe(await one.fingerprint());
  expect(await fingerprint()).toBe(first);
  expect((await (await readCode(experiment, store)).graph())?.fingerprint).toBe(first);

  // Each as the first change after everything was cached.
  const edits: readonly Readonly<Record<string, string>>[] = [
    { "g.ts": "export const g = 2;" },
    { "f.ts": "export const f = () => 3;" },
    { "node_modules/dep/package.json": `{ "name": "dep", "version": "1.0.1" }` },
    { "package-lock.json": LOCK },
    { "package-lock.json": LOCK.replace("2.0.0", "2.0.1") },
    { "package.json": `{ "name": "project", "type": "module", "imports": {} }` },
  ];
  let before = first;
  for (const edit of edits.slice(0, -1)) {
    one.write(edit);
    const after = await fingerprint();
    expect(after).not.toBe(before);
    expect(after).toBe(await one.fingerprint());
    before = after;
  }
  one.write(edits.at(-1)!);
  expect(await fingerprint()).toBe(before);
});

test("what was read for one experiment is known to another of the same project", async () => {
  const names: string[] = [];
  const memory = memoryStore();
  const store: Store = {
    ...memory,
    cached: (name) => memory.cached(name),
    cache: (name, bytes) => {
      names.push(name);
      return memory.cache(name, bytes);
    },
  };
  const two = project({
    "a.ts": `import { g } from "./g.ts";\nexport const a = () => g;`,
    "b.ts": `import { g } from "./g.ts";\nimport { a } from "./a.ts";\nexport const b = () => a() + g;`,
    "c.ts": `import { h } from "./h.ts";\nexport const c = () => h;`,
    "g.ts": "export const g = 1;",
    "h.ts": "export const h = 1;",
  });
  const written = async (name: string): Promise<readonly string[]> => {
    names.length = 0;
    const experiment = new Experiment({
      name,
      params: grid({ x: [1] }),
      operation: () => ({ y: 1 }),
      module: join(two.folder, `${name}.ts`),
    });
    const { fingerprint } = await readCode(experiment, store);
    expect(fingerprint).toBe((await readCode(experiment, undefined)).fingerprint);
    return names.map((one) => one.replace(/.*\./, ""));
  };
  try {
    await sleep(2_100);
    expect(await written("b")).toEqual(["facts", "trace"]);
    // Nothing had to be read anew.
    expect(await written("a")).toEqual(["trace"]);
    expect(await written("c")).toEqual(["facts", "trace"]);
    two.write({ "g.ts": "export const g = 2;" });
    await sleep(2_100);
    expect(await written("a")).toEqual(["facts", "trace"]);
    expect(await written("b")).toEqual(["trace"]);
  } finally {
    two.remove();
  }
});

test("a module that is named counts, wherever the experiment is made", async () => {
  const experiment = new Experiment({
    name: "it",
    params: grid({ x: [1] }),
    operation: () => ({ y: 1 }),
    module: `file://${join(one.folder, "main.ts")}`,
  });
  const graph = await (await readCode(experiment, undefined)).graph();
  expect(graph?.modules[0]?.path).toBe("main.ts");
});

test("without one it is the file that makes the experiment", async () => {
  const experiment = new Experiment({ name: "here", params: grid({ x: [1] }), operation: () => ({ y: 1 }) });
  const { fingerprint, graph } = await readCode(experiment, undefined);
  expect(fingerprint).toMatch(/^graph\/2:[0-9a-f]{64}$/);
  expect((await graph())?.modules[0]?.path).toBe("test/unit/execution/code/cache.test.ts");
});

test.each([[""], [1], [null]])("module %j is refused", (module) => {
  expect(
    () =>
      new Experiment({
        name: "it",
        params: grid({ x: [1] }),
        operation: () => ({ y: 1 }),
        module: module as never,
      }),
  ).toThrow(expect.objectContaining({ code: "METALAB_EXPERIMENT_MODULE" }));
});
