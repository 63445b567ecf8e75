import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";

/** The members of an interface, each with its stated default. */
function membersOf(file: string, name: string): readonly (readonly [string, string])[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(ROOT, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
  return (found as ts.InterfaceDeclaration).members.map((member) => {
    const tag = ts.getJSDocTags(member).find((one) => one.tagName.text === "defaultValue");
    return [
      member.name!.getText(source),
      (ts.getTextOfJSDocComment(tag?.comment) ?? "").split(":")[0]!,
    ] as const;
  });
}

test("the page of options has each option of run() with the default that its comment states", () => {
  const page = readFileSync(join(ROOT, "docs", "options.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([a-zA-Z]+)` \| ([^|]+) \|.*\|.*$/gm)].map(
    (row) => [row[1], row[2]] as const,
  );
  const members = membersOf("src/run/options.ts", "RunOptions");
  expect(members.length).toBeGreaterThan(5);
  expect(rows).toEqual(members);
});
