import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { KeptOutput } from "../../../../src/sweep/program/kept-output.ts";
import { LINE_BYTES, LineCutter } from "../../../../src/sweep/program/lines.ts";
import { openedAt } from "../../../helpers/opened.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-output-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A text in pieces. */
const pieces = (texts: readonly string[]): readonly Buffer[] => texts.map((text) => Buffer.from(text));

const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n", "\r", "\r\n"), maxLength: 12 }), {
  maxLength: 20,
});

describe("lines", () => {
  const cut = (chunks: readonly Buffer[]): readonly string[] => {
    const lines: string[] = [];
    const cutter = new LineCutter(({ bytes, isOverwritten }) => {
      lines.push(`${bytes.toString()}${isOverwritten ? "\r" : "\n"}`);
    });
    for (const chunk of chunks) cutter.push(chunk);
    cutter.end();
    return lines;
  };

  test("end at \\n, \\r\\n and \\r, wherever the pieces are cut", () => {
    fc.assert(
      fc.property(texts, (parts) => {
        const whole = parts.join("");
        // What the language itself says of the whole: each piece up to an end, and the end.
        const expected = [...whole.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)]
          .filter(([all]) => all !== "")
          // Whether a last \r would be followed by \n is not known.
          .map(
            ([, text, end], at, { length }) => `${text}${end === "\r" && !(at === length - 1) ? "\r" : "\n"}`,
          );
        const found = cut(pieces(parts));
        if (/\r$/.test(whole) && expected.at(-1) === "\n") expected.pop();
        expect(found).toEqual(expected);
      }),
    );
  });

  test("are cut off where they are too long", () => {
    const [first, second] = cut([...Array(40).fill(Buffer.alloc(10_000, "x")), Buffer.from("\nnext\n")]);
    expect(first).toBe(`${"x".repeat(LINE_BYTES)}\n`);
    expect(second).toBe("next\n");
  });
});

describe("kept output", () => {
  test("is the whole where it is short, else its head and its tail, in a file that stays small", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 200 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(10),
        (parts, keep, held) => {
          const path = join(folder, "kept");
          rmSync(path, { force: true });
          const kept = new KeptOutput(path, keep);
          let largest = 0;
          for (const [at, part] of pieces(parts).entries()) {
            kept.write(part);
            if (at < held) continue;
            kept.reveal();
            largest = Math.max(largest, readFileSync(path).length);
          }
          kept.end(true);
          const whole = Buffer.from(parts.join("")).toString("latin1");
          if (whole === "") return;
          const left = readFileSync(path).toString("latin1");
          expect(kept.bytes).toBe(whole.length);
          expect(largest).toBeLessThanOrEqual(16 * keep + 60);
          if (whole.length <= 2 * keep) expect(left).toBe(whole);
          else {
            const mark = Buffer.from(`\n… (${whole.length - 2 * keep} bytes left out) …\n`).toString(
              "latin1",
            );
            expect(left).toBe(whole.slice(0, keep) + mark + whole.slice(-keep));
          }
        },
      ),
    );
  });

  test.skipIf(!existsSync("/dev/full") || !existsSync("/proc/self/fd"))(
    "that cannot be written stays open no longer",
    () => {
      const kept = new KeptOutput("/dev/full", 10);
      kept.write(Buffer.alloc(100, "x"));
      expect(() => kept.reveal()).toThrow("ENOSPC");
      expect(openedAt("/dev/full")).toBe(1);
      expect(() => kept.end()).toThrow();
      expect(openedAt("/dev/full")).toBe(0);
    },
  );
});
