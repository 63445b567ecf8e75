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
        { name: `lr${lr}-seed${seed}`, workspace: "tuning", tags: ["grid-search", `lr-${lr}`], store },
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
