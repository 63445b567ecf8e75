import { tableFromArrays } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { chooseSerializer, deserialize, serialize } from "../../../src/store/serializer.ts";
import { decodeNpy } from "../../../src/store/serializers/npy.ts";

async function through(value: unknown, kind?: string) {
  const { kind: chosen, bytes, extension } = await serialize("thing", value, kind);
  const ref = { kind: chosen, hash: "0".repeat(64), sizeBytes: bytes.length, file: `thing.${extension}` };
  return { kind: chosen, extension, back: await deserialize(ref, new Uint8Array(bytes)), bytes };
}

describe("json", () => {
  test.each([
    [{ a: [1, Number.NaN, -0, 10n ** 20n], $x: { when: new Date(0), data: Float32Array.of(1.5) } }],
    [[]],
    [null],
    [true],
    [12n],
    [-0],
    ["half a pair \ud800"],
    [Object.assign(Object.create(null) as object, { a: 1 })],
  ])("keeps %o", async (value) => {
    expect(await through(value)).toMatchObject({ kind: "json", extension: "json", back: value });
  });
});

test("text is kept as UTF-8, byte order mark and all", async () => {
  const { kind, extension, back, bytes } = await through("\ufeffé\0\n");
  expect([kind, extension, back, bytes.length]).toEqual(["text", "txt", "\ufeffé\0\n", 7]);
});

test("bytes come back whatever held them", async () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  for (const value of [
    bytes,
    Buffer.from(bytes),
    bytes.buffer,
    new DataView(bytes.buffer),
    new Uint8Array([0, 1, 2, 3, 4]).subarray(1),
  ]) {
    expect(await through(value)).toMatchObject({ kind: "bytes", extension: "bin", back: bytes });
  }
});

describe("npy", () => {
  test("an array is read from a view into a larger buffer, as files are", async () => {
    const { bytes } = await serialize("x", Float64Array.of(1, 2, 3));
    const file = Buffer.concat([Buffer.alloc(8), bytes]).subarray(8);
    expect(decodeNpy(file)).toEqual({ data: Float64Array.of(1, 2, 3), shape: [3] });
  });

  test.each([
    [Int8Array.of(-1)],
    [Int16Array.of(-1, 300)],
    [Uint16Array.of(65535)],
    [Int32Array.of(-5, 2 ** 30)],
    [Uint32Array.of(2 ** 32 - 1)],
    [BigInt64Array.of(-(2n ** 63n))],
    [BigUint64Array.of(2n ** 64n - 1n)],
    [Float32Array.of(1.5, Number.NaN)],
    [Float64Array.of(0.1, -0, Number.NEGATIVE_INFINITY)],
    [new Float64Array(0)],
    [Float64Array.of(9, 1, 2).subarray(1)],
  ])("keeps %o with its type", async (value) => {
    const { kind, back } = await through(value);
    expect(kind).toBe("npy");
    expect(back).toEqual(value);
    expect(Object.is(back, value)).toBe(false);
  });

  test("keeps axes", async () => {
    for (const value of [
      { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
      { data: Int32Array.of(7), shape: [] },
      { data: new Float32Array(0), shape: [0, 4] },
    ]) {
      expect(await through(value)).toMatchObject({ kind: "npy", extension: "npy", back: value });
    }
    expect((await through({ data: Float64Array.of(1), shape: [1] })).back).toEqual(Float64Array.of(1));
    expect((await through({ data: Float64Array.of(1), shape: [2] })).kind).toBe("json");
  });

  test("is the file that NumPy writes", async () => {
    const { bytes } = await through({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
    const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
    expect(Buffer.from(bytes).toString("latin1", 0, 128)).toBe(
      `\x93NUMPY\x01\x00\x76\x00${header.padEnd(117)}\n`,
    );
    expect(bytes.length).toBe(128 + 48);
    expect(Buffer.from((await through(Float64Array.of(1))).bytes).toString("latin1")).toContain(
      "'shape': (1,), }",
    );
  });

  test("asked for, keeps bytes as numbers", async () => {
    for (const value of [Uint8Array.of(1, 255), Uint8ClampedArray.of(1, 255)]) {
      expect(await through(value, "npy")).toMatchObject({ kind: "npy", back: Uint8Array.of(1, 255) });
    }
  });

  test("refuses a file that it cannot read rightly", async () => {
    const good = (await through(Float64Array.of(1, 2))).bytes;
    const text = Buffer.from(good).toString("latin1");
    for (const bad of [
      text.replace("False", "True "),
      text.replace("<f8", ">f8"),
      text.slice(0, -1),
      text.slice(1),
    ]) {
      expect(() => decodeNpy(Buffer.from(bad, "latin1"))).toThrow(RangeError);
      const ref = { kind: "npy", hash: "0".repeat(64), sizeBytes: 1, file: "x.npy" };
      await expect(deserialize(ref, Buffer.from(bad, "latin1"))).rejects.toMatchObject({
        code: "METALAB_ARTIFACT_UNREADABLE",
      });
    }
  });
});

test("an Arrow table comes back as one", async () => {
  const table = tableFromArrays({ x: Float64Array.of(1, 2), name: ["a", null] });
  const { kind, extension, back } = await through(table);
  expect([kind, extension]).toEqual(["arrow", "arrow"]);
  expect(String(back)).toBe(String(table));
  expect(String((back as typeof table).schema)).toBe(String(table.schema));
});

test.each([
  ["png", "89504e470d0a1a0a0000"],
  ["jpg", "ffd8ffe000104a464946"],
  ["gif", Buffer.from("GIF89a..").toString("hex")],
  ["webp", Buffer.from("RIFF\x01\x02\x03\x04WEBPVP8 ", "latin1").toString("hex")],
  ["svg", Buffer.from('<?xml version="1.0"?>\n<!-- made -->\n<svg xmlns="…">').toString("hex")],
])("an image is recognised as %s by its bytes", async (extension, hex) => {
  const bytes = new Uint8Array(Buffer.from(hex, "hex"));
  expect(await through(bytes)).toMatchObject({ kind: "image", extension, back: bytes });
  expect((await through(bytes, "bytes")).extension).toBe("bin");
});

describe("what cannot be kept", () => {
  class Model {
    readonly weights = [1];
  }
  test.each([
    [() => 1, "a function"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [new Map(), "an instance of Map"],
    [new Model(), "an instance of Model"],
    [{ deep: [new Model()] }, "deep[0]"],
  ])("is an error that names the artifact and the type: %o", async (value, what) => {
    await expect(serialize("best model", value)).rejects.toMatchObject({
      name: "DefinitionError",
      code: "METALAB_ARTIFACT_UNSERIALIZABLE",
      message: expect.stringMatching(/"best model".*Convert it/),
    });
    await expect(serialize("best model", value)).rejects.toThrow(what);
  });

  test("a kind that does not take the value, and one that there is not, are told apart", () => {
    expect(() => chooseSerializer("x", { a: 1 }, "npy")).toThrow(
      expect.objectContaining({ code: "METALAB_ARTIFACT_UNSERIALIZABLE" }),
    );
    expect(() => chooseSerializer("x", 1, "pickle")).toThrow(
      /one of arrow, image, bytes, npy, text, json, got "pickle"/,
    );
  });
});

test("bytes of a kind that is not known here are returned as they are", async () => {
  const ref = { kind: "upper", hash: "0".repeat(64), sizeBytes: 1, file: "x.up" };
  expect(await deserialize(ref, Uint8Array.of(65))).toEqual(Uint8Array.of(65));
});
