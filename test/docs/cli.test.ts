import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CommandEntry } from "../../src/cli/names.ts";
import { COMMANDS, GROUPS } from "../../src/cli/names.ts";
import { ROOT } from "../helpers/built.ts";

const PAGE = join(ROOT, "docs", "cli.md");
const MARK =
  "<!-- From here on made from the commands: METALAB_WRITE_DOCS=1 npx vitest run test/docs/cli.test.ts -->\n";

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

async function sectionOf({ name, summary, load }: CommandEntry): Promise<string> {
  const { args = [], about, afterDashes, options, examples } = await load();
  const words = ["metalab", name, ...args.map(([arg]) => arg)];
  if (afterDashes !== undefined) words.push(`[-- ${afterDashes}]`);
  const what = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const parts = [
    `## metalab ${name}`,
    [`\`${words.join(" ")}\``, what, ...(about === undefined ? [] : [about])].join("\n\n"),
  ];
  const rows = [
    ...args.map(([arg, text]) => `| \`${cell(arg)}\` | ${cell(text)} |`),
    ...Object.values(options).map(
      ({ flags, text, choices }) =>
        `| \`${cell(flags)}\` | ${cell(text)}${choices === undefined ? "" : `: ${choices.join(", ")}`} |`,
    ),
  ];
  if (rows.length > 0) parts.push(["| | |", "|---|---|", ...rows].join("\n"));
  parts.push(
    ["```sh", ...examples.flatMap(([line, text]) => [`# ${text}`, `metalab ${line}`]), "```"].join("\n"),
  );
  return parts.join("\n\n");
}

test("the page of the command line has every command as it is", async () => {
  const sections: string[] = [];
  for (const group of GROUPS) {
    for (const entry of COMMANDS.filter((one) => one.group === group)) sections.push(await sectionOf(entry));
  }
  const made = `${MARK}\n${sections.join("\n\n")}\n`;
  const page = readFileSync(PAGE, "utf8");
  const at = page.indexOf(MARK);
  expect(at).toBeGreaterThan(0);
  if (process.env.METALAB_WRITE_DOCS === "1") writeFileSync(PAGE, page.slice(0, at) + made);
  else expect(page.slice(at)).toBe(made);
});
