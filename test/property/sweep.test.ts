import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MetalabError } from "../../src/errors.ts";
import { argumentsOf } from "../../src/sweep/arguments.ts";
import { parseSweep } from "../../src/sweep/flags/sweep.ts";
import { MersenneTwister } from "../../src/sweep/numpy/mersenne-twister.ts";

/** Words that are no sweep, hostile ones among them. */
const word = fc
  .oneof(
    fc.string(),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "--",
      "-",
      "--x",
      "-x",
      "--x=",
      "-1",
      "-1e-5",
      "a=b",
      "--no-x",
      "=",
      "--=",
      "---",
      "--x=a b",
      "$(rm)",
    ),
    fc.double().map(String),
    fc.integer().map((n) => `--${n}`),
  )
  .filter((text) => !/[[(]/.test(text));

/** Numbers that are told apart by a text; long integers are not, and are text to us. */
const number = fc
  .oneof(fc.integer({ min: -1e6, max: 1e6 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => !Object.is(value, -0))
  .filter((value) => /[.e]/.test(String(value)) || Number.isSafeInteger(value));
/** A character that no argument of a program can have. */
const NUL = "\0";
const item = fc.oneof(
  number,
  fc.string().filter((text) => !text.includes(NUL)),
  fc.constantFrom("[INST]", "it's", 'a "b"', "\\n", "", "é", "a, b"),
);

/** A text as a literal of Python. */
function literal(value: number | string): string {
  if (typeof value === "number") return String(value);
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
}

describe("the arguments of a script", () => {
  test("without a sweep reach it exactly as they are written", () => {
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        fc.pre(!argv.some((text) => /^-{0,2}__proto__(=|$)/.test(text)));
        const sweep = parseSweep(argv);
        expect(sweep.source.length).toBe(1);
        expect(sweep.commandFor(sweep.source.at(0))).toEqual(argv);
      }),
      { numRuns: 500 },
    );
  });

  test("whatever a value is, it is read, passed as it is, or refused with its place", () => {
    const signs = fc.string({ unit: fc.constantFrom(..."[](){},'\"?=-.e1 9axuniform\\\\np") });
    fc.assert(
      fc.property(
        fc.oneof(
          signs,
          signs.map((text) => `[${text}]`),
          signs.map((text) => `(${text})`),
          signs.map((text) => `normal(${text})`),
        ),
        (text) => {
          try {
            const sweep = parseSweep(["--x", text]);
            expect(sweep.source.length).toBeGreaterThan(0);
            sweep.commandFor(sweep.source.at(0));
          } catch (error) {
            expect(error).toBeInstanceOf(MetalabError);
            expect((error as MetalabError).details["at"]).toBeLessThan(text.length);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("literal values reach it exactly, whatever they look like", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          word.map((text) => `[${text}]`),
        ),
        (text) => {
          const sweep = parseSweep([`--x=${text}`], { literal: ["x"] });
          expect([sweep.source.length, sweep.source.at(0)]).toEqual([1, { x: text }]);
          expect(sweep.commandFor({ x: text })).toEqual([`--x=${text}`]);
        },
      ),
    );
  });
});

test("a list as Python writes it gives its values, in order, each once", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(item, { minLength: 2 }),
      fc.constantFrom(", ", ",", " , "),
      (values, comma) => {
        const sweep = parseSweep(["--x", `[${values.map(literal).join(comma)}]`]);
        const read = Array.from({ length: sweep.source.length }, (_, index) => sweep.source.at(index)["x"]);
        expect(read).toEqual(values);
        values.forEach((value, index) => {
          const written = sweep.commandFor(sweep.source.at(index)).join("\0");
          expect(written.replace(/^--x[\0=]/, "")).toBe(String(value));
        });
      },
    ),
    { numRuns: 300 },
  );
});

test("a text with the character NUL is refused wherever it stands in a list", () => {
  const whole = fc.string().filter((text) => !text.includes(NUL));
  fc.assert(
    fc.property(whole, whole, fc.uniqueArray(item, { maxLength: 3 }), (before, after, others) => {
      const values = [...others, before + NUL + after];
      expect(() => parseSweep(["--x", `[${values.map(literal).join(", ")}]`])).toThrow(
        "without the character NUL",
      );
    }),
  );
});

test("a product is what nested loops give, the first flag outermost", () => {
  const axis = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), (axes) => {
      const { source } = parseSweep(axes.flatMap((values, at) => [`--x${at}`, `[${values.join(", ")}]`]));
      let expected: number[][] = [[]];
      for (const values of axes)
        expected = expected.flatMap((head) => values.map((value) => [...head, value]));
      const read = Array.from({ length: source.length }, (_, index) => Object.values(source.at(index)));
      expect(read).toEqual(expected);
    }),
  );
});

test("a range of integers is what counting gives", () => {
  const bound = fc.integer({ min: -200, max: 200 });
  const step = fc.integer({ min: -30, max: 30 }).filter((value) => value !== 0);
  fc.assert(
    fc.property(bound, bound, step, (start, stop, by) => {
      const expected: number[] = [];
      for (let value = start; by > 0 ? value < stop : value > stop; value += by) expected.push(value);
      const parse = () => parseSweep(["--x", `(${start}, ${stop}, ${by})`]).source;
      if (expected.length === 0) {
        expect(parse).toThrow("needs at least one value");
        return;
      }
      const source = parse();
      const read = Array.from({ length: source.length }, (_, index) => source.at(index)["x"]);
      expect(read).toEqual(expected);
    }),
  );
});

test("a range of fractions is the same range of integers, divided", () => {
  const bound = fc.integer({ min: -300, max: 300 });
  fc.assert(
    fc.property(
      bound,
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 40 }),
      (start, span, by) => {
        const text = (value: number) => (value / 100).toFixed(2);
        const { source } = parseSweep(["--x", `(${text(start)}, ${text(start + span)}, ${text(by)})`]);
        expect(source.length).toBe(Math.ceil(span / by));
        for (let index = 0; index < source.length; index += 1) {
          expect(source.at(index)["x"]).toBe((start + index * by) / 100 + 0);
        }
      },
    ),
  );
});

test("numbers written for a program read as the same numbers", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = argumentsOf({ x: value }).join("=").replace("--x=", "");
      expect(Object.is(Number(text), value)).toBe(true);
    }),
  );
});

test("integers up to a bound are within it, for bounds of any size", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(), (max, seed) => {
      const value = new MersenneTwister(seed).upTo(max);
      expect(Number.isSafeInteger(value) && value >= 0 && value <= max).toBe(true);
    }),
  );
});
