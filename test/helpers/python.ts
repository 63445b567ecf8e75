import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./built.ts";

/**
 * A Python that can import a package: the one that METALAB_PYTHON names, the one in `.cache/python` (where `.ci/run`
 * puts it), or the system's. `undefined` where there is none.
 */
export function pythonWith(module: string): string | undefined {
  const candidates = [
    process.env["METALAB_PYTHON"],
    ...[join("bin", "python"), join("Scripts", "python.exe")]
      .map((path) => join(ROOT, ".cache", "python", path))
      .filter((path) => existsSync(path)),
    "python3",
  ];
  return candidates.find(
    (python) => python !== undefined && spawnSync(python, ["-c", `import ${module}`]).status === 0,
  );
}

/**
 * For tests that need packages of Python.
 *
 * @param packages - What pip calls them, where they are not called like the modules.
 * @throws Error where everything must be tested and it is missing
 */
export function pythonFor(
  test: string,
  module: string,
  packages: string = module.replaceAll(",", ""),
): string | undefined {
  const python = pythonWith(module);
  if (python !== undefined) return python;
  const told = `there is no Python with ${module}: python3 -m venv .cache/python && .cache/python/bin/pip install ${packages}`;
  if (process.env["METALAB_REQUIRE_ALL"] === "1") throw new Error(`METALAB_REQUIRE_ALL=1, and ${told}`);
  console.warn(`${test}: NOT TESTED, ${told}`);
  return undefined;
}
