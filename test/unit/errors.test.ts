import { describe, expect, test } from "vitest";
import { reasonOf } from "../../src/errors.ts";

describe("what was thrown, within a sentence", () => {
  test.each([
    [new Error('It must be "unique".'), 'It must be "unique"'],
    [new Error("spawn python ENOENT"), "spawn python ENOENT"],
    [new Error("ends with a line.\n"), "ends with a line"],
    ["of text.", "of text"],
    // Three dots are an ellipsis: with the full stop that follows they are three again.
    ["waiting...", "waiting.."],
    [undefined, "undefined"],
  ])("%s has no full stop of its own", (thrown, reason) => {
    expect(reasonOf(thrown)).toBe(reason);
  });
});
