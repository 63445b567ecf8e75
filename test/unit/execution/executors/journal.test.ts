import { closeSync, fstatSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openScratch } from "../../../../src/execution/executors/scratch.ts";
import { Journal, type Report, replay } from "../../../../src/execution/worker-journal.ts";
import { encode } from "../../../../src/identity/canonical.ts";

/** What was told, as it was told. */
function listener(): { readonly told: unknown[][]; readonly to: Report } {
  const told: unknown[][] = [];
  const to: Report = {
    scalar: (...all) => void told.push(["scalar", ...all]),
    point: (...all) => void told.push(["point", ...all]),
    trackPoint: (...all) => void told.push(["trackPoint", ...all]),
    line: (...all) => void told.push(["line", ...all]),
    data: (...all) => void told.push(["data", ...all]),
    kept: (...all) => void told.push(["kept", ...all]),
  };
  return { told, to };
}

let fd: number;
beforeEach(() => {
  fd = openScratch(0)!;
});
afterEach(() => closeSync(fd));

function noted(slot: number, seq: number): unknown[][] {
  const { told, to } = listener();
  replay(fd, slot, seq, to);
  return told;
}

const value = fc.oneof(fc.double(), fc.string(), fc.boolean());
const name = fc.oneof(fc.constantFrom("loss", "ü", "acc"), fc.string());
const entry = fc.oneof(
  fc.tuple(fc.constant("scalar"), name, value),
  fc.tuple(fc.constant("point"), name, value, fc.nat()),
  fc.tuple(fc.constant("trackPoint"), name, fc.record({ a: value, b: fc.array(fc.integer()) })),
  fc.tuple(
    fc.constant("line"),
    fc.record({ time: fc.nat(), level: fc.constant("info"), message: fc.string() }),
  ),
);

function note(journal: Journal, [kind, ...all]: readonly unknown[]): void {
  (journal[kind as keyof Report] as (...all: readonly unknown[]) => void)(...all);
}

describe("the notes of a run", () => {
  test("say what it reported, without its doing anything more", () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 40 }),
        fc.nat(3),
        fc.integer({ min: 1 }),
        (entries, slot, seq) => {
          const journal = new Journal(fd, slot).begin(seq);
          for (const one of entries) note(journal, one);
          expect(noted(slot, seq)).toEqual(entries);
        },
      ),
    );
  });

  test("are its own: not those of an earlier run of the slot, nor of another slot", () => {
    const [one, other] = [new Journal(fd, 0), new Journal(fd, 1)];
    one.begin(1);
    for (let step = 0; step < 50; step++) one.point("loss", step, step);
    other.begin(2).scalar("x", 1);
    one.begin(3);
    expect(noted(0, 3)).toEqual([]);
    one.point("acc", 0.5, 7);
    expect(noted(0, 3)).toEqual([["point", "acc", 0.5, 7]]);
    expect(noted(1, 2)).toEqual([["scalar", "x", 1]]);
    expect(noted(0, 1)).toEqual([]);
    expect(noted(5, 1)).toEqual([]);
  });

  test("of many points are whole after the next turn, and nearly so before", async () => {
    const journal = new Journal(fd, 0).begin(9);
    const points = 100_000;
    for (let step = 0; step < points; step++) journal.point("loss", step / 2, step);
    const before = noted(0, 9);
    // No more than what is gathered may be missing.
    expect(before.length).toBeGreaterThan(points - 4_096 / 19 - 1);
    await new Promise((resolve) => setImmediate(resolve));
    const after = noted(0, 9);
    expect(after.length).toBe(points);
    expect(after.at(-1)).toEqual(["point", "loss", (points - 1) / 2, points - 1]);
  });

  test("can begin anew when they are many", () => {
    const journal = new Journal(fd, 0).begin(9);
    let step = 0;
    for (; !journal.isFull; step++) journal.point("loss", step, step);
    expect(step).toBeGreaterThan(500_000);
    journal.restart();
    expect(journal.isFull).toBe(false);
    // Notes are written at once again, as they are few after a while.
    journal.line({ time: 1, level: "info", message: "x".repeat(5_000) });
    expect(noted(0, 9)).toEqual([["line", { time: 1, level: "info", message: "x".repeat(5_000) }]]);
  });

  test("hold the data of a run, the last of each name, while the others begin anew", () => {
    const journal = new Journal(fd, 1).begin(4);
    const value = { when: new Date(5), big: 10n, list: new Float64Array([0.1, Number.NaN]), "": null };
    journal.data("state", encode(1, "state"));
    journal.scalar("x", 1);
    journal.data("given", encode(value, "given"));
    journal.data("state", encode({ epoch: 2 }, "state"));
    journal.restart();
    journal.point("loss", 0.5, 3);
    expect(noted(1, 4)).toEqual([
      ["point", "loss", 0.5, 3],
      ["data", "state", { epoch: 2 }],
      ["data", "given", value],
    ]);
    journal.begin(5);
    expect(noted(1, 5)).toEqual([]);
    journal.data("state", "other");
    expect(noted(1, 5)).toEqual([["data", "state", "other"]]);
  });

  test("hold the latest 16 MB of data, and of a larger value nothing", () => {
    const journal = new Journal(fd, 0).begin(1);
    const names = (): unknown[] => noted(0, 1).map(([, name]) => name);
    const piece = "é".repeat(2_000_000);
    for (let epoch = 0; epoch < 10; epoch++) journal.data(`epoch ${epoch}`, piece);
    const left = names();
    expect(left.at(-1)).toBe("epoch 9");
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThanOrEqual(4);
    journal.data("small", 1);
    journal.data("epoch 9", "x".repeat(17 << 20));
    expect(names()).toEqual([...left.slice(0, -1), "small"]);
    const { size } = fstatSync(fd);
    journal.data("small", 2);
    expect(fstatSync(fd).size - size).toBeLessThan(100);
    expect(noted(0, 1).at(-1)).toEqual(["data", "small", 2]);
  });

  test("are given up, not the run, when the file takes no more", () => {
    const closed = openScratch(0)!;
    closeSync(closed);
    const journal = new Journal(closed, 0).begin(1);
    journal.scalar("x", 1);
    journal.point("y", 1, 1);
    expect(noted(0, 1)).toEqual([]);
  });
});
