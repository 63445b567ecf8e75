// `npm test`: builds what tests of the package need, runs vitest over everything (or over the paths given), names
// every test that was skipped, and ends with the line `N passed, N failed` (and `, N skipped` if any were).
// With METALAB_REQUIRE_ALL=1 a skipped test is a failure of the whole.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reportFile = join(root, ".cache", `vitest-${process.pid}.json`);
mkdirSync(dirname(reportFile), { recursive: true });
const node = (...args) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;

const built = node(join("scripts", "build.mjs"), "--if-stale") === 0;
const status = node(
  join("node_modules", "vitest", "vitest.mjs"),
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${reportFile}`,
  ...process.argv.slice(2),
);

const counts = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];
if (existsSync(reportFile)) {
  const report = JSON.parse(readFileSync(reportFile, "utf8"));
  rmSync(reportFile);
  for (const file of report.testResults) {
    const name = relative(root, file.name);
    for (const test of file.assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") counts.failed += 1;
      else {
        counts.skipped += 1;
        skipped.push(`${name} > ${test.fullName}`);
      }
    }
    // A file that cannot even be loaded has no tests that could fail.
    const told = file.assertionResults.some((test) => test.status === "failed");
    if (file.status === "failed" && !told) counts.failed += 1;
  }
}
// Errors outside of any test, a crash of the runner, or a build that failed.
if (counts.failed === 0 && (status !== 0 || !built)) counts.failed = 1;

if (skipped.length > 0) {
  console.log(`\nSKIPPED, so not tested here (${skipped.length}):`);
  for (const name of skipped) console.log(`  ${name}`);
}
const requireAll = process.env.METALAB_REQUIRE_ALL === "1";
if (requireAll && skipped.length > 0) console.log("METALAB_REQUIRE_ALL is set: a skipped test is a failure.");
const tail = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`\n${counts.passed} passed, ${counts.failed} failed${tail}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 || (requireAll && counts.skipped > 0) ? 1 : 0;
