import { describe, expect, test } from "vitest";
import { fingerprint, hexOf, runHasher } from "../../src/identity/ids.ts";
import { createRng, deriveSeed, deriveUint32 } from "../../src/math/random.ts";
import {
  choice,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  quantileOf,
  uniform,
} from "../../src/space/distribution.ts";

// A change of any literal here orphans the runs of every store, or changes what seeds mean: it is a breaking change
// that needs a new format version. The digests were worked out by another program from the pre-images in the comments.

describe("golden digests", () => {
  test("of a fingerprint", () => {
    // metalab.test/1⏎{"a":"x","b":[1,{"$num":"NaN"},{"$num":"-0"}]}
    expect(fingerprint("metalab.test", 1, { b: [1, Number.NaN, -0], a: "x" })).toBe(
      "ea9f461bce58dba95a1bc95df5da118bb820404f06399c8be2fff8f501bb2b1d",
    );
  });

  test("of a run, with and without a fold and a default", () => {
    const hasher = runHasher({
      name: "hypersearch_grid",
      version: "0.1",
      contextHash: null,
      defaults: { wd: 0 },
    });
    const seed = "0123456789abcdef0123456789abcdef";
    // metalab.run/1⏎{"context":null,"experiment":{"name":"hypersearch_grid","version":"0.1"},
    // "params":{"lr":0.001,"momentum":0.5},"seed":"0123456789abcdef0123456789abcdef"}   (one line after ⏎)
    expect(hexOf(hasher.digest({ momentum: 0.5, lr: 0.001 }, seed))).toBe(
      "b6d825e8888e556f3baee831f07fc2c0e24d20940bc08c1c5542d499a5c08566",
    );
    // … "fold":{"count":5,"index":1},"params": …
    expect(hexOf(hasher.digest({ momentum: 0.5, lr: 0.001, wd: 0 }, seed, { index: 1, count: 5 }))).toBe(
      "5662766651abe49c678fa936deb9efa2d6f09393f3d9e75b318984012402ab20",
    );
  });

  test("of a run with every kind of value", () => {
    const hasher = runHasher({ name: "é", version: "1", contextHash: "ab" });
    const params = {
      $a: 1n,
      layers: [64, 32],
      "training.lr": 1e-7,
      x: Number.NaN,
      on: true,
      none: null,
      d: new Date(0),
      f: new Float64Array([0.5]),
    };
    // metalab.run/1⏎{"context":"ab","experiment":{"name":"é","version":"1"},"params":{"$$a":{"$bigint":"1"},
    // "d":{"$date":"1970-01-01T00:00:00.000Z"},"f":{"$f64":[0.5]},"layers":[64,32],"none":null,"on":true,
    // "training.lr":1e-7,"x":{"$num":"NaN"}},"seed":"00"}
    expect(hexOf(hasher.digest(params, "00"))).toBe(
      "8bfe279778a7b6e8db36afbd017d0207149dead83b20bdf291b828cfc2aadd7d",
    );
  });

  test("of seeds", () => {
    // metalab.seed/1⏎[42,"init"]
    expect(deriveSeed(42, "init")).toBe("5cc6be7740a89a37d92d25f3d9581f95114545e6a351a7cb45bfd2aa3e08de3e");
    // metalab.seed/1⏎["é",{"$num":"-0"}]
    expect(deriveSeed("é", -0)).toBe("13a44306306794932f98f430f95f364ca3158bbfc2b2680d677d2af87c914519");
    expect(deriveUint32(42, "replicate", 3)).toBe(1229983417);
  });
});

test("golden draws of a stream", () => {
  const rng = createRng(42, "init");
  expect([rng.next(), rng.next(), rng.next()]).toEqual([
    0.7347263799806751, 0.37119599113960666, 0.7413473180522667,
  ]);
  expect(rng.uniform(-1, 1)).toBe(-0.36675148691835413);
  expect(rng.int(0, 99)).toBe(1);
  expect(rng.int(0, 2 ** 40)).toBe(371261610614);
  expect(rng.normal()).toBe(0.20340687664161708);
  expect(rng.normal(5, 2)).toBe(5.139915075710033);
  expect(rng.choice(["a", "b", "c"])).toBe("c");
  expect(rng.shuffle([0, 1, 2, 3, 4, 5])).toEqual([0, 1, 2, 5, 4, 3]);
});

test.each([
  [uniform(0, 1), [0, 0.1, 0.5, 0.9]],
  [uniform(0, 1, { step: 0.1 }), [0, 0.1, 0.5, 0.9]],
  [loguniform(1e-4, 1e-1), [0.0001, 0.00019952623149688828, 0.0031622776601683816, 0.05011872336272727]],
  [loguniform(0.1, 10, { step: 0.1 }), [0.1, 0.1, 0.7, 5.9]],
  [int(1, 10), [1, 2, 6, 10]],
  [int(32, 256, { step: 32 }), [32, 32, 160, 256]],
  [logint(1, 1000), [1, 1, 22, 468]],
  [choice(["a", "b", "c"]), ["a", "a", "b", "c"]],
  [normal(0, 1), [-8.292361075813595, -1.2815515655446008, 0, 1.2815515655446008]],
  [normal(10, 5, { step: 0.5 }), [-31.5, 3.5, 10, 16.5]],
  [lognormal(0, 1), [0.0002504224976789673, 0.2776062418520097, 1, 3.602224479279159]],
])("golden values of %j at shares of 0, 0.1, 0.5 and 0.9", (distribution, values) => {
  expect([0, 0.1, 0.5, 0.9].map((share) => quantileOf(distribution, share))).toEqual(values);
});
