import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { importRuns } from "../../../../src/run/import.ts";
import { databaseSource } from "../../../../src/store/import/detect.ts";
import { type ForeignSource, ImportNotes } from "../../../../src/store/import/foreign.ts";
import { optunaJournal } from "../../../../src/store/import/optuna-journal.ts";
import type { Sqlite, SqliteRow } from "../../../../src/store/import/sqlite.ts";
import { memoryStore } from "../../../../src/store/memory.ts";
import { ROOT } from "../../../helpers/built.ts";
import { pythonFor } from "../../../helpers/python.ts";

const FIXTURES = join(ROOT, "test", "fixtures", "import");
/** The studies of study.journal, copied by Optuna itself. */
const DATABASE = join(FIXTURES, "study.db");

const folder = mkdtempSync(join(tmpdir(), "metalab-database-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = pythonFor("import of databases", "sqlite3");
const QUERY = `
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in database.execute(sys.argv[2])]))
database.commit()
`;

/** The reader of Python, which every Node can use. */
function pythonSqlite(path: string): Sqlite {
  return {
    rows: (sql) => {
      const { status, stdout, stderr } = spawnSync(python!, ["-c", QUERY, path, sql], { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as SqliteRow[];
    },
    close: () => undefined,
  };
}

/** All that is read, but for the zone of times, which databases do not keep. */
async function readAll(source: ForeignSource): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const { runs, created: _, ...facts } of source.experiments()) {
    const found: unknown[] = [];
    for await (const { started, identity, ...run } of runs()) {
      expect(started).toBeGreaterThan(0);
      found.push({ ...run, identity: JSON.stringify(identity).replace("+00:00", "") });
    }
    all.push({ ...facts, found });
  }
  return all;
}

function changed(sql: string): string {
  const path = join(folder, `${sql.length}.db`);
  copyFileSync(DATABASE, path);
  Array.from(pythonSqlite(path).rows(sql));
  return path;
}

describe.skipIf(python === undefined)("a database of Optuna", () => {
  test("has the same studies and trials as the journal that it was copied from", async () => {
    const notes = [new ImportNotes(), new ImportNotes()] as const;
    const read = await readAll(databaseSource(DATABASE, pythonSqlite(DATABASE), notes[0]));
    const known = await readAll(optunaJournal(join(FIXTURES, "study.journal"), notes[1]));
    expect(read).toEqual(known);
    expect(read).toMatchObject([{ name: "digits/net" }, { name: "front" }]);
    expect(notes[0]).toEqual(notes[1]);
    expect(notes[0].unfinished).toBe(1);
  });

  test.each([
    [
      "UPDATE version_info SET schema_version = 11",
      /tables of version 11.*Bring it up with optuna storage upgrade .*…, or copy its studies/,
    ],
    ["DROP TABLE studies", /a database of something else/],
    ["ALTER TABLE trials RENAME TO others", /no such table: trials/],
  ])("after %s is refused", async (sql, told) => {
    const path = changed(sql);
    const read = async () => readAll(databaseSource(path, pythonSqlite(path), new ImportNotes()));
    await expect(read()).rejects.toThrow(told);
  });

  test("one of MLflow is refused with what to do", () => {
    const path = join(folder, "mlflow.db");
    for (const table of ["experiments", "runs", "latest_metrics"])
      Array.from(pythonSqlite(path).rows(`CREATE TABLE ${table} (x)`));
    expect(() => databaseSource(path, pythonSqlite(path), new ImportNotes())).toThrow(
      /of MLflow folders mlruns are read, got its database .*mlflow\.db/,
    );
  });
});

test("is read where Node.js has SQLite built in, and else told which one has", async () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const store = memoryStore();
  if (major > 22 || (major === 22 && minor >= 13)) {
    const before = readdirSync(FIXTURES).map((name) => [name, statSync(join(FIXTURES, name)).mtimeMs]);
    const report = await importRuns(DATABASE, { store });
    expect(readdirSync(FIXTURES).map((name) => [name, statSync(join(FIXTURES, name)).mtimeMs])).toEqual(
      before,
    );
    expect(report).toMatchObject({ tool: "optuna", added: 9, unfinished: 1, lost: [] });
    expect(await importRuns(DATABASE, { store })).toMatchObject({ added: 0, known: 9 });
    // Databases do not keep the zone of times, which is part of what tells runs of a new journal.
    expect(await importRuns(join(FIXTURES, "study.journal"), { store })).toMatchObject({
      added: 9,
      known: 0,
    });
  } else {
    await expect(importRuns(DATABASE, { store })).rejects.toThrow(
      /SQLite is read by Node\.js 22\.13 and later, got v.* Use a newer Node\.js, or copy its studies .*optuna\.copy_study/,
    );
  }
});

test("what only begins like a database is refused", async () => {
  const path = join(folder, "torn.db");
  writeFileSync(path, "SQLite format 3\0…");
  await expect(importRuns(path, { store: memoryStore() })).rejects.toMatchObject({
    code: "METALAB_IMPORT_DATABASE",
    message: expect.stringMatching(/ (Mend it|Use a newer Node\.js), or copy its studies with Python: /),
  });
});
