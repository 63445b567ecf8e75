import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "../../../../src/results/export/tensorboard/crc32c.ts";
import { ProtoWriter } from "../../../../src/results/export/tensorboard/protobuf.ts";
import { writeTensorBoard } from "../../../../src/results/export/tensorboard/write.ts";
import { madeResults, type RunSketch } from "../../../helpers/made-results.ts";
import { protoFields, tfRecords } from "../../../helpers/tf-records.ts";

const scratch = mkdtempSync(join(tmpdir(), "metalab-tensorboard-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
const freshFolder = () => join(scratch, String(folders++));

describe("CRC-32C", () => {
  // RFC 3720, appendix B.4; the last is the check value of the catalogue of CRCs.
  test.each([
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
    [Buffer.from("123456789"), 0xe3069283],
  ])("is that of the RFC for %o", (bytes, expected) => expect(crc32c(bytes)).toBe(expected));

  test("is masked by a rotation and a constant", () => {
    // 0xe3069283 rotated right by 15 is 0x2507c60d; with 0xa282ead8 added it is this.
    expect(maskedCrc32c(Buffer.from("123456789"))).toBe(0xc78ab0e5);
  });
});

test("fields are written as Protocol Buffers say", () => {
  const bytes = (fill: (message: ProtoWriter) => void) => {
    const message = new ProtoWriter(1);
    fill(message);
    return message.bytes.toString("hex");
  };
  // The examples of the encoding guide: 150 in field 1, "testing" in field 2, and the first inside field 3.
  expect(bytes((m) => m.int(1, 150))).toBe("089601");
  expect(bytes((m) => m.text(2, "testing"))).toBe("120774657374696e67");
  expect(bytes((m) => m.message(3, (inner) => inner.int(1, 150)))).toBe("1a03089601");
  expect(bytes((m) => m.int(1, -2))).toBe("08feffffffffffffffff01");
  expect(bytes((m) => m.int(1, 2 ** 53 - 1))).toBe("08ffffffffffffff0f");
  expect(bytes((m) => m.double(1, 1))).toBe("09000000000000f03f");
  expect(bytes((m) => m.float(1, 1))).toBe("0d0000803f");
  expect(() => new ProtoWriter().int(1, 0.5)).toThrow(/a step must be a whole number/);
});

interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
  readonly time: number;
}

/** The scalars of an event file, and the tags of everything else. */
function readEvents(file: string): {
  readonly scalars: readonly Scalar[];
  readonly others: readonly string[];
} {
  const [version, ...events] = tfRecords(readFileSync(file));
  expect(
    protoFields(version!)
      .find(({ field }) => field === 3)
      ?.value.toString(),
  ).toBe("brain.Event:2");
  const scalars: Scalar[] = [];
  const others: string[] = [];
  for (const event of events) {
    const fields = new Map(protoFields(event).map(({ field, value }) => [field, value]));
    const summary = protoFields(protoFields(fields.get(5) as Buffer)[0]!.value as Buffer);
    const tag = summary.find(({ field }) => field === 1)!.value.toString();
    const value = summary.find(({ field }) => field === 2)?.value;
    if (value === undefined) others.push(tag);
    else {
      const time = fields.get(1) as number;
      scalars.push({ tag, step: Number(fields.get(2) ?? 0), value: value as number, time });
    }
  }
  return { scalars, others };
}

async function made(runs: readonly RunSketch[], series: Readonly<Record<string, readonly number[]>> = {}) {
  return madeResults(runs, {
    write: (writer, id) => {
      const pointers = Object.entries(series).map(([name, values]) => {
        const columns = {
          step: Float64Array.from(values, (_, i) => i),
          value: Float64Array.from(values),
        };
        return [name, writer.putBlock({ id, kind: "series", name, count: values.length, columns })] as const;
      });
      return { series: Object.fromEntries(pointers) };
    },
  });
}

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.includes("tfevents"))
    .map((name) => name.replaceAll("\\", "/"))
    .sort();

describe("writeTensorBoard()", () => {
  test("writes a folder for each run and one file for all", async () => {
    const results = await made([{ params: { x: 1 } }, { params: { x: 2 } }], { loss: [3, 2, 1] });
    const folder = freshFolder();
    expect(await writeTensorBoard(results, folder)).toEqual({ folder, runs: 2, points: 6 });
    const ids = results.table().map((row) => String(row["id"]).slice(0, 12));
    expect(files(folder)).toEqual([
      `booth@1/t0-r0-${ids[0]}/events.out.tfevents.metalab`,
      `booth@1/t1-r0-${ids[1]}/events.out.tfevents.metalab`,
      "events.out.tfevents.metalab",
    ]);
    expect(readEvents(join(folder, "events.out.tfevents.metalab"))).toEqual({
      scalars: [],
      others: ["_hparams_/experiment"],
    });
  });

  test("writes points with their steps, at times inside the run", async () => {
    const started = Date.UTC(2024, 0, 1);
    const values = [0.5, Number.NaN, Number.POSITIVE_INFINITY, -0.25, 1e300];
    const results = await made([{ started, durationMs: 5_000 }], { loss: values });
    const folder = freshFolder();
    await writeTensorBoard(results, folder);
    const { scalars, others } = readEvents(join(folder, files(folder)[0]!));
    expect(scalars.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
    expect(scalars.map(({ value }) => value)).toEqual([0.5, Number.NaN, Infinity, -0.25, Infinity]);
    expect(scalars.map(({ time }) => time)).toEqual([1, 2, 3, 4, 5].map((s) => started / 1_000 + s));
    expect(others).toEqual(["_hparams_/session_start_info", "_hparams_/session_end_info"]);
  });

  test("tells a metric once when its series ended on it, and as final/… when not", async () => {
    const results = await made([{ metrics: { a: 1, b: 7, flag: true, note: "*so*" } }], {
      a: [2, 1],
      b: [3, 4],
    });
    const folder = freshFolder();
    await writeTensorBoard(results, folder);
    const { scalars, others } = readEvents(join(folder, files(folder)[0]!));
    expect(scalars.map(({ tag, value }) => [tag, value])).toEqual([
      ["a", 2],
      ["a", 1],
      ["b", 3],
      ["b", 4],
      ["final/b", 7],
      ["flag", 1],
    ]);
    expect(others).toContain("metrics/note");
  });

  test("takes the place of what was written before, and of nothing else", async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, "mine.txt"), "kept");
    const results = await made([{}], { loss: [1] });
    await writeTensorBoard(results, folder);
    const first = files(folder).map((name) => readFileSync(join(folder, name), "hex"));
    await writeTensorBoard(results, folder);
    expect(files(folder).map((name) => readFileSync(join(folder, name), "hex"))).toEqual(first);
    expect(readFileSync(join(folder, "mine.txt"), "utf8")).toBe("kept");
    expect(readdirSync(folder).sort()).toEqual(["booth@1", "events.out.tfevents.metalab", "mine.txt"]);
  });

  test("a long series goes out in pieces", async () => {
    const values = Array.from({ length: 20_000 }, (_, i) => i / 2);
    const folder = freshFolder();
    await writeTensorBoard(await made([{}], { loss: values }), folder);
    const { scalars } = readEvents(join(folder, files(folder)[0]!));
    expect(scalars.map(({ value }) => value)).toEqual(values);
  });

  test("no runs make no files", async () => {
    const folder = freshFolder();
    const none = (await made([{}])).filter(() => false);
    expect(await writeTensorBoard(none, folder)).toEqual({ folder, runs: 0, points: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("says what is wrong", async () => {
    const results = await made([{}]);
    const file = freshFolder();
    writeFileSync(file, "");
    await expect(writeTensorBoard(results, file)).rejects.toMatchObject({ code: "METALAB_EXPORT_FAILED" });
    await expect(writeTensorBoard(results, "")).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
    await expect(writeTensorBoard([] as never, "x")).rejects.toMatchObject({
      code: "METALAB_OPTION_VALUE",
    });
  });
});
