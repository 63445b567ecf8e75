import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Experiment, grid, maximize, run as runSweep } from "../../../src/index.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";
import { fillStore } from "../../helpers/cli-store.ts";

const scratch = scratchFolder();
const env = { METALAB_STORE: join(scratch.folder, "runs") };
const run = (...argv: readonly string[]) => cli(argv, { cwd: scratch.folder, env });

beforeAll(() => fillStore(env.METALAB_STORE));
afterAll(() => scratch.remove());

describe("best", () => {
  test("tells the params that are best over their replicates", async () => {
    const { code, out } = await run("best", "hypersearch");
    expect(code).toBe(0);
    expect(out).toMatch(/^loss 0\.121 over 2 replicates, the best of 5;/);
    expect(out).toMatch(/lr +0\.1\n +batch +16\n/);
    expect((await run("best", "hypersearch", "--json")).json).toMatchObject({
      objectives: [{ metric: "loss", direction: "minimize" }],
      best: [{ params: { lr: 0.1, batch: 16 }, values: { loss: expect.closeTo(0.121, 12) }, replicates: 2 }],
    });
  });

  test("tells several, and by another metric", async () => {
    const { json } = await run("best", "hypersearch", "-n", "3", "--json");
    const { best } = json as { readonly best: readonly { readonly params: object }[] };
    expect(best.map(({ params }) => params)).toEqual([
      { lr: 0.1, batch: 16 },
      { lr: 0.1, batch: 32 },
      { lr: 0.1, batch: 64 },
    ]);
    const worst = await run("best", "hypersearch", "--metric", "accuracy", "--direction", "minimize");
    expect(worst.out).toMatch(/lr +1\n +batch +32\n/);
  });

  test("values that differ look so, also in their last digits", async () => {
    const close = join(scratch.folder, "close");
    const experiment = new Experiment({
      name: "close",
      params: grid({ x: [1, 2, 3] }),
      operation: ({ params }) => ({ acc: params.x === 3 ? 0.5 : 1 - params.x * 1e-9 }),
      objective: maximize("acc"),
    });
    await runSweep(experiment, { store: close, progress: false }).result();
    const { out } = await run("best", "-n", "3", "--store", close);
    expect(out).toMatch(/^1 +0\.999999999 +1 +1$/m);
    expect(out).toMatch(/^2 +0\.999999998 +1 +2$/m);
    expect(out).toMatch(/^3 +0\.5 +1 +3$/m);
  });

  test("writes the params into a file", async () => {
    await run("best", "hypersearch", "--write", "best.json");
    expect(JSON.parse(readFileSync(join(scratch.folder, "best.json"), "utf8"))).toEqual({
      lr: 0.1,
      batch: 16,
    });
    await run("best", "hypersearch", "--write", "best.yaml");
    expect(readFileSync(join(scratch.folder, "best.yaml"), "utf8")).toBe("lr: 0.1\nbatch: 16\n");
  });

  test("an objective that no run has reported is told with what they have", async () => {
    const typo = join(scratch.folder, "typo");
    const experiment = new Experiment({
      name: "typo",
      params: grid({ x: [1] }),
      operation: ({ capture }) => capture.metric("val_acc", 1),
      objective: maximize("val_acx", { captured: true }),
    });
    await runSweep(experiment, { store: typo, progress: false }).result();
    const { code, err } = await run("best", "--store", typo);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^metalab best: by the objective: no run has a metric named "val_acx"\. Did you mean "val_acc"\?/,
    );
  });

  test("without a run that has a value there is none", async () => {
    const { code, out } = await run("best", "hypersearch", "--filter", "status = 'failed'");
    expect(code).toBe(1);
    expect(out).toContain("No params have a value yet: 2 runs, 2 failed.");
  });

  test.each([
    [["best", "hypersearch", "--metric", "los"], 'Did you mean "loss"?'],
    [["best", "hypersearch", "--metric", "accuracy"], "which way is better is not known"],
    [["best", "hypersearch", "--direction", "up"], "--direction takes one of minimize, maximize"],
    [["best", "hypersearch", "--write", "best.txt"], "--write takes a file that ends in .json"],
    [["best", "hypersearch", "-n", "0"], "--top takes a whole number from 1 on"],
    [["best"], "Name one of: hypersearch, wide."],
  ])("%j is refused", async (argv, told) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(told);
  });
});

describe("compare", () => {
  test("tells which group is better", async () => {
    const { code, out } = await run("compare", "hypersearch", "--by", "params.lr");
    expect(code).toBe(0);
    expect(out).toContain("0.1 has the lowest mean loss");
    expect((await run("compare", "hypersearch", "--by", "lr", "--json")).json).toMatchObject({
      metric: "loss",
      best: "0.1",
      groups: [
        { label: "0.1", n: 6 },
        { label: "1", n: 4, failed: 2 },
      ],
    });
  });

  test("fits the terminal, and is whole where that is wide", async () => {
    const by = ["compare", "hypersearch", "--by", "lr,batch"] as const;
    expect((await run(...by)).out).toMatch(/^a − b .* n for 80 %$/m);
    const { out } = await cli(by, { cwd: scratch.folder, env, columns: 70 });
    expect(out).toMatch(/^a − b .*[^%]$/m);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(70);
  });

  test.each([
    [["compare", "hypersearch"], "--by is missing"],
    [["compare", "hypersearch", "--by", "lrr"], 'Did you mean "lr"?'],
    [["compare", "hypersearch", "nothing", "--by", "lr"], 'no experiment "nothing"'],
  ])("%j is refused", async (argv, told) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(told);
  });
});

describe("report", () => {
  test("writes a page", async () => {
    const { code, out } = await run("report", "hypersearch");
    expect(code).toBe(0);
    expect(out).toMatch(/^12 runs on a page of .*: hypersearch\.html\n$/);
    const page = readFileSync(join(scratch.folder, "hypersearch.html"), "utf8");
    expect(page).toContain("<!doctype html>");
    const { json } = await run("report", "hypersearch", "wide", "-o", "both.html", "--json");
    expect(json).toMatchObject({ path: join(scratch.folder, "both.html"), runs: 16 });
  });

  test("a metric that no run has is refused", async () => {
    const { code, err } = await run("report", "wide", "--metric", "yy", "--direction", "minimize");
    expect(code).toBe(2);
    expect(err).toContain("yy");
  });
});
