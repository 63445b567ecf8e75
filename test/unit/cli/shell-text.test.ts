import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shellText } from "../../../src/cli/shell-text.ts";

const hasBash = spawnSync("bash", ["-c", ""]).status === 0;

describe.skipIf(!hasBash)("a command that is copied into a shell", () => {
  test("has the same words there", () => {
    const word = fc
      .oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."'\"\\$`!*~=\n\t\u001b é{}[]()|&;<># ") }))
      .filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const { stdout } = spawnSync("bash", ["-c", `printf '%s\\0' ${shellText(words, "linux")}`], {
          encoding: "utf8",
          env: { LC_ALL: "C.UTF-8" },
        });
        expect(stdout.split("\0").slice(0, -1)).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  test("stays as it is where a shell takes it so", () => {
    expect(shellText(["python3", "main.py", "--lr=1e-2", "a b", ""], "linux")).toBe(
      "python3 main.py --lr=1e-2 'a b' ''",
    );
  });
});

test("on Windows words are quoted as programs there read them", () => {
  expect(shellText(["C:\\a b\\main.py", 'say "hi"', "end\\", "C:\\x", ""], "win32")).toBe(
    '"C:\\a b\\main.py" "say \\"hi\\"" end\\ C:\\x ""',
  );
});
