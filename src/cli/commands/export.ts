import { existsSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { show } from "../../errors.ts";
import { writeTensorBoard } from "../../results/export/tensorboard/write.ts";
import { writeWholeFile } from "../../results/export/whole-file.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { openExisting, resultsOf, type StoredResults } from "../experiments.ts";
import { flag, oneOf, text } from "../options.ts";
import { plural } from "../screen.ts";

const FORMATS = ["csv", "json", "jsonl", "arrow", "parquet", "tensorboard"] as const;
type Format = (typeof FORMATS)[number];
/** Formats that are one file, whose ending says which. */
const FILES = FORMATS.filter((format) => format !== "tensorboard");
/** Formats that a terminal cannot show. */
const BINARY: ReadonlySet<Format> = new Set(["arrow", "parquet"]);
/** Runs that are turned into text at once. */
const CHUNK = 5_000;

/** `metalab export` */
export const exportRuns = defineCommand({
  args: [["[experiment]", 'name, or name@version, or "*" for all; or the folder of a store, for all in it']],
  about:
    "Without -o text goes to standard output, and other formats into a file that is named after the experiment; tensorboard is a folder of event files, by default tensorboard/<experiment>.",
  options: {
    to: oneOf("--to <format>", "the format (default: by the ending of -o, else csv)", FORMATS),
    output: text("-o, --output <file>", "where to write; for tensorboard a folder"),
    filter: text("--filter <condition>", "only the runs for which it holds"),
    safe: flag("--escape-formulas", "csv: texts that a spreadsheet would take for formulas do nothing"),
  },
  examples: [
    ["export hypersearch -o runs.csv", "a table for a spreadsheet"],
    ["export hypersearch --to parquet", "hypersearch.parquet, for pandas, DuckDB and others"],
    ["export --to tensorboard runs/", "all experiments of a store, as folders of event files"],
    ["export hypersearch --to jsonl --filter \"status = 'failed'\"", "a line of JSON for each failed run"],
  ],
  run: async (call) => {
    const { output, filter } = call.options;
    const [asked] = call.args;
    const isStore = asked !== undefined && (await isStoreFolder(call, asked));
    const store = openExisting(call, isStore ? call.path(asked) : call.store);
    const results = await resultsOf(store, isStore ? "*" : asked, { filter });
    const format = call.options.to ?? formatOf(output) ?? (call.isJson ? "json" : "csv");
    const name = isStore || asked === "*" || asked === undefined ? undefined : asked.split("@")[0];
    if (format === "tensorboard") {
      const folder = output ?? join("tensorboard", name ?? results.at(0)?.experiment.name ?? "runs");
      return tensorBoard(call, results, folder);
    }
    const file =
      output ??
      (BINARY.has(format) ? `${name ?? results.at(0)?.experiment.name ?? "runs"}.${format}` : undefined);
    if (file === undefined) {
      if (call.isJson && format !== "json") {
        throw new UsageError(
          `--json tells where the file is, and --to ${format} without -o makes none. Leave --json out, or name a file with -o.`,
        );
      }
      for (const piece of textOf(results, format, call.options.safe)) call.io.out(piece);
      return undefined;
    }
    const path = call.path(file);
    await write(results, format, path, call.options.safe);
    call.json({ file: path, format, runs: results.length });
    call.print(`${plural(results.length, "run")} written to ${file}.`);
    return undefined;
  },
});

async function tensorBoard(call: Call, results: StoredResults, folder: string): Promise<undefined> {
  const written = await writeTensorBoard(results, call.path(folder));
  call.json({ ...written, format: "tensorboard" });
  call.print(
    `${plural(written.runs, "run")} written to ${folder}. Look at them with: tensorboard --logdir ${folder}`,
  );
  return undefined;
}

async function isStoreFolder(call: Call, asked: string): Promise<boolean> {
  const isPath = /[\\/]/.test(asked) || asked === ".";
  if (isPath) return true;
  if (!existsSync(join(call.path(asked), "experiments"))) return false;
  // A name of an experiment comes first.
  return (
    !existsSync(call.store) || !(await openExisting(call).experiments()).some(({ name }) => name === asked)
  );
}

function formatOf(file: string | undefined): Format | undefined {
  if (file === undefined) return undefined;
  const ending = extname(file).slice(1).toLowerCase();
  const found = FILES.find((format) => format === (ending === "ndjson" ? "jsonl" : ending));
  if (found !== undefined) return found;
  throw new UsageError(
    `the ending of -o says the format, got ${show(file)}. End it in ${FILES.map((one) => `.${one}`).join(", ")}, or give --to.`,
  );
}

/** The text of a format in pieces, so that very many runs are not all in memory as text. */
function* textOf(results: StoredResults, format: Format, isSafe: boolean): Generator<string> {
  if (format === "csv") {
    yield results.toCSV(isSafe ? { formulas: "escape" } : {});
    return;
  }
  const isList = format === "json";
  if (isList) yield "[";
  let piece: string[] = [];
  let isFirst = true;
  const flush = (): string => {
    const joined = isList ? `${isFirst ? "\n" : ",\n"}${piece.join(",\n")}` : `${piece.join("\n")}\n`;
    isFirst = false;
    piece = [];
    return joined;
  };
  for (const run of results) {
    piece.push(JSON.stringify(run.toJSON()));
    if (piece.length >= CHUNK) yield flush();
  }
  if (piece.length > 0) yield flush();
  if (isList) yield "\n]\n";
}

async function write(results: StoredResults, format: Format, path: string, isSafe: boolean): Promise<void> {
  if (format === "arrow") return results.writeArrow(path);
  if (format === "parquet") return results.toParquet(path);
  await writeWholeFile("export", path, async (temporary) => {
    await writeFile(temporary, "");
    for (const piece of textOf(results, format, isSafe)) await appendFile(temporary, piece);
  });
}
