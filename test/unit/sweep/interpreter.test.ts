import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launcherOf } from "../../../src/sweep/interpreter.ts";

let folder: string;
let bin: string;

function write(path: string, mode = 0o644): string {
  writeFileSync(path, "#!/bin/sh\nexit 0\n");
  chmodSync(path, mode);
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "metalab-launch-"));
  bin = join(folder, "bin");
  mkdirSync(bin);
  mkdirSync(join(folder, "venv", "bin"), { recursive: true });
  for (const program of ["python", "Rscript", "sh", "mine"]) write(join(bin, program), 0o755);
  write(join(folder, "venv", "bin", "python"), 0o755);
  for (const script of ["main.py", "a b.sh", "plot.R", "model.jl", "t.js", "t.ts", "data"])
    write(join(folder, script));
  write(join(folder, "tool"), 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (script: string, options: { interpreter?: string; env?: Record<string, string> } = {}) =>
  launcherOf(script, { cwd: folder, env: { PATH: bin, ...options.env }, ...omitEnv(options) });

function omitEnv({ interpreter }: { interpreter?: string }): { interpreter?: string } {
  return interpreter === undefined ? {} : { interpreter };
}

describe.skipIf(process.platform === "win32")("launcherOf()", () => {
  test("starts each ending by its program", () => {
    expect(at("main.py").argv).toEqual([join(bin, "python"), "main.py"]);
    expect(at("a b.sh").argv).toEqual([join(bin, "sh"), "a b.sh"]);
    expect(at("plot.R").argv).toEqual([join(bin, "Rscript"), "plot.R"]);
    expect(at("t.js").argv).toEqual([process.execPath, "t.js"]);
    expect(at("t.ts").argv[0]).toBe(process.execPath);
    expect(at("t.ts").argv.at(-1)).toBe("t.ts");
    expect(at("main.py").script).toBe(join(folder, "main.py"));
  });

  test("takes the Python of the active virtual environment", () => {
    const env = { VIRTUAL_ENV: join(folder, "venv") };
    expect(at("main.py", { env }).argv[0]).toBe(join(folder, "venv", "bin", "python"));
  });

  test("starts executables themselves, here and from the PATH", () => {
    expect(at("tool").argv).toEqual([join(folder, "tool")]);
    expect(at("mine")).toEqual({ argv: [join(bin, "mine")], script: undefined });
  });

  test("takes another program when told", () => {
    expect(at("data", { interpreter: "mine -u" }).argv).toEqual([join(bin, "mine"), "-u", "data"]);
    expect(at("data", { interpreter: "./tool" }).argv).toEqual([join(folder, "tool"), "data"]);
  });

  test.each([
    [
      "mian.py",
      {},
      "METALAB_SCRIPT_MISSING",
      'mian.py: the script to run must be there, got no such file. Did you mean "main.py"?',
    ],
    ["./mian.py", {}, "METALAB_SCRIPT_MISSING", 'Did you mean "./main.py"?'],
    ["bin", {}, "METALAB_SCRIPT_MISSING", "a script is a file, got a folder"],
    ["data", {}, "METALAB_SCRIPT_NOT_EXECUTABLE", "Say --interpreter <program>, or chmod +x data."],
    ["model.jl", {}, "METALAB_INTERPRETER_MISSING", "started by julia, got none on the PATH"],
    ["data", { interpreter: "nothing" }, "METALAB_INTERPRETER_MISSING", 'got "nothing"'],
  ])("refuses %s %o", (script, options, code, message) => {
    expect(() => at(script, options)).toThrow(message);
    expect(() => at(script, options)).toThrow(expect.objectContaining({ code }));
  });
});
