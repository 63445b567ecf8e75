import { expect, test } from "vitest";
import { type ProgramOptions, programOperation } from "../../../src/sweep/program.ts";

const argv = () => ["true"];

test.each([
  [{ sources: [] }, /argv is a function .*, got undefined\. Write it/],
  [
    { argv: ["node", "train.js"], sources: [] },
    /argv is a function .*, got \["node","train\.js"\]\. Write it/,
  ],
  [{ argv }, /sources is a list of paths, got undefined\. /],
  [{ argv, sources: "train.py" }, /sources is a list of paths, got "train\.py"\. /],
  [{ argv, sources: [1] }, /sources is a list of paths, got \[1\]\. /],
  [{ argv, sources: [], files: {} }, /files is a function .*, got \{\}\. Correct it, or leave it out/],
  [{ argv, sources: [], onLine: true }, /onLine is a function, got true\. Correct it, or leave it out/],
  [{ argv, sources: [], grace: -1 }, /grace is a number of milliseconds from 0, got -1/],
])("%j is refused when the operation is made", (options, message) => {
  const make = () => programOperation(options as unknown as ProgramOptions);
  expect(make).toThrow(message);
  expect(make).toThrow(expect.objectContaining({ code: "METALAB_OPTION_VALUE" }));
});

test.each([
  [undefined, "METALAB_OPTIONS"],
  [{ argv, source: [] }, "METALAB_UNKNOWN_OPTION"],
])("so are no options, and unknown ones: %j", (options, code) => {
  expect(() => programOperation(options as unknown as ProgramOptions)).toThrow(
    expect.objectContaining({ code }),
  );
});
