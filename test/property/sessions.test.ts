import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { loadResults } from "../../src/run/load.ts";
import { flatten, merged } from "../../src/run/session/parameters.ts";
import { session } from "../../src/run/session/verb.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryStore } from "../../src/store/memory.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-session-laws-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Tree = { readonly [key: string]: Tree | Leaf };
type Leaf = number | string | boolean | null | readonly number[];

const key = fc.constantFrom("a", "b", "c", "$d", "é");
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.double(),
  fc.string({ maxLength: 3 }),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 2 }),
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(key, fc.oneof({ maxDepth: 3 }, leaf, leaf, tie("tree")), { minKeys: 1, maxKeys: 3 }),
}));

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nested merging, as everybody does it: both are nested, or the later one counts. */
function mergedTrees(before: Tree, set: Tree): Tree {
  const after: Record<string, Tree | Leaf> = { ...before };
  for (const [name, value] of Object.entries(set)) {
    const known = Object.hasOwn(after, name) ? after[name] : undefined;
    after[name] = isTree(known) && isTree(value) ? mergedTrees(known, value) : value;
  }
  return after;
}

test("setting parameters one after the other is merging what is nested, and then naming it by dots", () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 5 }), (trees) => {
      const flat = trees.map(flatten).reduce(merged, {});
      expect(flat).toEqual(flatten(trees.reduce(mergedTrees, {})));
    }),
  );
});

test("a name by dots is the same as what is nested", () => {
  fc.assert(
    fc.property(tree, tree, (before, set) => {
      expect(merged(flatten(before), flatten(flatten(set)))).toEqual(merged(flatten(before), flatten(set)));
    }),
  );
});

const point = fc.record({ value: fc.oneof(fc.double(), fc.integer()), epoch: fc.nat(50) });
const action = fc.oneof(
  fc.tuple(fc.constant("track" as const), fc.constantFrom("loss", "Val/Loss"), point),
  fc.tuple(fc.constant("metric" as const), fc.constantFrom("x", "y"), fc.double()),
  fc.tuple(fc.constant("step" as const), fc.constantFrom("s"), fc.nat(9)),
  fc.tuple(fc.constant("log" as const), fc.string(), fc.constant(null)),
  fc.tuple(fc.constant("set" as const), fc.constantFrom("lr", "m.n"), fc.double()),
  fc.tuple(fc.constant("reopen" as const), fc.constant(""), fc.constant(null)),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

let stores = 0;

async function play(store: ReturnType<typeof memoryStore>, actions: readonly Action[]) {
  const options = { name: "s", workspace: "w", store };
  let s = await session(options);
  for (const [verb, name, value] of actions) {
    if (verb === "track") s.track(name).append(value);
    else if (verb === "metric") s.metric(name, value);
    else if (verb === "step") s.metric(name, value / 2, { step: value });
    else if (verb === "log") s.log(name);
    else if (verb === "set") s.parameters().set({ [name]: value });
    else {
      await s.close();
      s = await session(options);
    }
  }
  const open = await seen(store);
  await s.close();
  return { open, closed: await seen(store) };
}

async function seen(store: ReturnType<typeof memoryStore>) {
  const results = await loadResults(store, { workspace: "w" });
  const one = [...results][0]!;
  const { series = {}, tracks = {} } = await one.details();
  return {
    count: results.length,
    params: one.params,
    metrics: one.metrics,
    logs: (await one.logs()).map(({ message }) => message),
    series: await Promise.all(
      Object.keys(series)
        .sort()
        .map((name) => one.series(name)),
    ),
    tracks: await Promise.all(
      Object.keys(tracks)
        .sort()
        .map((name) => one.track(name)),
    ),
  };
}

test("however often it is closed and opened again, read while it is open or after: the same session", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const plain = await play(
        memoryStore(),
        actions.filter(([verb]) => verb !== "reopen"),
      );
      const folder = join(work, String(stores++));
      for (const store of [memoryStore(), fileStore(folder)]) {
        const { open, closed } = await play(store, actions);
        expect(closed).toEqual(plain.closed);
        expect(open).toEqual(closed);
        expect(store.damage).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});
