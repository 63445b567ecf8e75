import fc from "fast-check";

/** Texts in which anything can occur, lone surrogates included. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 5 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 3 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "",
    "0",
    "NaN",
    "null",
    "true",
    "1970-01-01T00:00:00.000Z",
    "\ud800",
    "\udc00",
    "$",
    "$num",
    "[1]",
  ),
);

const key = fc.oneof(
  text,
  fc.constantFrom(
    "$num",
    "$$num",
    "$bigint",
    "$date",
    "$f64",
    "$",
    "$$",
    "__proto__",
    "constructor",
    "toJSON",
    "0",
    "a",
  ),
);

/** One value of each kind that is easily taken for another. */
const confusable = fc.constantFrom<unknown>(
  null,
  false,
  true,
  0,
  -0,
  1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0n,
  1n,
  "0",
  "1",
  "-0",
  "NaN",
  "null",
  "true",
  "1970-01-01T00:00:00.000Z",
  "\ud800",
  "\ud801",
  "\ufffd",
);

const special = fc.oneof(
  fc.date({ noInvalidDate: true }),
  fc.float64Array({ maxLength: 3 }),
  fc.float32Array({ maxLength: 3 }),
  fc.int8Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 3 }),
  fc.uint8ClampedArray({ maxLength: 3 }),
  fc.int16Array({ maxLength: 3 }),
  fc.uint16Array({ maxLength: 3 }),
  fc.int32Array({ maxLength: 3 }),
  fc.uint32Array({ maxLength: 3 }),
  fc.bigInt64Array({ maxLength: 3 }),
  fc.bigUint64Array({ maxLength: 3 }),
);

/** Objects with any keys, `__proto__` as a key like others. */
function objectOf(
  value: fc.Arbitrary<unknown>,
  name: fc.Arbitrary<string>,
): fc.Arbitrary<Record<string, unknown>> {
  return fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
}

/** Every kind of value that has an identity, nested. */
export const identifiable: fc.Arbitrary<unknown> = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(confusable, text, fc.double(), fc.bigInt(), special),
    fc.array(tie("value"), { maxLength: 4 }),
    objectOf(tie("value"), key),
  ),
})).value;

/** Few values, so that two draws are often equal or nearly so. */
export const alike: fc.Arbitrary<unknown> = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.oneof(
      confusable,
      fc.constantFrom<unknown>(
        new Date(0),
        new Float64Array([1]),
        new Float32Array([1]),
        new Uint8Array([1]),
        new Float64Array([0]),
        new Float64Array([-0]),
        new BigInt64Array([1n]),
      ),
    ),
    fc.array(tie("value"), { maxLength: 2 }),
    fc
      .array(
        fc.tuple(
          fc.constantFrom("0", "1", "$num", "$$num", "$f64", "$bigint", "$date", "length"),
          tie("value"),
        ),
        {
          maxLength: 2,
        },
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** Params as operations see them: mostly scalars, under names of any kind. */
export const someParams: fc.Arbitrary<Readonly<Record<string, unknown>>> = objectOf(
  fc.oneof({ weight: 3, arbitrary: fc.oneof(confusable, fc.double(), text) }, identifiable),
  fc.oneof(fc.constantFrom("lr", "momentum", "training.lr", "$a", "$", "#", "~"), key),
);

/** The same value with the keys of every object in reverse. */
export function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversedKeys(member)]),
  );
}
