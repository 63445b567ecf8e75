import type { TableModel } from "./format.ts";
import type { Run } from "./run.ts";
import { cleanText, formatDuration, formatValue } from "./text.ts";

/** One run as a table of two columns. */
export function runTable<P, M>(run: Run<P, M>): TableModel {
  const { error } = run;
  const rows: readonly (readonly [string, unknown])[] = [
    ...(run.session === undefined ? [] : [["session", run.session] as const]),
    ["status", run.status],
    ["trial", run.trial],
    ["replicate", run.replicate],
    ...(run.fold === undefined ? [] : [["fold", run.fold] as const]),
    ...prefixed("params", run.params),
    ...prefixed("metrics", run.metrics),
    ...prefixed("metadata", run.metadata),
    ...(run.tags.length > 0 ? [["tags", run.tags] as const] : []),
    ["started", run.startedAt],
    ["duration", formatDuration(run.durationMs)],
    ["attempt", run.attempt],
    ...(error === undefined ? [] : [["error", `${error.name}: ${error.message}`] as const]),
  ];
  const { name, version } = run.experiment;
  return {
    title: cleanText(`Run ${run.id.slice(0, 12)} of ${name}@${version}`),
    columns: [
      { title: "field", align: "left", isKey: true, cells: rows.map(([field]) => cleanText(field)) },
      {
        title: "value",
        align: "left",
        cells: rows.map(([, value]) => (typeof value === "number" ? String(value) : formatValue(value))),
      },
    ],
  };
}

function prefixed(prefix: string, values: unknown): readonly (readonly [string, unknown])[] {
  return Object.entries(values as object).map(([name, value]) => [`${prefix}.${name}`, value] as const);
}
