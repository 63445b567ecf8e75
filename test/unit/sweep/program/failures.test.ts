import { expect, test } from "vitest";
import { folderFailure } from "../../../../src/sweep/program/failures.ts";

const failure = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: …, open`), {
    code,
    syscall: "open",
    ...(path !== undefined && { path }),
  });

test.each(["EISDIR", "ENOTDIR", "EEXIST", "ENXIO", "ELOOP", "ENOENT", "EACCES", "EPERM"])(
  "%s in the folder of a run is the program's",
  (code) => {
    const error = failure(code, "/tmp/runs/one/stdout.log");
    expect(folderFailure("train.py", "/tmp/runs/one", error)).toMatchObject({
      code: "METALAB_PROGRAM_FOLDER",
      cause: error,
    });
  },
);

test.each(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EROFS", "EIO"])("%s is not", (code) => {
  const error = failure(code, "/tmp/runs/one/stdout.log");
  expect(folderFailure("train.py", "/tmp/runs/one", error)).toBe(error);
});

test("what happens elsewhere, or is nothing of files, is not", () => {
  for (const error of [failure("EISDIR", "/tmp/runs/other"), failure("EISDIR"), new Error("x"), undefined])
    expect(folderFailure("train.py", "/tmp/runs/one", error)).toBe(error);
});
