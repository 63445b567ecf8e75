import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { createSandbox, processesOf, type Sandbox, until } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

let box: Sandbox;
beforeAll(async () => {
  box = await createSandbox();
});
afterAll(async () => {
  // Every worker's command line names the sandbox: none may be left.
  expect(await until(() => processesOf(box.folder).length === 0)).toBe(true);
  box.remove();
});

const SWEEP = `
  import { Experiment, grid, inline, processes, run, seeds, threads } from "metalab";
  console.log("top of the script");
  const [kind, store, workers] = process.argv.slice(2);
  const executor = { inline, processes, threads }[kind]();
  const experiment = new Experiment({
    name: "same",
    params: grid({ x: [0, -0, 1.5, Number.NaN, 10n], text: ["a", "ü\\n"], list: [[1, { deep: [2] }], []] }),
    seeds: seeds({ base: 3, replicates: 4 }),
    context: { scale: new Float64Array([0.1, 0.2]) },
    operation: async ({ params, seeds, capture, context, trial }) => {
      const rng = seeds.rng("noise");
      for (let step = 0; step < 10; step++) capture.metric("loss", rng.normal() * context.scale[0], { step });
      capture.data("given", { params: { ...params }, frozen: Object.isFrozen(params), trial: trial.number });
      console.log("run", trial.number, trial.replicate);
      if (trial.number % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      return { y: rng.uniform(), sum: Number(params.x) + params.list.length };
    },
  });
  const results = await run(experiment, { store, executor, ...(workers ? { workers: Number(workers), concurrency: 3 } : {}) }).result();
  console.log("successful", results.successful.length);
`;

describe("a sweep in workers", () => {
  test.each([["processes"], ["threads"]])(
    "gives the same as in one process, bit for bit: %s",
    async (kind) => {
      const script = box.write(`same-${kind}.mjs`, SWEEP);
      const key = { name: "same", version: "1" };
      const told = async (which: string, ...args: readonly string[]) => {
        const folder = box.path(`store-${kind}-${which}`);
        const { code, out, err } = await box.node([script, which, folder, ...args]);
        expect([code, err]).toEqual([0, ""]);
        expect(out.match(/top of the script/g)).toHaveLength(1);
        expect(out).toContain("successful 80");
        expect(out.match(/^run /gm)).toHaveLength(80);
        const store = fileStore(folder);
        const records = await recordsOf(store, "same");
        expect(records).toHaveLength(80);
        const rows = await Promise.all(
          records.map(async (record) => {
            const { id, trial, replicate, params, seed, status, metrics, attempt } = record;
            const series = (await store.block(key, record, record.series!["loss"]!)).columns["value"];
            const data = (await store.block(key, record, record.data!["given"]!)).columns["value"];
            const logs = (await store.logs(key, record)).map(({ message, level }) => [message, level]);
            return { id, trial, replicate, params, seed, status, metrics, attempt, series, data, logs };
          }),
        );
        return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
      };
      expect(await told(kind, "3")).toEqual(await told("inline"));
    },
    120_000,
  );

  test("skips what is done and goes on with the rest", async () => {
    const script = box.write("same-again.mjs", SWEEP);
    const store = box.path("store-again");
    await box.node([script, "inline", store]);
    const { out } = await box.node([script, "processes", store, "2"]);
    expect(out).not.toMatch(/^run /m);
    expect(await recordsOf(fileStore(store), "same")).toHaveLength(80);
  });
});

describe("a script that workers import", () => {
  const experiment = (name: string, body = "({ y: params.x * 2 })"): string =>
    `new Experiment({ name: "${name}", params: grid({ x: [1, 2, 3] }), operation: ({ params }) => ${body} })`;

  test("may be TypeScript with enums, parameter properties and imports of .js that are .ts", async () => {
    box.write(
      "part.ts",
      "export enum Factor { Two = 2 }\nexport class Scale { constructor(readonly by: number) {} }",
    );
    box.write(
      "typed.ts",
      `import { Experiment, grid, run } from "metalab";
       import { Factor, Scale } from "./part.js";
       const experiment = new Experiment({
         name: "typed", params: grid({ x: [1, 2, 3] }),
         operation: ({ params }) => ({ y: params.x * new Scale(Factor.Two).by }),
       });
       const results = await run(experiment, { workers: 2, store: "typed" }).result();
       console.log([...results].map((one) => one.metrics.y).join());`,
    );
    const jiti = box.path("node_modules", "metalab", "node_modules", "jiti", "lib", "jiti-cli.mjs");
    const { out, err } = await box.node([jiti, "typed.ts"]);
    expect([out.trim(), err]).toEqual(["2,4,6", ""]);
  }, 60_000);

  test("may be CommonJS with a main guard", async () => {
    box.write(
      "common.cjs",
      `const { Experiment, grid, run } = require("metalab");
       async function main() {
         const results = await run(${experiment("common")}, { workers: 2, store: "common" }).result();
         console.log(results.successful.length);
       }
       if (require.main === module) main();`,
    );
    const { out, err } = await box.node(["common.cjs"]);
    expect([out.trim(), err]).toEqual(["3", ""]);
  });

  test("may run two experiments, the second made from the results of the first", async () => {
    box.write(
      "two.mjs",
      `import { Experiment, grid, run, processes } from "metalab";
       const [executed] = process.argv.slice(2);
       const { appendFileSync } = await import("node:fs");
       const first = new Experiment({ name: "first", params: grid({ x: [1, 2, 3] }), operation: ({ params }) => {
         appendFileSync(executed, "first\\n"); return { y: params.x * 2 }; } });
       const best = (await run(first, { workers: 2, store: "two" }).result()).best("y", "max").metrics.y;
       const second = new Experiment({ name: "second", params: grid({ z: [best, best + 1] }), operation: ({ params }) => {
         appendFileSync(executed, "second\\n"); return { y: params.z }; } });
       const results = await run(second, { workers: 2, store: "two" }).result();
       console.log([...results].map((one) => one.metrics.y).join());`,
    );
    const { out, err } = await box.node(["two.mjs", box.path("executed")]);
    expect([out.trim(), err]).toEqual(["6,7", ""]);
    const { readFileSync } = await import("node:fs");
    const lines = readFileSync(box.path("executed"), "utf8").trim().split("\n");
    expect(lines.filter((line) => line === "first")).toHaveLength(3);
    expect(lines.filter((line) => line === "second")).toHaveLength(2);
  });

  test("may run experiments inside an operation", async () => {
    box.write(
      "nested.mjs",
      `import { Experiment, grid, memoryStore, run } from "metalab";
       const inner = (by) => new Experiment({ name: "inner", params: grid({ x: [1, 2] }), operation: ({ params }) => ({ y: params.x * by }) });
       const outer = new Experiment({ name: "outer", params: grid({ by: [1, 2] }), operation: async ({ params }) => {
         const results = await run(inner(params.by), { store: memoryStore() }).result();
         return { sum: [...results].reduce((sum, one) => sum + one.metrics.y, 0) };
       } });
       const results = await run(outer, { workers: 2, store: "nested" }).result();
       console.log([...results].map((one) => one.metrics.sum).join());`,
    );
    const { out, err } = await box.node(["nested.mjs"]);
    expect([out.trim(), err]).toEqual(["3,6", ""]);
  });

  test.each<[string, string, RegExp]>([
    [
      "a made-up value",
      "const made = process.pid;",
      /METALAB_WORKER_NOT_REACHED[\s\S]*another params source/,
    ],
    [
      "a failing import",
      'if (process.send) throw new RangeError("only once");',
      /METALAB_WORKER_SCRIPT_FAILED[\s\S]*only once/,
    ],
    [
      "a script that never comes to run()",
      "if (process.send) await new Promise((go) => setTimeout(go, 60000));",
      /METALAB_WORKER_SLOW[\s\S]*2000 ms/,
    ],
  ])("is refused with the reason: %s", async (_, head, told) => {
    const name = `refused-${head.length}.mjs`;
    box.write(
      name,
      `import { Experiment, grid, processes, run } from "metalab";
       ${head}
       const experiment = new Experiment({ name: "refused", params: grid({ x: [typeof made === "undefined" ? 0 : made] }), operation: () => ({ y: 1 }) });
       const error = await run(experiment, { executor: processes({ workers: 2, startTimeoutMs: 2000 }), store: "refused" }).result().catch((thrown) => thrown);
       console.log(error.code, error.message);`,
    );
    const { out } = await box.node([name]);
    expect(out).toMatch(told);
  });

  test("is refused where there is no file: stdin, and node -e", async () => {
    const text = `import { Experiment, grid, run } from "metalab";
      const error = await run(${experiment("nofile")}, { workers: 2, store: "nofile" }).result().catch((thrown) => thrown);
      console.log(error.code, error.message);`;
    const piped = await box.node(["--input-type=module", "-"], { input: text });
    expect(piped.out).toMatch(/^METALAB_WORKER_SCRIPT .*Save it as a file/);
    const typed = await box.node(["--input-type=module", "-e", text]);
    expect(typed.out).toMatch(/^METALAB_WORKER_SCRIPT .*module: ".\/experiment.js"/);
  });

  describe("in a thread that the script starts", () => {
    const GUARDED = `
      import { isMainThread, parentPort, Worker } from "node:worker_threads";
      import { Experiment, grid, processes, run, threads } from "metalab";
      const [kind, module] = process.argv.slice(2);
      // Something else keeps the script going, and what happens in the thread is not heard of.
      const alive = setInterval(() => undefined, 1000);
      if (isMainThread) {
        const thread = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
        thread.on("error", () => undefined);
        thread.on("message", (text) => { console.log(text); clearInterval(alive); });
      } else {
        const executor = { processes, threads }[kind]({ workers: 2, startTimeoutMs: 20_000, ...(module ? { module } : {}) });
        const results = run(${experiment("guarded")}, { executor, store: "guarded-" + kind + (module ?? "").length });
        const told = await results.result().then((all) => all.successful.length + " runs", (error) => error.code + " " + error.message);
        clearInterval(alive);
        parentPort.postMessage(told);
      }`;

    test("is refused at once where a worker process would come to it in a thread only", async () => {
      box.write("guarded.mjs", GUARDED);
      const { out } = await box.node(["guarded.mjs", "processes"]);
      expect(out).toMatch(
        /^METALAB_WORKER_NOT_REACHED processes\(\): .* in a thread that it had started itself.* processes\(\{ module: /,
      );
    });

    test("works in threads, and with a module of its own", async () => {
      box.write("guarded.mjs", GUARDED);
      box.write(
        "guarded-only.mjs",
        `import { Experiment, grid } from "metalab";\nexport const guarded = ${experiment("guarded")};`,
      );
      const ways = [["threads"], ["processes", "./guarded-only.mjs"], ["threads", "./guarded-only.mjs"]];
      for (const way of ways) expect((await box.node(["guarded.mjs", ...way])).out).toBe("3 runs\n");
    });

    test("works with a file of the thread's own", async () => {
      box.write(
        "own-thread.mjs",
        `import { Experiment, grid, run } from "metalab";
         const results = await run(${experiment("own")}, { workers: 2, store: "own" }).result();
         console.log(results.successful.length);`,
      );
      box.write(
        "starts-own.mjs",
        `import { Worker } from "node:worker_threads";\nnew Worker(new URL("./own-thread.mjs", import.meta.url));`,
      );
      const { out, err } = await box.node(["starts-own.mjs"]);
      expect([out.trim(), err]).toEqual(["3", ""]);
    });
  });

  test("is another module where that is named", async () => {
    box.write(
      "experiment.mjs",
      `import { Experiment, grid, run } from "metalab";\nexport const experiment = ${experiment("named")};\nrun(experiment, { store: "named", workers: 2 });`,
    );
    const text = `import { Experiment, grid, processes, run } from "metalab";
      const executor = processes({ workers: 2, module: "./experiment.mjs" });
      const results = await run(${experiment("named")}, { executor, store: "named" }).result();
      console.log(results.successful.length);`;
    const { out, err } = await box.node(["--input-type=module", "-e", text]);
    expect([out.trim(), err]).toEqual(["3", ""]);
  });

  test("may only export the experiment, and be named by the definition or the executor", async () => {
    box.write(
      "only.mjs",
      `import { Experiment, grid } from "metalab";
       const define = (name, options) => new Experiment({ name, params: grid({ x: [1, 2, 3] }), operation: ({ params }) => ({ y: params.x }), ...options });
       export const named = define("by-executor");
       export const naming = define("by-definition", { module: import.meta.url });`,
    );
    const text = `import { naming, named } from "./only.mjs";
      import { processes, run } from "metalab";
      const one = await run(named, { executor: processes({ workers: 2, module: "./only.mjs" }), store: "only" }).result();
      const other = await run(naming, { workers: 2, store: "only" }).result();
      console.log(one.successful.length, other.successful.length);`;
    const { out, err } = await box.node(["--input-type=module", "-e", text]);
    expect([out.trim(), err]).toEqual(["3 3", ""]);
  });

  test("cannot have its runs in memory", async () => {
    box.write(
      "memory.mjs",
      `import { Experiment, grid, run } from "metalab";
      const error = await run(${experiment("inmemory")}, { workers: 2, store: "memory:" }).result().catch((thrown) => thrown);
      console.log(error.code, error.message);`,
    );
    const { out } = await box.node(["memory.mjs"]);
    expect(out).toMatch(/^METALAB_WORKERS_STORE .*Use a folder/);
  });
});
