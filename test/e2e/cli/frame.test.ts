import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/names.ts";
import { Experiment, grid, run } from "../../../src/index.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";

test("the overview names every command", async () => {
  const { code, out } = await cli(["--help"]);
  expect(code).toBe(0);
  for (const { name, summary } of COMMANDS) {
    expect(out).toContain(`  ${name} `);
    expect(out).toContain(summary);
  }
});

test("without a command the overview is an error", async () => {
  const { code, out, err } = await cli([]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("Usage: metalab <command>");
});

test("the version is that of the package", async () => {
  expect((await cli(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each(COMMANDS.map(({ name }) => name))("%s has help with options and examples", async (name) => {
  const { code, out, err } = await cli([...name.split(" "), "--help"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(`Usage: metalab ${name}`);
  expect(out).toContain("--json");
  expect(out).toContain("Examples:");
  expect(out).toContain(`$ metalab ${name}`);
  expect((await cli(["help", ...name.split(" ")])).out).toBe(out);
});

test.each(COMMANDS.map(({ name }) => name))("%s refuses an option that there is not", async (name) => {
  const entry = COMMANDS.find((one) => one.name === name);
  // Settings of a config file may have any name.
  if ((await entry?.load())?.takesSettings === true) return;
  const { code, out, err } = await cli([...name.split(" "), "--jsn"]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toBe(
    `metalab ${name}: there is no option --jsn. Did you mean --json? See metalab ${name} --help.\n`,
  );
});

test("a mistyped command is answered with the nearest", async () => {
  const { code, err } = await cli(["lss"]);
  expect(code).toBe(2);
  expect(err).toMatch(/^metalab: there is no command "lss"\. Did you mean ls\?/);
});

test("an option before the command is told where it belongs", async () => {
  const { code, err } = await cli(["--store", "x", "ls"]);
  expect(code).toBe(2);
  expect(err).toContain("the command comes first, got --store");
});

test("with --json an error is JSON on standard error", async () => {
  const { code, out, err } = await cli(["ls", "--store", "/nowhere/at/all", "--json"]);
  expect([code, out]).toEqual([2, ""]);
  expect(JSON.parse(err)).toEqual({
    error: { code: "METALAB_USAGE", message: expect.stringContaining("there is no store") },
  });
});

test("long errors are broken at words, but for what is pointed at", async () => {
  const told = await cli(["ls", "--store", "/nowhere/at/all"], { errColumns: 40 });
  const lines = told.err.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  expect(lines.map((line) => line.trim()).join(" ")).toMatch(
    /^metalab ls: there is no store .* METALAB_STORE\.$/,
  );

  const argv = ["run", "--dry-run", "node", "--x", "(1, 2, 0)", "--y", "some text that is long enough"];
  const pointed = await cli(argv, { errColumns: 30, env: { PATH: process.env["PATH"] ?? "" } });
  expect(pointed.err).toContain("\n  (1, 2, 0)\n         ^");
});

test("swapped letters are known", async () => {
  const { err } = await cli(["sl"]);
  expect(err).toContain("Did you mean ls?");
});

test("the overview begins with run", async () => {
  const { out } = await cli(["--help"]);
  expect(/^Run\n {2}(\w+)/m.exec(out)?.[1]).toBe("run");
});

describe("what is advised", () => {
  const scratch = scratchFolder();
  const env = { METALAB_STORE: scratch.folder, PATH: process.env["PATH"] ?? "" };
  afterAll(scratch.remove);
  beforeAll(async () => {
    const aimless = new Experiment({
      name: "aimless",
      params: grid({ lr: [1, 2] }),
      operation: ({ params }) => ({ loss: params.lr }),
    });
    await run(aimless, { store: scratch.folder, progress: false }).result();
  });

  test.each([
    [
      ["best"],
      "best: the experiment has no objective, got no metric. Name one and a direction, as in --metric loss --direction minimize.",
    ],
    [["best", "--metric", "loss"], "got no direction. Add --direction minimize or --direction maximize."],
    [["compare", "--by", "lr"], "as in --metric loss --direction minimize."],
    [
      ["plot", "history"],
      "plot: one metric must be chosen, got an experiment without an objective. Write --metric loss --direction minimize with one",
    ],
    [
      ["plot", "scatter"],
      "plot: x must name what lies along the x axis, got nothing. Name a param, metric or field, --x lr.",
    ],
    [
      ["export", "aimless", "-o", "/dev/null/x.csv"],
      'metalab export: "/dev/null/x.csv" could not be written',
    ],
    [["report", "aimless", "-o", "/dev"], 'metalab report: "/dev" could not be written'],
    [["best", "--metric", "loss", "--direction", "minimize", "--write", "/dev/null/x.json"], "be written"],
    [["init", "-o", "/dev/null/x.yaml"], 'metalab init: the file "/dev/null/x.yaml" must be writable'],
    [
      ["ls", "--store", "/dev/null"],
      "metalab ls: /dev/null must be a folder, got something else on its path. Give a folder with --store,",
    ],
    [["run", "--store", "/dev/null/x", "node"], "metalab run: /dev/null/x must be a folder"],
    [["store", "copy", "/dev/null", "x"], "must be a folder"],
    [["import", "/dev/nowhere"], "got nothing there"],
    [["import", scratch.folder], "Copy its runs with metalab store copy <from> <to>."],
    [["ls", "aimless", "--columns", "foo"], "metalab ls: --columns: no run has"],
  ])("after %j are options", async (argv, told) => {
    const { code, err } = await cli(argv, { env, cwd: scratch.folder });
    expect([code, err]).toEqual([2, expect.stringContaining(told)]);
    const json = await cli(withJson(argv), { env, cwd: scratch.folder });
    expect(JSON.parse(json.err)).not.toMatchObject({ error: { message: expect.stringMatching(/\(\)|\{/) } });
  });
});

/** What stands behind a script is none of ours. */
function withJson([first = "", ...others]: readonly string[]): readonly string[] {
  return first === "store" ? [first, ...others, "--json"] : [first, "--json", ...others];
}
