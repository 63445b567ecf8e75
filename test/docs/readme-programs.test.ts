import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";
import { type CliEnded, cli, scratchFolder } from "../helpers/cli.ts";
import { fencedBlocks } from "../helpers/doc-examples.ts";
import { hasPython } from "../helpers/programs.ts";

const scratch = scratchFolder();
afterAll(scratch.remove);

const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const section = /^## Any program\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? "";
const [commands, config] = fencedBlocks(section).map(({ lines }) => lines);

const SCRIPT = `import argparse, json
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, required=True)
p.add_argument("--layers", type=int, default=1)
p.add_argument("--batch", type=int, default=16)
a = p.parse_args()
print(json.dumps({"acc": 1 / (1 + a.lr) + a.layers / 100 + a.batch / 1000}))
`;

/** A command of the README, as a shell would call it. */
function typed(line: string): Promise<CliEnded> {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  expect(words.slice(0, 2)).toEqual(["npx", "metalab"]);
  return cli(words.slice(2), { cwd: scratch.folder, env: { PATH: process.env["PATH"] ?? "" } });
}

describe.skipIf(!hasPython)("the README's commands for any program", () => {
  test("work as they stand", async () => {
    for (const name of ["main.py", "train.py"]) writeFileSync(join(scratch.folder, name), SCRIPT);
    writeFileSync(join(scratch.folder, "config.yaml"), config!.join("\n"));
    const said: string[] = [];
    for (const line of commands!) {
      const { code, out, err } = await typed(line);
      expect([line, code, err]).toEqual([line, 0, ""]);
      said.push(out);
    }
    expect(said[0]).toContain("main@1: 6 runs (6 success)");
    expect(said[1]).toContain("tuned@1: 12 runs (12 success)");
    expect(said[2]).toContain("Study digits: 8 runs, 8 successful");
    expect(said[3]).toContain("acc");
    expect((await typed(commands![0]!)).out).toContain("6 cached");
  });
});

test("every page of the documentation is linked, and every link leads somewhere", () => {
  const linked = new Set([...readme.matchAll(/\]\((docs\/[\w./-]+)/g)].map(([, path]) => path!));
  for (const path of linked) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
  const pages = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  expect(pages.filter((name) => !linked.has(`docs/${name}`))).toEqual([]);
});
