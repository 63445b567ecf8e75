import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { extname, join } from "node:path";

/** What can be told of a dataset by a look at its folder. */
export interface DatasetFacts {
  /** Names of the classes, where each has a folder of its own. */
  readonly classes?: readonly string[];
  /** Columns of its table. */
  readonly columns?: readonly string[];
}

/** Folders that split a dataset, and are no classes. */
const SPLITS = ["train", "training", "val", "valid", "validation", "test", "testing"];
/** Folders that may be looked into, and bytes of a table's first line. */
const MOST_FOLDERS = 10_000;
const MOST_BYTES = 65_536;

/** A look at a dataset: class folders, or the first line of a table. `undefined` for a path that is not there. */
export function lookAtDataset(path: string): DatasetFacts | undefined {
  try {
    if (statSync(path).isFile()) return tableFacts(path);
    const folders = foldersIn(path);
    const split = SPLITS.find((name) => folders.some((folder) => folder.toLowerCase() === name));
    const classes =
      split === undefined
        ? folders
        : foldersIn(join(path, folders.find((one) => one.toLowerCase() === split)!));
    if (classes.length > 1) return { classes };
    const table = readdirSync(path)
      .sort()
      .find((name) => [".csv", ".tsv"].includes(extname(name).toLowerCase()));
    return table === undefined ? {} : tableFacts(join(path, table));
  } catch {
    // A folder that cannot be read tells nothing; it is not what the user asked about.
    return undefined;
  }
}

function foldersIn(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .slice(0, MOST_FOLDERS)
    .map(({ name }) => name)
    .sort();
}

function tableFacts(path: string): DatasetFacts {
  const ending = extname(path).toLowerCase();
  if (ending !== ".csv" && ending !== ".tsv") return {};
  const buffer = Buffer.alloc(MOST_BYTES);
  const file = openSync(path, "r");
  try {
    const text = buffer.toString("utf8", 0, readSync(file, buffer, 0, MOST_BYTES, 0));
    const [line = ""] = text.replace(/^\ufeff/, "").split(/\r?\n/);
    const columns = line
      .split(ending === ".tsv" ? "\t" : /[,;]/)
      .map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
    const isHeader = columns.length > 1 && columns.every((name) => name !== "" && Number.isNaN(Number(name)));
    return isHeader ? { columns } : {};
  } finally {
    closeSync(file);
  }
}
