import { createRequire } from "node:module";
import { MissingPackageError, messageOf, reasonOf } from "../../errors.ts";
import { type ColumnBatch, type ExportColumn, exportColumns } from "../columns.ts";
import type { Selection } from "../selection.ts";

/**
 * What can be relied on of a danfo `DataFrame` without having danfo's types. The entry `metalab/danfo` gives the
 * same frame with all of them.
 */
export interface DanfoFrame {
  /** Rows and columns. */
  readonly shape: readonly number[];
  readonly columns: string[];
  readonly values: unknown;
  readonly dtypes: string[];
  head(rows?: number): DanfoFrame;
  tail(rows?: number): DanfoFrame;
  /** Count, mean, standard deviation, least, median, greatest and variance of each numeric column. */
  describe(): DanfoFrame;
  /** Prints the frame. */
  print(): void;
  column(name: string): { readonly values: unknown; readonly shape: readonly number[]; mean(): number };
  loc(selection: { readonly rows?: unknown; readonly columns?: unknown }): DanfoFrame;
  iloc(selection: { readonly rows?: unknown; readonly columns?: unknown }): DanfoFrame;
  query(condition: unknown, options?: object): DanfoFrame;
  groupby(columns: readonly string[]): DanfoGroups;
  sortValues(by: string, options?: { readonly ascending?: boolean; readonly inplace?: boolean }): unknown;
}

/** Groups of a danfo `DataFrame`. */
export interface DanfoGroups {
  col(columns: readonly string[]): DanfoGroups;
  mean(): DanfoFrame;
  std(): DanfoFrame;
  sum(): DanfoFrame;
  min(): DanfoFrame;
  max(): DanfoFrame;
  count(): DanfoFrame;
  agg(operations: Readonly<Record<string, string | readonly string[]>>): DanfoFrame;
}

/** Which danfo is used, and why. */
export interface DanfoSource {
  /** `installed`: your own danfojs-node; `bundled`: the copy that comes with metalab. */
  readonly from: "installed" | "bundled";
  readonly version: string;
  /** Why the installed one is not used, where it is not. */
  readonly reason?: string;
}

/** As much of danfo as is needed here. */
interface DanfoModule {
  readonly DataFrame: new (data: object, options?: object) => DanfoFrame;
  readonly tensorflow: { tensor1d?: (values: number[]) => { dispose(): void } };
  readonly __version?: string;
}

interface Loaded {
  readonly module: DanfoModule;
  readonly source: DanfoSource;
}

/** From this file in `dist/` as from the same file in `src/`. */
const BUNDLED = "../../../dist/vendor/danfo.cjs";

let loading: Promise<Loaded> | undefined;

/**
 * TensorFlow.js greets whoever makes the first tensor, by `console.warn`. Making one here, unheard, spares the user
 * that. Nothing else runs in between.
 */
function silenceGreeting(module: DanfoModule): void {
  const { warn } = console;
  console.warn = () => {};
  try {
    module.tensorflow.tensor1d?.([0]).dispose();
  } catch {
    // A danfo without a working backend still makes frames.
  } finally {
    console.warn = warn;
  }
}

function usable(imported: unknown): DanfoModule {
  const { default: inner, ...outer } = imported as { default?: Partial<DanfoModule> } & Partial<DanfoModule>;
  const module = inner?.DataFrame === undefined ? outer : inner;
  if (module.DataFrame === undefined || module.tensorflow === undefined)
    throw new Error("it exports no DataFrame");
  return module as DanfoModule;
}

async function load(): Promise<Loaded> {
  let reason: string;
  try {
    // A package that is there may still fail to load (its native part may be missing), so every error counts.
    const module = usable(await import("danfojs-node"));
    silenceGreeting(module);
    return { module, source: { from: "installed", version: module.__version ?? "unknown" } };
  } catch (error) {
    reason = messageOf(error).split("\n")[0]!;
  }
  try {
    const module = usable(createRequire(import.meta.url)(BUNDLED));
    silenceGreeting(module);
    return { module, source: { from: "bundled", version: module.__version ?? "unknown", reason } };
  } catch (error) {
    throw new MissingPackageError(
      "METALAB_DANFO_MISSING",
      `toDanfo(): danfo cannot be loaded, got from danfojs-node: ${reason}; from the bundled copy: ${reasonOf(messageOf(error).split("\n")[0])}. Install it with: npm install danfojs-node`,
      { installed: reason, bundled: messageOf(error) },
      { cause: error },
    );
  }
}

function loaded(): Promise<Loaded> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/**
 * The danfo module that `toDanfo()` uses, loaded when first asked for.
 *
 * @throws {MissingPackageError} METALAB_DANFO_MISSING
 */
export async function loadDanfoModule(): Promise<unknown> {
  return (await loaded()).module;
}

/**
 * Which danfo `toDanfo()` uses, and why.
 *
 * @throws {MissingPackageError} METALAB_DANFO_MISSING
 */
export async function danfoSource(): Promise<DanfoSource> {
  return (await loaded()).source;
}

const DTYPES = {
  float: "float32",
  int: "int32",
  boolean: "boolean",
  time: "string",
  id: "string",
  text: "string",
} as const;

/** Plain arrays, which is what danfo takes: it refuses typed ones, and `describe()` throws on nulls among numbers. */
function cells(column: ExportColumn, batch: ColumnBatch): readonly unknown[] {
  switch (batch.kind) {
    case "float":
      return Array.from(batch.values, (value, i) => (batch.valid[i] === 1 ? value : Number.NaN));
    case "int":
      return Array.from(batch.values);
    case "time":
      return Array.from(batch.values, (ms) => new Date(ms).toISOString());
    case "boolean":
      // danfo counts booleans among the numbers, so where some are missing they are 0, 1 and NaN.
      if (!batch.valid.includes(0)) return Array.from(batch.values, (value) => value === 1);
      return Array.from(batch.values, (value, i) => (batch.valid[i] === 1 ? value : Number.NaN));
    case "id": {
      const hex = Buffer.from(batch.bytes.buffer).toString("hex");
      return Array.from({ length: batch.bytes.length / 32 }, (_, i) => hex.slice(64 * i, 64 * (i + 1)));
    }
    case "text":
      return Array.from(batch.codes, (code) => (code < 0 ? null : column.texts[code]!));
  }
}

/** A selection as a danfo frame. */
export async function danfoFrame(selection: Selection): Promise<DanfoFrame> {
  const { module } = await loaded();
  const columns = exportColumns(selection);
  const length = selection.rows.length;
  const data: Record<string, readonly unknown[]> = {};
  const dtypes: string[] = [];
  for (const column of columns) {
    const values = cells(column, column.batch(0, length));
    data[column.name] = values;
    dtypes.push(column.kind === "boolean" && typeof values[0] === "number" ? "float32" : DTYPES[column.kind]);
  }
  // danfo cannot make columns without rows.
  if (length === 0) return new module.DataFrame([], { columns: Object.keys(data), dtypes });
  return new module.DataFrame(data, { dtypes });
}
