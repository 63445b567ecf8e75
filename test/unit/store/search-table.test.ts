import { describe, expect, test } from "vitest";
import type { SearchEntry, SuggestionEntry } from "../../../src/experiment/record.ts";
import { isSearchLine, SearchTable } from "../../../src/store/search-table.ts";

const suggestion = (trial: number, time: number, x: number): SuggestionEntry => ({
  id: `${trial}`.padStart(64, "0"),
  kind: "suggestion",
  search: "s",
  trial,
  params: { x },
  by: "tpe",
  trials: 10,
  told: [],
  time,
});
const begun: SearchEntry = { id: "s", kind: "search", warm: ["a"], time: 5 };

describe("a search table", () => {
  test("keeps of two suggestions for a trial the earlier, whatever the order of reading", () => {
    const lines: readonly [SuggestionEntry, number][] = [
      [suggestion(0, 10, 1), 1],
      [suggestion(0, 9, 2), 2],
      [suggestion(1, 7, 3), 9],
      [suggestion(1, 7, 4), 8],
    ];
    for (const order of [lines, [...lines].reverse()]) {
      const table = new SearchTable();
      for (const [entry, crc] of order) table.add(entry, crc);
      const { suggestions } = table.notes()("s");
      expect(Array.from(suggestions, ([trial, { params }]) => [trial, params["x"]]).sort()).toEqual([
        [0, 2],
        [1, 4],
      ]);
    }
  });

  test("comes back from its parts, and a snapshot does not change", () => {
    const table = new SearchTable();
    table.add(begun, 1);
    table.add(suggestion(0, 10, 1), 1);
    const snapshot = SearchTable.from(structuredClone(table.parts())).notes();
    table.add(suggestion(1, 11, 1), 1);
    expect(snapshot("s").begun?.warm).toEqual(["a"]);
    expect(snapshot("s").suggestions.size).toBe(1);
    expect(table.notes()("s").suggestions.size).toBe(2);
    expect(table.notes()("other").suggestions.size).toBe(0);
  });

  test("takes only lines that have what their kind must have", () => {
    const line = suggestion(0, 10, 1) as unknown as Record<string, unknown>;
    expect(isSearchLine(line)).toBe(true);
    for (const field of ["search", "trial", "params", "by", "trials", "told", "time"]) {
      expect(isSearchLine({ ...line, [field]: undefined })).toBe(false);
    }
    expect(isSearchLine({ ...line, version: 2 })).toBe(true);
    expect(isSearchLine({ ...line, version: "2" })).toBe(false);
    expect(isSearchLine({ ...begun, warm: [1] })).toBe(false);
  });
});
