import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt, ROOT } from "../../helpers/built.ts";
import { createSandbox, type Sandbox } from "../../helpers/sandbox.ts";

const SWEEP = `
import { Experiment, grid, run } from "metalab";
console.log("the script begins");
const first = new Experiment({
  name: "first",
  params: grid({ x: [1, 2, 3] as number[] }),
  operation: ({ params }): { y: number } => {
    if (params.x === 3 && !process.env.FINE) throw new Error("bad luck");
    return { y: params.x ** 2 };
  },
});
const results = await run(first, { store: "kept", progress: false }).result();
const second = new Experiment({
  name: "second",
  params: grid({ x: [results.length] }),
  operation: ({ params }) => ({ y: params.x }),
});
await run(second, { store: "kept", progress: false }).result();
console.log("the script ends");
`;

let box: Sandbox;
const cliFile = () => box.path("node_modules", "metalab", "dist", "cli.js");
const metalab = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const done = await box.node([cliFile(), ...args], {
    env: { ...process.env, METALAB_STORE: "", ...env },
  });
  return { ...done, json: () => JSON.parse(done.out) as Readonly<Record<string, unknown>> };
};

beforeAll(async () => {
  box = await createSandbox();
  box.write("sweep.ts", SWEEP);
});
afterAll(() => box.remove());

describe("a script as a definition", () => {
  test("is planned, done, tried again and explained without running it itself", async () => {
    const planned = await metalab(["plan", "sweep.ts", "--json"]);
    expect(planned.code).toBe(0);
    expect(planned.err).toContain("the script begins");
    expect(planned.err).not.toContain("the script ends");
    expect(planned.json()).toMatchObject({ experiment: "first", total: 3, fresh: 3, cached: 0 });

    const worked = await metalab(["worker", "sweep.ts", "--json"]);
    expect(worked.code).toBe(1);
    expect(worked.json()).toMatchObject({ total: 3, success: 2, failed: 1 });

    const text = await metalab(["plan", "sweep.ts"]);
    expect(text.out).toContain("first@1: 3 runs, 2 done, 1 to be run");
    expect(text.out).toContain("retry: failed: Error: bad luck");

    const again = await metalab(["retry", "sweep.ts", "--json"], { FINE: "1" });
    expect([again.code, again.json()]).toMatchObject([0, { total: 1, success: 1 }]);
    expect((await metalab(["retry", "sweep.ts"])).out).toContain("No run of it has failed");

    const { runs } = (await metalab(["ls", "first", "--store", "kept", "--json"])).json() as {
      readonly runs: readonly { readonly id: string }[];
    };
    const id = runs[0]!.id.slice(0, 10);
    expect((await metalab(["why", id, "sweep.ts"])).out).toContain("is done: success");
    expect((await metalab(["why", id, "--store", "kept"])).out).toContain("name the script to be told");

    box.write("sweep.ts", SWEEP.replace("params.x ** 2", "params.x ** 3"));
    expect((await metalab(["why", id, "sweep.ts"])).out).toContain(
      "with other code: sweep.ts: operation changed",
    );
    expect((await metalab(["accept", "sweep.ts", "--json"])).json()).toMatchObject({ runs: 3 });
    expect((await metalab(["why", id, "sweep.ts"])).out).toContain("is done: success");
  });

  test("has its other experiments by name", async () => {
    const second = await metalab(["plan", "sweep.ts", "-e", "second", "--json"]);
    expect(second.json()).toMatchObject({ experiment: "second", total: 1 });
    const neither = await metalab(["plan", "sweep.ts", "-e", "third"]);
    expect([neither.code, neither.out]).toEqual([2, ""]);
    expect(neither.err).toContain('neither runs nor exports the experiment "third"');
  });

  test("without run() is what it exports", async () => {
    box.write(
      "exported.mjs",
      'import { Experiment, grid } from "metalab";\nexport const it = new Experiment({ name: "it", params: grid({ x: [1] }), operation: () => ({ y: 1 }) });\n',
    );
    const { json } = await metalab(["plan", "exported.mjs", "--json"]);
    expect(json()).toMatchObject({ experiment: "it", total: 1 });
  });

  test("that leaves a server and a timer open keeps nobody waiting", async () => {
    box.write(
      "open.mjs",
      `import { createServer } from "node:http";
import { Experiment, grid, run } from "metalab";
createServer().listen(0);
setInterval(() => undefined, 1000);
const open = new Experiment({ name: "open", params: grid({ x: [1, 2] }), operation: () => ({ y: 1 }) });
await run(open, { store: "open-runs", progress: false }).result();
`,
    );
    const { code, out } = await metalab(["plan", "open.mjs"]);
    expect([code, out.split("\n")[0]]).toEqual([0, "open@1: 2 runs, 0 done, 2 to be run."]);
    expect((await metalab(["worker", "open.mjs"])).code).toBe(0);
  });

  test.each([
    [["plan", "nothing.ts"], "there is no script"],
    [["worker", "first", "--store", "kept"], "was defined by a script, which the store does not have"],
    [["retry", "firstt", "--store", "kept"], 'Did you mean "first"?'],
    [["accept", "sweep.ts", "--store", "x", "more"], "1 argument"],
    [["why", "12", "sweep.ts"], "6 to 64 hex digits"],
  ])("%j is refused", async (argv, told) => {
    const { code, out, err } = await metalab(argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  });
});

describe.skipIf(process.platform === "win32")("Ctrl-C", () => {
  test("lets what is in flight finish, and ends with 130", async () => {
    box.write(
      "slow.mjs",
      `import { Experiment, grid, run } from "metalab";
const slow = new Experiment({
  name: "slow",
  params: grid({ x: Array.from({ length: 1000 }, (_, i) => i) }),
  operation: async ({ params }) => {
    console.error("at work");
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { y: params.x };
  },
});
await run(slow, { store: "slow-runs", progress: false }).result();
`,
    );
    const child = box.start([cliFile(), "worker", "slow.mjs"], {
      env: { ...process.env, METALAB_STORE: "" },
    });
    let err = "";
    await new Promise<void>((resolve) => {
      child.stderr!.on("data", (piece: Buffer) => {
        err += piece.toString();
        if (err.includes("at work")) resolve();
      });
    });
    child.kill("SIGINT");
    const [code, signal] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => {
      child.on("close", (...how) => resolve(how));
    });
    expect([code, signal]).toEqual([130, null]);
    expect(err).toContain("metalab worker:");
    const { total } = (await metalab(["ls", "slow", "--store", "slow-runs", "--json"])).json();
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(1000);
  });
});

describe("the program", () => {
  test("takes paths of Windows as they are", async () => {
    const { code, err } = await metalab(["ls", "--store", "C:\\runs\\new"]);
    expect(code).toBe(2);
    expect(err).toContain(JSON.stringify("C:\\runs\\new").slice(1, -1));
    const script = await metalab(["plan", "C:\\x\\main.ts"]);
    expect(script.err).toContain("there is no script");
  });

  test("is what the package names, starts by itself, and ends without a word when its reader has seen enough", () => {
    ensureBuilt();
    const { bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      readonly bin: Readonly<Record<string, string>>;
    };
    const main = join(ROOT, bin.metalab!);
    expect(readFileSync(main, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(main).mode & 0o111).toBe(0o111);
    expect(spawnSync(main, ["--version"], { encoding: "utf8" }).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const piped = `"${process.execPath}" "${main}" completions zsh | head -n 1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", piped], { encoding: "utf8" });
    expect([stdout, stderr]).toEqual(["#compdef metalab\n", ""]);
  });
});
