import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type CliEnded, cli, scratchFolder } from "../../helpers/cli.ts";

const scratch = scratchFolder();
afterAll(scratch.remove);

const env = { PATH: process.env["PATH"] ?? "" };

/** Fails for x 2 until a file says otherwise. */
function script(metric: string): string {
  return `const { existsSync } = require("node:fs");
const x = Number(process.argv[3]);
if (x >= 2 && !existsSync("fine")) process.exit(4);
console.log(JSON.stringify({ ${metric}: x }));
`;
}

beforeAll(() => writeFileSync(join(scratch.folder, "main.cjs"), script("loss")));

/** A command line, and what was said on standard error besides its own remarks. */
async function metalab(...argv: readonly string[]): Promise<CliEnded & { readonly notices: string }> {
  let notices = "";
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    notices += String(text);
    return true;
  });
  try {
    const { code, out, err } = await cli(argv, { cwd: scratch.folder, env });
    return { code, out, err, notices, json: out.startsWith("{") ? JSON.parse(out) : undefined };
  } finally {
    spy.mockRestore();
  }
}

/** The command that a notice advises, as words. */
function advised(notices: string, lead: RegExp): readonly string[] {
  const found = new RegExp(`${lead.source}metalab ((?:[\\w.@-]+ ?)+)`).exec(notices);
  return found?.[1]?.trim().split(" ") ?? [];
}

test("what is advised about a failed run repeats it, alone, in the store it is in", async () => {
  const argv = ["run", "--store", "kept", "main.cjs", "--x", "[1, 2, 3]"];
  const first = await metalab(...argv);
  expect(first.code).toBe(1);
  expect(first.notices).not.toMatch(/run\(|experiment\)|operation/);
  expect(first.out).toContain(`metalab ls main --store kept --filter "status = 'failed'" lists them`);
  const words = advised(first.notices, /To repeat it: /);
  expect(words).toEqual([
    "retry",
    "main",
    "--store",
    "kept",
    "--only",
    expect.stringMatching(/^[0-9a-f]{12}$/),
  ]);
  const again = await metalab(...words);
  expect([again.code, again.out.replace(/ in .*/s, "")]).toEqual([1, "main@1: 1 run (1 failed)"]);
});

test("--only runs again what is done, too", async () => {
  const { json } = await metalab("ls", "main", "--store", "kept", "--filter", "x = 1", "--json");
  const [{ id }] = (json as { readonly runs: readonly [{ readonly id: string }] }).runs;
  const { code, out } = await metalab("retry", "main", "--store", "kept", "--only", `${id.slice(0, 12)}…`);
  expect([code, out.replace(/ in .*/s, "")]).toEqual([0, "main@1: 1 run (1 success)"]);
});

test("--class and --filter choose among the failed ones", async () => {
  const retry = ["retry", "main", "--store", "kept", "--json"];
  expect((await metalab(...retry, "--class", "oom")).json).toMatchObject({ total: 0 });
  expect((await metalab(...retry, "--class", "exit", "--filter", "x = 3")).json).toMatchObject({ total: 1 });
});

test("what is advised about runs made with other code runs them again, or settles it", async () => {
  writeFileSync(join(scratch.folder, "fine"), "");
  const argv = ["run", "--name", "edited", "main.cjs", "--x", "[1, 2, 3]"];
  await metalab(...argv);
  writeFileSync(join(scratch.folder, "main.cjs"), script("cost"));
  const { notices } = await metalab(...argv);
  expect(notices).toContain("3 of 3 runs in the store were made with other code");
  expect(notices).not.toMatch(/run\(|accept\(/);
  const words = advised(notices, /as they are\. /);
  expect(words.slice(0, 3)).toEqual(["retry", "edited", "--stale"]);
  expect((await metalab("retry", "edited", "--stale", "--filter", "x = 1", "--json")).json).toMatchObject({
    total: 1,
    success: 1,
  });
  expect((await metalab("accept", "edited", "--json")).json).toMatchObject({ runs: 2 });
  expect((await metalab("retry", "edited", "--stale")).out).toBe(
    "No run of it has failed or was left undone.\n",
  );
});

test("failed runs of a search are tried again in their order", async () => {
  const argv = ["--strategy", "sobol", "--trials", "4", "--minimize", "cost", "--name", "searched"];
  writeFileSync(join(scratch.folder, "main.cjs"), script("cost").replace('"fine"', '"good"'));
  const first = await metalab("run", ...argv, "main.cjs", "--x", "(0, 9)");
  expect(first.code).toBe(1);
  expect(advised(first.notices, /To try failed ones again: /)).toEqual(["retry", "searched"]);
  const kept = await metalab("retry", "searched", "--class", "oom", "--json");
  expect(kept.json).toMatchObject({ cached: 4, failed: 0 });
  writeFileSync(join(scratch.folder, "good"), "");
  const again = await metalab("retry", "searched", "--json");
  expect([again.code, again.json]).toEqual([0, expect.objectContaining({ total: 4, failed: 0 })]);
});

test.each([
  [["main", "--store", "kept", "--class", "ooom"], "--class takes classes of errors, got ooom"],
  [["main", "--store", "kept", "--only", "46fecaf", "--stale"], "do not go with it"],
  [["main", "--store", "kept", "--only", "0123456789"], "none of its 3 runs has"],
  [["searched", "--only", "46fecaf"], "a search tries its failed runs again in their order, got --only"],
])("retry %j is wrong", async (argv, message) => {
  const { code, out, err } = await metalab("retry", ...argv);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(message);
});

test("versions of a name are told apart in what is advised", async () => {
  const { notices } = await metalab("run", "--store", "kept", "--version", "2", "main.cjs", "--x", "nothing");
  expect(notices).toBe("");
  writeFileSync(join(scratch.folder, "bad.cjs"), "process.exit(3);\n");
  const failed = await metalab("run", "--store", "kept", "--name", "main", "--version", "3", "bad.cjs");
  expect(advised(failed.notices, /To repeat it: /)).toContain("main@3");
});

test("what is advised about results is an option of the command line, too", async () => {
  await metalab("run", "--name", "single", "--minimize", "cost", "main.cjs", "--x", "[0, 1]");
  const best = await metalab("best", "single");
  expect(best.out).toContain("cost 0 over 1 replicate");
  expect(best.out).toContain("replicates would tell: --replicates 5.");
  expect((await metalab("compare", "single", "--by", "x")).out).toMatch(/--replicates \d/);
});
