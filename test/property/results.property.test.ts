import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText, textWidth } from "../../src/identity/text-width.ts";
import { printTable } from "../../src/results/format.ts";
import { cleanText, formatNumber } from "../../src/results/text.ts";
import { loadArrow } from "../../src/store/serializers/arrow.ts";
import { madeResults } from "../helpers/made-results.ts";

const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const name = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => text !== "__proto__");
const runs = fc.array(
  fc.record({
    params: fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }),
    metrics: fc.dictionary(name, fc.oneof(fc.double(), fc.string(), fc.boolean()), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    status: fc.constantFrom("success", "failed", "pruned"),
  }),
  { minLength: 1, maxLength: 12 },
);

const plain = (given: unknown) => (given === undefined || given === null ? null : given);

describe("results of any runs", () => {
  test("groups are a partition: every run is in exactly one, and agrees with its key", async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (given) => {
        const results = await madeResults(given as never);
        const names = [...new Set(given.flatMap((run) => Object.keys(run.params)))].slice(0, 2);
        if (names.length === 0) return;
        const groups = results.groupBy(...names.map((name) => `params.${name}`));
        const trials = groups.flatMap((group) => [...group.results].map((run) => run.trial));
        expect(trials.toSorted((a, b) => a - b)).toEqual(given.map((_, i) => i));
        for (const { key, results: group } of groups) {
          for (const run of group) {
            for (const name of names) expect(run.params[name]).toEqual(key[`params.${name}`]);
          }
        }
      }),
    );
  });

  test("filtering by a run's own params finds it, and only runs that have them", async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.nat(), async (given, pick) => {
        const results = await madeResults(given as never);
        const chosen = given[pick % given.length]!;
        const wanted = Object.entries(chosen.params).map(
          ([name, value]) => [`params.${name}`, [value]] as const,
        );
        const found = [...results.filter(Object.fromEntries(wanted))];
        expect(found.map((run) => run.trial)).toContain(pick % given.length);
        for (const run of found) {
          for (const name of Object.keys(chosen.params))
            expect(run.params[name]).toEqual(chosen.params[name]);
        }
      }),
    );
  });

  test("the best is no worse than any other successful run", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double(), { minLength: 1, maxLength: 30 }),
        fc.nat(30),
        async (values, n) => {
          const results = await madeResults(values.map((loss) => ({ metrics: { loss } })));
          const numbers = values.filter((value) => !Number.isNaN(value));
          const top = [...results.top(n, "loss", "max")].map((run) => run.metrics["loss"]);
          const descending = numbers.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0)).slice(0, n);
          expect(top.map((x) => Number(x) + 0)).toEqual(descending.map((x) => x + 0));
        },
      ),
    );
  });

  test("Arrow keeps the numbers, texts and nulls of every column through a file", async () => {
    const { tableFromIPC, tableToIPC } = await loadArrow();
    await fc.assert(
      fc.asyncProperty(runs, async (given) => {
        const results = await madeResults(given as never);
        const table = tableFromIPC(tableToIPC(await results.toArrow(), "file"));
        const rows = results.table();
        for (const field of table.schema.fields) {
          const column = [...table.getChild(field.name)!];
          const values = rows.map((row) => row[field.name]);
          const kinds = new Set(values.filter((v) => v !== undefined && v !== null).map((v) => typeof v));
          if (field.name === "started" || kinds.size > 1 || kinds.has("object")) continue;
          expect([field.name, column]).toEqual([field.name, values.map(plain)]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("CSV keeps the number of lines and cells, whatever is in them", async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (given) => {
        const results = await madeResults(given as never);
        const records = readCsv(results.toCSV());
        expect(records).toHaveLength(given.length + 1);
        expect(new Set(records.map((record) => record.length)).size).toBe(1);
        for (const [i, run] of given.entries()) {
          for (const [name, value] of Object.entries(run.params)) {
            if (typeof value !== "string") continue;
            expect(records[i + 1]![records[0]!.indexOf(`params.${name}`)]).toBe(value);
          }
        }
      }),
    );
  });

  test("display prints something for anything, within its width", async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.integer({ min: 40, max: 200 }), async (given, width) => {
        const results = await madeResults(given as never);
        expect(String(results)).toContain(`${given.length} run`);
        expect(results.toHTML({ groupBy: ["status"], width })).toContain("<table");
        expect(JSON.parse(JSON.stringify(results))).toHaveLength(given.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe("text for a terminal", () => {
  test("clean text has no control characters and is not changed by cleaning", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = cleanText(text);
        expect(clean).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });

  test("cut text is never wider than asked", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        expect(textWidth(cutText(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  test("numbers are shown close to what they are", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e308, max: 1e308, noNaN: true }), (x) => {
        const shown = Number(formatNumber(x));
        expect(Math.abs(shown - x)).toBeLessThanOrEqual(Math.abs(x) * 1e-4);
      }),
    );
  });

  test("tables stay within their width", () => {
    const column = fc.record({
      title: fc.string({ maxLength: 12 }),
      align: fc.constantFrom("left", "right", "decimal"),
      cells: fc.array(fc.string({ maxLength: 30 }), { minLength: 3, maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(column, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 50, max: 120 }),
        (columns, width) => {
          const text = printTable({ title: "t", columns }, { width });
          for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

/** Records of a CSV text, quotes undone: an independent reader of RFC 4180. */
function readCsv(text: string): string[][] {
  const records: string[][] = [[]];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted && c === '"' && text[i + 1] === '"') cell += text[i++];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ",") {
      records.at(-1)!.push(cell);
      cell = "";
    } else if (!quoted && c === "\r" && text[i + 1] === "\n") {
      records.at(-1)!.push(cell);
      records.push([]);
      cell = "";
      i++;
    } else cell += c;
  }
  return records.slice(0, -1);
}
