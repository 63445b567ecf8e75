import type { Manifest } from "../../experiment/manifest.ts";
import { displayTable } from "../../results/display.ts";
import type { TableColumn, TableModel } from "../../results/format.ts";
import { resolveName } from "../../results/names.ts";
import { sortedPositions } from "../../results/rank.ts";
import { pick, type Selection, selectionOf } from "../../results/selection.ts";
import { formatDuration, formatNumber, formatValue, MISSING } from "../../results/text.ts";
import type { Store } from "../../store/store.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { openExisting, resultsOf, type StoredResults } from "../experiments.ts";
import { count, list, text } from "../options.ts";
import { column, formatAge, plural, printFitting } from "../screen.ts";

const DEFAULT_LIMIT = 20;

/** `metalab ls` */
export const ls = defineCommand({
  args: [["[experiment]", "name, or name@version; without it the experiments are listed"]],
  options: {
    filter: text("--filter <condition>", "only the runs for which it holds"),
    sort: text("--sort <name>", "order by a param, metric or field; with a leading - the largest first"),
    limit: count("-n, --limit <count>", `most lines to show (default: ${DEFAULT_LIMIT}; "all")`),
    columns: list("--columns <names>", "the columns to show, with commas between them"),
  },
  examples: [
    ["ls", "the experiments in ./runs"],
    ["ls hypersearch --sort -accuracy -n 5", "the five runs with the highest accuracy"],
    ["ls hypersearch --filter \"params.lr < 0.01 and status = 'success'\"", "some of its runs"],
    ["ls hypersearch --columns id,lr,loss,durationMs", "some of the columns"],
  ],
  run: async (call) => {
    const store = openExisting(call);
    const { filter, sort, columns, limit } = call.options;
    const [experiment] = call.args;
    if (experiment !== undefined || filter !== undefined || columns !== undefined) {
      const include = ["running", "interrupted"] as const;
      const results = await resultsOf(store, experiment ?? "*", { filter, include });
      listRuns(call, results, { sort, columns, limit });
      return undefined;
    }
    await listExperiments(call, store, { sort, limit });
    return undefined;
  },
});

interface Listing {
  readonly sort?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly limit?: number | undefined;
}

function listRuns(
  call: Call,
  results: StoredResults,
  { sort, columns, limit = DEFAULT_LIMIT }: Listing,
): void {
  const selection = selectionOf(results.parts);
  if (call.isJson) {
    const order = sort === undefined ? undefined : sortedPositions(selection, sort, "ls --sort");
    const shown = Math.min(limit, results.length);
    const positions = Array.from({ length: shown }, (_, i) => order?.[i] ?? i);
    const runs =
      columns === undefined
        ? positions.map((position) => results.at(position)?.toJSON())
        : valuesOf(pick(selection, positions), columns);
    call.json({ total: results.length, runs });
    return;
  }
  const objectives = results.objectives.map(({ metric }) => metric);
  const model =
    columns === undefined
      ? displayTable(selection, { limit, ...(sort === undefined ? {} : { sort }) }, objectives)
      : chosenTable(selection, columns, { sort, limit });
  printFitting(call, model);
}

function valuesOf(
  selection: Selection,
  names: readonly string[],
): readonly Readonly<Record<string, unknown>>[] {
  const found = names.map((name) => resolveName(selection, name, "ls --columns"));
  return Array.from(selection.rows, (_, position) =>
    Object.fromEntries(found.map(({ name, at }) => [name, at(position) ?? null])),
  );
}

function chosenTable(
  selection: Selection,
  names: readonly string[],
  { sort, limit = DEFAULT_LIMIT }: Listing,
): TableModel {
  const total = selection.rows.length;
  const order = sort === undefined ? undefined : sortedPositions(selection, sort, "ls --sort");
  const shown = pick(
    selection,
    Array.from({ length: Math.min(limit, total) }, (_, i) => order?.[i] ?? i),
  );
  const columns = names.map((name, i): TableColumn => {
    const { kind, at } = resolveName(shown, name, "ls --columns");
    const values = Array.from(shown.rows, (_, position) => at(position));
    const isNumber = values.every((value) => value === undefined || typeof value === "number");
    const cells = values.map((value) => {
      if (kind === "field" && name === "id") return String(value).slice(0, 12);
      if (kind === "field" && name === "durationMs") return formatDuration(value as number);
      return formatValue(value);
    });
    return column(name, cells, { align: isNumber ? "decimal" : "left", isKey: i === 0 });
  });
  const rest = total - shown.rows.length;
  return { title: plural(total, "run"), columns, more: rest > 0 ? `… ${rest} more` : undefined };
}

/** An experiment in the list. */
interface Listed {
  readonly name: string;
  readonly version: string;
  readonly runs: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly objectives: Manifest["objectives"];
  /** Of the only objective. */
  readonly best: { readonly id: string; readonly value: unknown } | null;
  /** Milliseconds since the epoch. */
  readonly lastStarted: number | null;
  readonly durationMs: number;
  readonly tags: readonly string[];
}

const SORTS: Readonly<Record<string, (one: Listed) => number | string>> = {
  name: (one) => one.name,
  runs: (one) => one.runs,
  failed: (one) => one.statuses.failed ?? 0,
  last: (one) => one.lastStarted ?? 0,
  time: (one) => one.durationMs,
};

async function listExperiments(
  call: Call,
  store: Store,
  { sort, limit = DEFAULT_LIMIT }: Listing,
): Promise<void> {
  const manifests = await store.experiments();
  const all: Listed[] = [];
  for (const manifest of manifests) all.push(await overviewOf(store, manifest));
  const sorted = sort === undefined ? all : sortedBy(all, sort);
  const shown = sorted.slice(0, limit);
  call.json({ store: store.locator, experiments: shown });
  if (manifests.length === 0) {
    call.print(`The store ${store.locator} has no experiments yet.`);
    return;
  }
  const rest = all.length - shown.length;
  printFitting(call, {
    title: `${store.locator}: ${plural(all.length, "experiment")}`,
    columns: columnsOf(shown),
    more: rest > 0 ? `… ${rest} more` : undefined,
  });
}

function sortedBy(all: readonly Listed[], sort: string): readonly Listed[] {
  const by = sort.replace(/^-/, "");
  const key = Object.hasOwn(SORTS, by) ? SORTS[by] : undefined;
  if (key === undefined) {
    throw new UsageError(
      `experiments are sorted by ${Object.keys(SORTS).join(", ")}, got ${JSON.stringify(by)}.`,
    );
  }
  const sign = sort.startsWith("-") ? -1 : 1;
  return [...all].sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
}

async function overviewOf(store: Store, manifest: Manifest): Promise<Listed> {
  const { name, version, objectives, tags } = manifest;
  const results = await resultsOf(store, `${name}@${version}`, { include: ["running", "interrupted"] });
  const statuses: Record<string, number> = {};
  let [lastStarted, durationMs] = [Number.NEGATIVE_INFINITY, 0];
  for (const { frame } of results.parts) {
    for (let row = 0; row < frame.length; row++) {
      const status = frame.status(row);
      statuses[status] = (statuses[status] ?? 0) + 1;
      lastStarted = Math.max(lastStarted, frame.started[row]!);
      durationMs += frame.durationMs[row]! || 0;
    }
  }
  return {
    name,
    version,
    runs: results.length,
    statuses,
    objectives,
    best: bestOf(results),
    lastStarted: Number.isFinite(lastStarted) ? lastStarted : null,
    durationMs,
    tags,
  };
}

function bestOf(results: StoredResults): Listed["best"] {
  const [objective, ...others] = results.objectives;
  if (objective === undefined || others.length > 0) return null;
  const known = results.parts.some(({ frame }) => frame.metrics.has(objective.metric));
  const best = known ? results.top(1).at(0) : undefined;
  return best === undefined ? null : { id: best.id, value: best.metrics[objective.metric] };
}

function columnsOf(shown: readonly Listed[]): readonly TableColumn[] {
  const status = (name: string, tone?: TableColumn["tone"]): TableColumn => ({
    ...column(
      name,
      shown.map(({ statuses }) => String(statuses[name] ?? 0)),
      { align: "right" },
    ),
    tone: (cell) => (cell === "0" ? "quiet" : tone?.(cell)),
  });
  const seen = (name: string): boolean => shown.some(({ statuses }) => (statuses[name] ?? 0) > 0);
  return [
    column(
      "experiment",
      shown.map(({ name, version }) => `${name}@${version}`),
      { isKey: true },
    ),
    column(
      "runs",
      shown.map(({ runs }) => String(runs)),
      { align: "right" },
    ),
    status("success", () => "good"),
    status("failed", () => "bad"),
    ...["pruned", "cancelled", "running", "interrupted"].filter(seen).map((name) => status(name)),
    column(
      "best",
      shown.map(({ best, objectives }) =>
        best === null
          ? MISSING
          : `${objectives[0]?.metric} ${typeof best.value === "number" ? formatNumber(best.value) : formatValue(best.value)}`,
      ),
    ),
    column(
      "time",
      shown.map(({ durationMs }) => formatDuration(durationMs)),
      { align: "right" },
    ),
    column(
      "last run",
      shown.map(({ lastStarted }) => (lastStarted === null ? MISSING : formatAge(lastStarted))),
      { align: "right" },
    ),
  ];
}
