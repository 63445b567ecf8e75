import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { session } from "../../../src/index.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";

const scratch = scratchFolder();
const store = join(scratch.folder, "runs");
const run = (...argv: readonly string[]) => cli(argv, { cwd: scratch.folder });
afterAll(scratch.remove);

beforeAll(async () => {
  for (const lr of [0.1, 0.01]) {
    for (const seed of [1, 2, 3]) {
      await session(
        {
          name: `lr${lr}-seed${seed}`,
          workspace: "tuning",
          description: `Grid search: lr=${lr}`,
          tags: ["grid-search", `lr-${lr}`],
          store,
        },
        (s) => {
          s.parameters().set({ lr, seed });
          for (let epoch = 0; epoch < 4; epoch++)
            s.track("loss").append({ value: lr * seed + 1 / (epoch + 1), epoch });
          s.log(`seed ${seed} is trained`);
        },
      );
    }
  }
});

const LOSS = ["--metric", "loss", "--direction", "minimize"] as const;

interface Listed {
  readonly runs: readonly { readonly id: string; readonly session: string }[];
}

async function listed(...argv: readonly string[]): Promise<Listed["runs"]> {
  return ((await run("ls", "tuning", ...argv, "--json")).json as Listed).runs;
}

test("a workspace is listed, and its sessions by tag", async () => {
  expect((await run("ls")).out).toMatch(/tuning@sessions +6 +6 +0/);
  expect((await listed()).length).toBe(6);
  const names = (await listed("--filter", 'tags = "lr-0.01"')).map((one) => one.session);
  expect(names.sort()).toEqual(["lr0.01-seed1", "lr0.01-seed2", "lr0.01-seed3"]);
});

test("one session is shown, and its log printed", async () => {
  const [one] = await listed("--filter", 'session = "lr0.1-seed2"');
  expect((await run("show", one!.id)).out).toMatch(/tags +grid-search, lr-0\.1\n/);
  expect((await run("logs", one!.id)).out).toContain("seed 2 is trained");
});

test("sessions go by their names too", async () => {
  const shown = await run("show", "lr0.1-seed2");
  expect(shown.out).toMatch(
    /^Session lr0\.1-seed2 of tuning@sessions: success\n {2}Grid search: lr=0\.1\n {2}started/,
  );
  expect((await run("show", "tuning/lr0.1-seed2")).out).toBe(shown.out);
  expect((await run("logs", "lr0.1-seed2")).out).toContain("seed 2 is trained");
  const { out } = await run("why", "lr0.1-seed2");
  expect(out).toMatch(/^Session lr0\.1-seed2 of "tuning" was started .* and is success\.\n$/);
  const wrong = await run("show", "lr0.1-seed9");
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain("a session by its name, got");

  const others = join(scratch.folder, "others");
  for (const workspace of ["abc", "def"])
    await session({ name: "same", workspace, store: others }, (s) => s.metric("loss", 1));
  const { code, err } = await run("show", "same", "--store", others);
  expect(code).toBe(2);
  expect(err).toContain('2 workspaces have a session "same". Name one of: abc/same, def/same.');
  expect((await run("show", "abc/same", "--store", others)).out).toContain("of abc@sessions");
  await session({ name: "abc/same", workspace: "ghi", store: others }, (s) => s.metric("loss", 1));
  expect((await run("show", "abc/same", "--store", others)).err).toContain(
    "Name one of: abc/same, ghi/abc/same.",
  );
});

test("doctor does not advise to run a session again", async () => {
  const others = join(scratch.folder, "failing");
  const wrong = session({ name: "wrong", workspace: "w", store: others }, () => {
    throw new Error("out of luck");
  });
  await expect(wrong).rejects.toThrow("out of luck");
  const { out } = await run("doctor", "--store", others);
  expect(out).toContain("1 of 1 run failed, 1 of them with Error: out of luck");
  expect(out).toContain("metalab show <run> has the stack.");
  expect(out).not.toContain("retry");
});

test("a workspace has no plan, and is not run by commands", async () => {
  expect((await run("status", "tuning", "--json")).json).toMatchObject({
    experiments: [{ name: "tuning", planned: null, done: null, counts: { success: 6 }, etaMs: null }],
  });
  expect((await run("status")).out).toMatch(/tuning@sessions +– +– +6/);
  for (const verb of ["plan", "retry", "worker", "accept"]) {
    const { code, err } = await run(verb, "tuning");
    expect(code).toBe(2);
    expect(err).toContain('"tuning" is a workspace of sessions, whose runs a loop of your own makes.');
  }
});

test("the best of them, what was better, and a table", async () => {
  expect((await run("best", "tuning", ...LOSS, "--json")).json).toMatchObject({
    best: [{ params: { lr: 0.01, seed: 1 }, values: { loss: 0.26 } }],
  });
  const compared = await run("compare", "tuning", "--by", "lr", "--pair-by", "seed", ...LOSS, "--json");
  expect(compared.json).toMatchObject({ best: "0.01", pairs: [{ design: "paired" }] });
  const rows = (await run("export", "tuning", "--to", "csv")).out.trim().split("\r\n");
  expect(rows).toHaveLength(7);
  expect(rows[0]).toContain("session");
});

test("their tracks are drawn", async () => {
  const { code } = await run("plot", "intermediate_values", "-e", "tuning", ...LOSS, "-o", "t.svg");
  expect(code).toBe(0);
  expect(existsSync(join(scratch.folder, "t.svg"))).toBe(true);
  expect(readFileSync(join(scratch.folder, "t.svg"), "utf8")).toContain("6 runs");
});
