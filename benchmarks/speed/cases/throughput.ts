/** Trivial runs into the default store in one process; beside it, one small JSON file per run and one bare append per run. */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "metalab";
import { trivial } from "../booth.ts";
import { measure, seconds, size, sizeOf } from "../case.ts";

const runs = size(100_000);

await measure(async (folder) => {
  const store = join(folder, "runs");
  const took = await seconds(() => run(trivial(runs), { store, progress: "none" }).result());
  const { files, bytes } = sizeOf(store);

  const record = (i: number) =>
    JSON.stringify({ id: i, params: { x: i / 3, y: i / 7 }, metrics: { value: i / 11 } });
  const few = Math.min(runs, 10_000);
  const perFile = join(folder, "per-file");
  mkdirSync(perFile);
  const perFileTook = await seconds(() => {
    for (let i = 0; i < few; i += 1) {
      writeFileSync(join(perFile, `${i}.tmp`), record(i));
      renameSync(join(perFile, `${i}.tmp`), join(perFile, `${i}.json`));
    }
  });
  const appendTook = await seconds(() => {
    for (let i = 0; i < few; i += 1) appendFileSync(join(folder, "append.jsonl"), `${record(i)}\n`);
  });
  return {
    runs,
    runsPerSecond: runs / took,
    naiveFilePerRunPerSecond: few / perFileTook,
    naiveBareAppendPerSecond: few / appendTook,
    filesPerRun: files / runs,
    bytesPerRun: bytes / runs,
  };
});
