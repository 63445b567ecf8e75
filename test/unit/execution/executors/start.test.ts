import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { startProcess } from "../../../../src/execution/executors/process-pool.ts";
import { processes } from "../../../../src/execution/executors/processes.ts";
import { futileError, startError } from "../../../../src/execution/executors/start.ts";
import { startThread } from "../../../../src/execution/executors/thread-pool.ts";
import { threads } from "../../../../src/execution/executors/threads.ts";
import { run } from "../../../../src/run/run.ts";
import { experiment } from "../../../fixtures/conformance-experiment.ts";

const module = fileURLToPath(new URL("../../../fixtures/conformance-experiment.ts", import.meta.url));
const { execPath, execArgv } = process;
const store = mkdtempSync(join(tmpdir(), "metalab-start-"));

afterEach(() => {
  process.execPath = execPath;
  process.execArgv = execArgv;
  rmSync(store, { recursive: true, force: true });
});

/** Temporary files without a name that this process has open. */
function scratchFiles(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.includes(`metalab-${process.pid}-`) ? [path] : [];
    } catch {
      return [];
    }
  });
}

// Refused at once, and later by the system.
const refused = () => {
  process.execPath = "/no\0where";
};
const missing = () => {
  process.execPath = "/nowhere/node";
};
const wrongFlag = () => {
  process.execArgv = ["--no-such-flag"];
};

describe.skipIf(process.platform !== "linux")("a worker that the system does not start", () => {
  test.each([
    ["process", refused, startProcess, "null bytes"],
    ["thread", wrongFlag, startThread, "--no-such-flag"],
  ] as const)("keeps no file open: a %s", (_, spoil, start, message) => {
    const before = scratchFiles();
    spoil();
    expect(() => start(1, module)).toThrow(message);
    expect(scratchFiles()).toEqual(before);
  });

  test.each([
    ["processes", refused, processes, "null bytes"],
    ["processes", missing, processes, "spawn /nowhere/node ENOENT"],
    ["threads", wrongFlag, threads, "--no-such-flag"],
  ] as const)("ends a sweep in %s, and says why", async (where, spoil, executor, message) => {
    const before = scratchFiles();
    spoil();
    const sweep = run(experiment, { executor: executor({ workers: 2, module }), store, progress: false });
    await expect(sweep.result()).rejects.toMatchObject({
      name: "ExecutorError",
      code: "METALAB_WORKER_START",
      message: expect.stringMatching(
        new RegExp(`^${where}\\(\\): workers could not be started, got: .*${message}`),
      ),
    });
    expect(scratchFiles()).toEqual(before);
  });
});

describe("why workers do not serve, in sentences", () => {
  const unused = (): never => {
    throw new Error("not for a sentence");
  };
  const kind = {
    where: "processes()",
    workers: 1,
    startTimeoutMs: 1000,
    findScript: unused,
    launch: unused,
    settled: unused,
  };
  const ended = { code: 1, signal: null, stderr: "" };
  const errors = [
    startError(kind, { unfit: { name: "DefinitionError", message: 'Write ifExists: "unique".' } }, ended),
    startError(kind, {}, { ...ended, stderr: "It is missing.\n" }),
    startError(kind, {}, { ...ended, error: new Error("spawn EAGAIN") }),
    futileError(kind, ended),
    futileError(kind, { ...ended, signal: "SIGTERM" as const, stderr: "Bye." }),
  ];

  test.each(errors.map(({ message }) => message))("%s", (message) => {
    expect(message).not.toMatch(/\.\.|\. \.| {2}/);
    expect(message).toMatch(/[^.]\. (?:What it needs|Start)/);
  });
});
