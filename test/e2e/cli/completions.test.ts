import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/names.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";

const scratch = scratchFolder();
const script = (shell: string) => join(scratch.folder, `metalab.${shell}`);

beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await cli(["completions", shell]);
    expect(code).toBe(0);
    writeFileSync(script(shell), out);
  }
  for (const folder of [
    "runs/experiments/hypersearch@1",
    "runs/experiments/wide@2",
    "runs/experiments/a_b@1~1234abcd",
  ])
    mkdirSync(join(scratch.folder, folder), { recursive: true });
  mkdirSync(join(scratch.folder, "other", "experiments", "elsewhere@1"), { recursive: true });
});
afterAll(() => scratch.remove());

const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

/** What bash would offer for the last of some words. */
function offered(...words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const text = `source '${script("bash")}'; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _metalab; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const done = spawnSync("bash", ["--norc", "-c", text], { cwd: scratch.folder, encoding: "utf8" });
  expect(done.stderr).toBe("");
  return done.stdout.trim().split("\n");
}

describe.skipIf(!has("bash"))("bash", () => {
  test("offers commands, their second words, options, values and files", () => {
    const first = new Set(COMMANDS.map(({ name }) => name.split(" ")[0]!));
    expect(new Set(offered("metalab", ""))).toEqual(new Set([...first, "help"]));
    expect(offered("metalab", "pl")).toEqual(["plan", "plot"]);
    expect(offered("metalab", "store", "")).toEqual(["copy", "merge", "verify"]);
    expect(offered("metalab", "store", "verify", "--re")).toEqual(["--repair"]);
    expect(offered("metalab", "ls", "--li")).toEqual(["--limit"]);
    expect(offered("metalab", "export", "--to", "")).toEqual(expect.arrayContaining(["csv", "parquet"]));
    expect(offered("metalab", "ls", "metalab.b")).toEqual(["metalab.bash"]);
  });

  test("offers the experiments of the store, where they are meant", () => {
    expect(offered("metalab", "ls", "hy")).toEqual(["hypersearch"]);
    expect(offered("metalab", "plan", "w")).toEqual(["wide"]);
    expect(offered("metalab", "ls", "--store", "other", "")).toEqual(expect.arrayContaining(["elsewhere"]));
    expect(offered("metalab", "ls", "--store", "none", "*")).toEqual([""]);
    expect(offered("metalab", "run", "hy")).toEqual([""]);
  });
});

describe.skipIf(!has("fish"))("fish", () => {
  const words = (line: string): readonly string[] => {
    const text = `source '${script("fish")}'; complete -C '${line}'`;
    const done = spawnSync("fish", ["--no-config", "-c", text], { cwd: scratch.folder, encoding: "utf8" });
    return done.stdout
      .trim()
      .split("\n")
      .map((offer) => offer.split("\t")[0]!);
  };

  test("offers commands, their second words, options and values", () => {
    expect(words("metalab pl")).toEqual(["plan", "plot"]);
    expect(words("metalab store ")).toEqual(["copy", "merge", "verify"]);
    expect(words("metalab store verify --re")).toEqual(["--repair"]);
    expect(words("metalab export --to c")).toEqual(["csv"]);
  });

  test("offers the experiments of the store", () => {
    expect(words("metalab ls hy")).toEqual(["hypersearch"]);
    expect(words("metalab ls --store other else")).toEqual(["elsewhere"]);
  });
});

describe.skipIf(!has("zsh"))("zsh", () => {
  test("finds the experiments of the store", () => {
    const text = `compdef() { :; }; source '${script("zsh")}'; compadd() { shift; print -l -- "$@"; }; words=(metalab ls --store other); _metalab_experiments; words=(metalab ls); _metalab_experiments`;
    const done = spawnSync("zsh", ["-f", "-c", text], { cwd: scratch.folder, encoding: "utf8" });
    expect([done.stderr, done.stdout.trim().split("\n")]).toEqual(["", ["elsewhere", "hypersearch", "wide"]]);
  });
});

describe.each(["zsh", "fish"])("%s", (shell) => {
  test.skipIf(!has(shell))("takes the script", () => {
    const done = spawnSync(shell, ["-n", script(shell)], { encoding: "utf8" });
    expect([done.status, done.stderr]).toEqual([0, ""]);
  });

  test("has every command", async () => {
    const { json } = await cli(["completions", shell, "--json"]);
    const { script: text } = json as { readonly script: string };
    for (const { name } of COMMANDS) {
      for (const word of name.split(" ")) expect(text).toContain(word);
    }
  });
});

test.each([
  [["completions", "tcsh"], 'completions are for bash, zsh, fish, got "tcsh"'],
  [["completions"], "the argument <shell> is missing"],
])("%j is refused", async (argv, told) => {
  const { code, err } = await cli(argv);
  expect(code).toBe(2);
  expect(err).toContain(told);
});
