import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cli, scratchFolder } from "../../helpers/cli.ts";

const folder = scratchFolder();
afterAll(() => folder.remove());

const LOG =
  'Epoch 1\nval acc: 0.5\n{"step": 1, "loss": 2}\nEpoch 2\nval acc: 0.75\n{"step": 2, "loss": NaN}\n';

describe("metalab metrics test", () => {
  test("tells what patterns find in old output", async () => {
    const { code, json } = await cli(
      ["metrics", "test", "--metric", "acc=/val acc: ([\\d.]+)/@min", "--json"],
      {
        input: LOG,
      },
    );
    expect(code).toBe(0);
    expect(json).toEqual({
      lines: 6,
      metrics: {
        loss: { value: "NaN", count: 2, firstStep: 1, lastStep: 2, source: "stdout" },
        acc: { value: 0.5, count: 2, firstStep: 0, lastStep: 1, source: "pattern (stdout)" },
      },
    });
  });

  test("reads files, and what looks like a metric", async () => {
    const path = join(folder.folder, "old.log");
    writeFileSync(path, LOG);
    const { code, out } = await cli(["metrics", "test", "--auto-metrics", path], { columns: 80 });
    expect(code).toBe(0);
    expect(out).toContain("6 lines, 2 metrics");
    expect(out).toMatch(/acc +│? *0\.75/);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("says when there is nothing", async () => {
    const { code, out } = await cli(["metrics", "test"], { input: "hello\n" });
    expect(code).toBe(0);
    expect(out).toContain("1 line, 0 metrics\nNo line is a JSON object of numbers. Try --auto-metrics");
  });

  test.each([
    [["--metric", "acc"], /--metric acc is no pattern/],
    [["--metric", "acc=/(/"], /regular expression of JavaScript/],
    [["--metric", "acc=/x/@best"], /@last, @first, @min, @max, @mean, got "@best"/],
    [["nowhere.log"], /nowhere\.log cannot be read/],
    [["--auto-metric"], /--auto-metrics/],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await cli(["metrics", "test", ...args], { input: "" });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
