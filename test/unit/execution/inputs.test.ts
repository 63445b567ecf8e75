import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { resolveInputs } from "../../../src/execution/inputs.ts";
import { directory, file } from "../../../src/experiment/context.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";

const root = mkdtempSync(join(tmpdir(), "metalab-inputs-"));
let folder = "";
let count = 0;
beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(join(folder, "data", "deep"), { recursive: true });
  writeFileSync(join(folder, "data", "a.txt"), "a");
  writeFileSync(join(folder, "data", "deep", "b.txt"), "b");
});
afterAll(() => rmSync(root, { recursive: true }));

const old = new Date(Date.now() - 3_600_000);
const hashOf = async (context: unknown, store = memoryStore()) =>
  (await resolveInputs(context, store)).contextHash;

describe("a file", () => {
  test("counts by its content: not by name, place or time", async () => {
    const path = join(folder, "data", "a.txt");
    const first = await hashOf(file(path));
    cpSync(path, join(folder, "copy.bin"));
    utimesSync(path, old, old);
    expect(await hashOf(file(path))).toBe(first);
    expect(await hashOf(file(join(folder, "copy.bin")))).toBe(first);
    writeFileSync(path, "A");
    expect(await hashOf(file(path))).not.toBe(first);
  });

  test("is hashed again when it changed, although a hash was cached", async () => {
    const path = join(folder, "data", "a.txt");
    const store = memoryStore();
    utimesSync(path, old, old);
    const first = await hashOf(file(path), store);
    expect(await hashOf(file(path), store)).toBe(first);
    writeFileSync(path, "b");
    expect(await hashOf(file(path), store)).not.toBe(first);
    writeFileSync(path, "a");
    expect(await hashOf(file(path), store)).toBe(first);
  });

  test.each([
    (stamp: string) => [["", [stamp, 5]]],
    (stamp: string) => [["", [stamp, "of something else"]]],
    (stamp: string) => [["", [stamp]]],
    () => [["", null]],
    () => [null],
    () => ({ a: 1 }),
    () => 7,
  ])("is hashed where what is cached makes no sense (%#)", async (cachedOf) => {
    const path = join(folder, "data", "a.txt");
    const { size, mtimeNs, ctimeNs, ino, dev } = statSync(path, { bigint: true });
    const bytes = Buffer.from(JSON.stringify(cachedOf(`${size}:${mtimeNs}:${ctimeNs}:${ino}:${dev}`)));
    const store = Object.assign(memoryStore(), { cached: () => Promise.resolve(bytes) });
    expect(await hashOf(file(path), store)).toBe(await hashOf(file(path)));
  });

  test("is larger than what is read at once", async () => {
    const path = join(folder, "large.bin");
    writeFileSync(path, Buffer.alloc(3 << 20, 7));
    const first = await hashOf(file(path));
    const other = Buffer.alloc(3 << 20, 7);
    other[(3 << 20) - 1] = 8;
    writeFileSync(path, other);
    expect(await hashOf(file(path))).not.toBe(first);
  });

  test("is seen by operations with its absolute path and hash", async () => {
    const experiment = new Experiment({
      name: "reads",
      params: grid({ x: [1] }),
      context: { train: file(join(folder, "data", "a.txt")), folds: 5 },
      operation: ({ context }) => ({
        path: context.train.path,
        hash: context.train.hash,
        folds: context.folds,
      }),
    });
    const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
    expect(results.at(0)?.metrics).toEqual({
      path: join(folder, "data", "a.txt"),
      hash: "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
      folds: 5,
    });
  });
});

describe("a folder", () => {
  test("counts by the names and contents of its files", async () => {
    const first = await hashOf(directory(join(folder, "data")));
    cpSync(join(folder, "data"), join(folder, "copy"), { recursive: true });
    expect(await hashOf(directory(join(folder, "copy")))).toBe(first);
    renameSync(join(folder, "copy", "a.txt"), join(folder, "copy", "c.txt"));
    expect(await hashOf(directory(join(folder, "copy")))).not.toBe(first);
    renameSync(join(folder, "copy", "c.txt"), join(folder, "copy", "a.txt"));
    writeFileSync(join(folder, "copy", ".hidden"), "");
    expect(await hashOf(directory(join(folder, "copy")))).not.toBe(first);
    writeFileSync(join(folder, "data", "deep", "b.txt"), "changed");
    expect(await hashOf(directory(join(folder, "data")))).not.toBe(first);
  });

  test("links are followed, round trips end, and dangling ones count by their target", async () => {
    const data = join(folder, "data");
    const first = await hashOf(directory(data));
    symlinkSync(data, join(data, "deep", "round"));
    expect(await hashOf(directory(data))).toBe(first);
    symlinkSync(join(data, "a.txt"), join(data, "linked.txt"));
    const linked = await hashOf(directory(data));
    rmSync(join(data, "linked.txt"));
    cpSync(join(data, "a.txt"), join(data, "linked.txt"));
    expect(await hashOf(directory(data))).toBe(linked);
    symlinkSync("nowhere", join(data, "dangling"));
    expect(await hashOf(directory(data))).not.toBe(linked);
  });
});

describe("an input that cannot be read", () => {
  test("is named, with what to do", async () => {
    const missing = join(folder, "missing.csv");
    await expect(hashOf({ train: [file(missing)] })).rejects.toMatchObject({
      name: "DefinitionError",
      code: "METALAB_CONTEXT_MISSING",
      message: expect.stringContaining("context.train[0]"),
    });
    await expect(hashOf(file(join(folder, "data")))).rejects.toMatchObject({ code: "METALAB_CONTEXT_KIND" });
    await expect(hashOf(directory(join(folder, "data", "a.txt")))).rejects.toMatchObject({
      code: "METALAB_CONTEXT_KIND",
    });
  });
});
