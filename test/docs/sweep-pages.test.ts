import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";
import { cli, scratchFolder } from "../helpers/cli.ts";

const scratch = scratchFolder();
afterAll(scratch.remove);
writeFileSync(join(scratch.folder, "main.py"), "print('never run')\n");

const tools = ["sh", "python3"].map((program) => spawnSync(program, ["-c", ""]).status === 0);
const isPossible = tools.every(Boolean);

/** The command lines of a page's console blocks, and what they print. */
function commandsOf(page: string): readonly { readonly line: string; readonly output: string }[] {
  const text = readFileSync(join(ROOT, "docs", page), "utf8");
  return [...text.matchAll(/^```console\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [line = ""] = /^(?:.*\\\n)*.*\n/.exec(part) ?? [];
        return { line: line.trim(), output: part.slice(line.length) };
      }),
  );
}

/** The words that a shell makes of a line. */
function shellWords(line: string): readonly string[] {
  const { stdout } = spawnSync("sh", ["-c", `printf '%s\\0' ${line}`], {
    encoding: "utf8",
    cwd: scratch.folder,
  });
  return stdout.split("\0").slice(0, -1);
}

describe.skipIf(!isPossible)("what the pages show is what is printed", () => {
  test.each(
    ["any-program.md", "grid.md"].flatMap((page) => commandsOf(page).map((one) => ({ page, ...one }))),
  )("$page: $line", async ({ line, output }) => {
    const [metalab, ...argv] = shellWords(line);
    expect(metalab).toBe("metalab");
    expect(argv).toContain("--dry-run");
    const { PATH = "" } = process.env;
    const { code, out, err } = await cli(argv, { cwd: scratch.folder, env: { PATH } });
    expect(code).toBe(0);
    expect(out + err).toBe(output);
  });

  test("every line of Grid's page is there", () => {
    const lines = commandsOf("grid.md").map(({ line }) => line.replaceAll(/\s*\\\n\s*/g, " "));
    const theirs = [
      "main.py --layers 32 --learning_rate 0.01",
      "main.py --do_something",
      "main.py --learning_rate 0.01",
      "main.py --learning_rate 1e-2",
      "main.py --batch_size 32",
      "main.py --model bert",
      "main.py --model 'bert'",
      'main.py --model "bert"',
      'main.py --alpha "uniform(1e-5, 1e-1, 3)"',
      'main.py --layers "[32, 64, 128]"',
      'main.py --layers "(1, 10, 2)"',
      "main.py --model \"['resnet18' 'transformer', 'resnet50']\"",
      'main.py --alpha "uniform(1e-5, 1e-1, 3)" --beta "[1, 2, 3, 4]"',
      '--strategy random_search --trials 3 main.py --alpha "uniform(1e-5, 1e-1, 3)" --beta "[1, 2, 3, 4]"',
    ];
    for (const line of theirs) expect(lines).toContain(`metalab run --dry-run ${line}`);
  });
});
