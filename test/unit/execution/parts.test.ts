import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { functionFingerprint } from "../../../src/execution/code/code.ts";
import { loadParser } from "../../../src/execution/code/parser.ts";
import { lineText } from "../../../src/execution/progress/line.ts";
import { Tally } from "../../../src/execution/progress/tally.ts";
import {
  clockText,
  countText,
  durationText,
  plainText,
  rateText,
  summaryText,
} from "../../../src/execution/progress/text.ts";
import { gitState, metalabVersion, originFacts } from "../../../src/execution/provenance.ts";
import { createRateGate } from "../../../src/execution/rate.ts";
import type { ProgressState } from "../../../src/experiment/event.ts";
import { run } from "../../../src/run/run.ts";
import { atMost } from "../../../src/search/constraint.ts";
import { minimize } from "../../../src/search/objective.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { overX } from "../../helpers/sweeps.ts";

describe("a rate limit", () => {
  test("lets so many through in any window, not twice as many around its edge", () => {
    const gate = createRateGate({ runs: 3, perMs: 100 });
    const starts: number[] = [];
    for (let now = 0; now < 1_000; now += 7) {
      while (gate.waitMs(now) === 0) {
        gate.take(now);
        starts.push(now);
      }
    }
    for (const from of starts) {
      expect(starts.filter((start) => start >= from && start < from + 100).length).toBeLessThanOrEqual(3);
    }
    expect(starts.length).toBeGreaterThan(25);
  });

  test("says how long to wait", () => {
    const gate = createRateGate({ runs: 1, perMs: 50 });
    expect(gate.waitMs(10)).toBe(0);
    gate.take(10);
    expect([gate.waitMs(10), gate.waitMs(40), gate.waitMs(60), gate.waitMs(1_000)]).toEqual([50, 20, 0, 0]);
  });

  test("holds the starts of runs", async () => {
    let most = 0;
    let inFlight = 0;
    const experiment = overX(7, async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      return { y: 1 };
    });
    const rateLimit = { runs: 3, perMs: 60 };
    const handle = run(experiment, { store: memoryStore(), concurrency: 10, rateLimit, progress: "none" });
    await handle.result();
    expect(most).toBeLessThanOrEqual(3);
    // Two windows have to pass before the seventh run: however slow the machine, it cannot be less.
    expect(handle.progress.elapsedMs).toBeGreaterThan(119);
  });
});

const state: ProgressState = {
  total: 1_200,
  done: 300,
  cached: 100,
  success: 190,
  failed: 4,
  pruned: 6,
  cancelled: 0,
  running: 2,
  ratePerSecond: 12.34,
  etaMs: 73_000,
  elapsedMs: 16_000,
  slots: 1,
  waitingFor: [],
  retried: 0,
  etaRangeMs: undefined,
  stoppedBy: undefined,
  best: { metric: "loss", value: 0.0123456, id: "0".repeat(64) },
};

describe("progress text", () => {
  test("says all there is where it fits, and less where it does not, never more than the width", () => {
    expect(lineText("sweep", state, 200)).toBe(
      "sweep  [█████░░░░░░░░░░░░░░░]  300/1,200  25%  12.3/s  ETA 1:13  best loss 0.01235  4 failed  100 cached",
    );
    const more: ProgressState = {
      ...state,
      slots: 4,
      etaRangeMs: [60_000, 90_000],
      waitingFor: ["box-12-0a1b2c3d", "box-13-0a1b2c3d"],
      best: { metric: "loss", value: 0.0123456, id: "0", params: { lr: 0.01, opt: "adam", layers: [2, 4] } },
    };
    expect(lineText("sweep", more, 300)).toBe(
      "sweep  [█████░░░░░░░░░░░░░░░]  300/1,200  25%  12.3/s  ETA 1:13 (1:00 to 1:30)  2/4 busy  best loss 0.01235 (lr 0.01, opt adam, layers [2,4])  4 failed  100 cached  waiting for box-12 and 1 more",
    );
    for (let width = 1; width < 200; width++) {
      expect(lineText("sweep", more, width).length).toBeLessThanOrEqual(width);
    }
    for (let width = 1; width < 120; width++) {
      const text = lineText("sweep", state, width);
      expect(text.length).toBeLessThanOrEqual(width);
      if (width > 20) expect(text).toContain("4 failed");
    }
    expect(lineText("s", { ...state, total: 0, done: 0, failed: 0, best: undefined }, 80)).toContain(
      "0/0  100%",
    );
  });

  test("a summary names what happened, and nothing else", () => {
    expect(summaryText("sweep", { ...state, done: 1_200, success: 1_090 })).toBe(
      "metalab: sweep: 1,200 runs in 16.0 s: 1,090 successful, 4 failed, 6 pruned, 100 were there already; best loss 0.01235",
    );
    const few = { ...state, total: 2, done: 1, success: 1, failed: 0, pruned: 0, cached: 0, best: undefined };
    expect(summaryText("sweep", few)).toBe("metalab: sweep: 2 runs in 16.0 s: 1 successful, 1 not run");
  });

  test("numbers read well", () => {
    expect([0, 59_400, 60_000, 3_599_000, 3_600_000, 360_000_000].map(clockText)).toEqual([
      "0:00",
      "0:59",
      "1:00",
      "59:59",
      "1:00:00",
      "100:00:00",
    ]);
    expect([0, 999, 1_000, 59_940, 60_000].map(durationText)).toEqual([
      "0 ms",
      "999 ms",
      "1.0 s",
      "59.9 s",
      "1:00",
    ]);
    expect([41_000, 100, 1, 0.5, 0.001].map(rateText)).toEqual([
      "41,000/s",
      "100/s",
      "1.0/s",
      "30.0/min",
      "3.6/h",
    ]);
    expect([0, 999, 1_000, 1_234_567].map(countText)).toEqual(["0", "999", "1,000", "1,234,567"]);
  });

  test("text from anywhere is printed without escapes", () => {
    expect(plainText("a\u001b[31mred\u001b[0m\u0007\rb\n\tc\u009b2Jd")).toBe("aredb\n\tcd");
  });
});

describe("a tally", () => {
  test("estimates from the runs of this sweep alone", async () => {
    const tally = new Tally([]);
    tally.total = 100;
    tally.cached = 50;
    expect(tally.state()).toMatchObject({ done: 50, ratePerSecond: 0, etaMs: undefined });
    tally.begin();
    tally.success = 10;
    const { ratePerSecond, etaMs } = tally.state();
    expect(etaMs).toBeCloseTo((40 / ratePerSecond) * 1000, 6);
  });

  test("the best of several objectives is not told", () => {
    const tally = new Tally([
      { metric: "a", direction: "minimize" },
      { metric: "b", direction: "minimize" },
    ]);
    tally.offer(() => 1, "id");
    expect(tally.state().best).toBeUndefined();
  });

  test("the best of repeated trials is told as that of a single run", () => {
    const tally = new Tally([minimize("loss")], [], true);
    tally.total = 1;
    tally.offer(() => 0.5, "id");
    expect(tally.state().best).toEqual({ metric: "loss", value: 0.5, id: "id", isRepeated: true });
    expect(lineText("sweep", tally.state(), 200)).toContain("best run loss 0.5");
    expect(summaryText("sweep", tally.state())).toMatch(/; best run loss 0\.5$/);
  });

  test("a run that does not meet the constraints is not the best", () => {
    const tally = new Tally([minimize("loss")], [atMost("bytes", 10)]);
    const offer = (id: string, metrics: Readonly<Record<string, number>>) =>
      tally.offer((name) => metrics[name], id);
    offer("over", { loss: 1, bytes: 11 });
    offer("unknown", { loss: 1 });
    offer("not a number", { loss: 1, bytes: Number.NaN });
    expect(tally.state().best).toBeUndefined();
    offer("kept", { loss: 2, bytes: 10 });
    offer("over again", { loss: 0, bytes: 10.5 });
    expect(tally.state().best).toEqual({ metric: "loss", value: 2, id: "kept" });
  });
});

describe("provenance", () => {
  test("names this version, this process and the operation's code, and no value of the environment", async () => {
    process.env["METALAB_TEST_SECRET"] = "hunter2-hunter2";
    const operation = () => ({ y: 1 });
    const facts = await originFacts({ tags: ["baseline"] }, functionFingerprint(operation, undefined));
    expect(facts).toMatchObject({
      node: process.version,
      pid: process.pid,
      code: functionFingerprint(operation, undefined),
      tags: ["baseline"],
    });
    expect(facts.metalab).toMatch(/^\d+\.\d+\.\d+/);
    expect(facts.metalab).toBe(metalabVersion());
    expect(JSON.stringify(facts)).not.toContain("hunter2");
    delete process.env["METALAB_TEST_SECRET"];
  });

  test("the fingerprint of a function changes with its code, not with its layout", async () => {
    const parser = await loadParser();
    const a = functionFingerprint(() => ({ y: 1 }), parser);
    expect(a).toMatch(/^function\/2:[0-9a-f]{64}$/);
    expect(
      functionFingerprint(() => {
        return { y: 1 };
      }, parser),
    ).not.toBe(a);
    expect(functionFingerprint(/* a comment */ () => ({ /* and one more */ y: 1 }), parser)).toBe(a);
    expect(functionFingerprint(() => ({ y: 2 }), parser)).not.toBe(a);
    const { method } = { method() {} };
    expect(functionFingerprint(method, parser)).toMatch(/^function\/2:/);
  });

  test("git tells commit and dirty flag, and is absent outside of a repository", async () => {
    const folder = mkdtempSync(join(tmpdir(), "metalab-git-"));
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
        cwd: folder,
        encoding: "utf8",
      });
    expect(await gitState(folder)).toBeUndefined();
    git("init", "-q");
    expect(await gitState(folder)).toBeUndefined();
    writeFileSync(join(folder, "a"), "1");
    git("add", "a");
    git("commit", "-q", "-m", "first");
    const commit = git("rev-parse", "HEAD").trim();
    writeFileSync(join(folder, "untracked"), "1");
    expect(await gitState(folder)).toEqual({ commit, dirty: false });
    writeFileSync(join(folder, "a"), "2");
    expect(await gitState(folder)).toEqual({ commit, dirty: true });
    rmSync(folder, { recursive: true });
  });
});
