import type { RunDetails } from "../../results/run.ts";
import { formatDuration, formatValue } from "../../results/text.ts";
import { type Call, defineCommand } from "../command.ts";
import { type FoundRun, findRun, openExisting } from "../experiments.ts";
import { clean, cleanLines, formatBytes, plural } from "../screen.ts";

/** `metalab show` */
export const show = defineCommand({
  args: [["<run>", "first digits of its id, as metalab ls shows them; or a session by its name"]],
  options: {},
  examples: [
    ["show 46fecaf", "all that the store has of a run"],
    ["show search-lr0.1", "the same of a session; workspace/name where several have that name"],
    ["show 46fecaf --json", "the same, with the stack of an error, for programs"],
  ],
  run: async (call) => {
    const store = openExisting(call);
    const { run } = await findRun(store, call.args[0]!);
    const isOver = run.status !== "running" && run.status !== "interrupted";
    const details = isOver ? await run.details() : undefined;
    const series = await seriesOf(run, details);
    call.json({ ...Object(run.toJSON()), metadata: run.metadata, ...storedParts(details), series });
    if (!call.isJson) describe(call, run, details, series);
    return undefined;
  },
});

type SeriesFacts = Readonly<Record<string, { readonly points: number; readonly last: unknown }>>;

async function seriesOf(run: FoundRun, details: RunDetails | undefined): Promise<SeriesFacts> {
  const facts: Record<string, { points: number; last: unknown }> = {};
  for (const name of Object.keys(details?.series ?? {})) {
    const points = await run.track(name);
    facts[name] = { points: points.length, last: points.at(-1) };
  }
  return facts;
}

function storedParts(details: RunDetails | undefined): Readonly<Record<string, unknown>> {
  if (details === undefined) return {};
  const { seed, tracks = {}, data = {}, artifacts = {}, logs, origin } = details;
  return {
    seed,
    tracks: Object.keys(tracks),
    data: Object.keys(data),
    artifacts,
    logLines: logs?.[2] ?? 0,
    origin: origin ?? null,
  };
}

function describe(call: Call, run: FoundRun, details: RunDetails | undefined, series: SeriesFacts): void {
  const { name, version } = run.experiment;
  const fold = run.fold === undefined ? "" : `, fold ${run.fold}`;
  const attempt = run.attempt > 1 ? `, attempt ${run.attempt}` : "";
  const took = Number.isNaN(run.durationMs) ? "" : `, ${formatDuration(run.durationMs)}`;
  const what = run.session === undefined ? `Run ${run.id.slice(0, 12)}` : `Session ${run.session}`;
  call.print(clean(`${what} of ${name}@${version}: ${run.status}`));
  const description = details?.origin?.session?.description;
  if (description !== undefined) call.print(`  ${clean(description)}`);
  if (run.session === undefined)
    call.print(`  trial ${run.trial}, replicate ${run.replicate}${fold}${attempt}`);
  call.print(`  started ${run.startedAt.toISOString()}${took}`);
  call.print(`  id ${run.id}`);
  if (details !== undefined) call.print(`  seed ${details.seed}`);
  if (run.tags.length > 0) call.print(`  tags ${clean(run.tags.join(", "))}`);
  section(call, "Params", run.params);
  section<unknown>(call, "Metrics", run.metrics);
  section(
    call,
    "Series",
    series,
    ({ points, last }) =>
      `${plural(points, "point")}, last ${formatValue((last as { value?: unknown })?.value ?? last)}`,
  );
  if (details !== undefined) describeParts(call, details);
  if (run.error === undefined) return;
  const { name: kind, message, stack } = { stack: undefined, ...run.error };
  call.print(`\nError\n  ${clean(`${kind}: ${message}`)}`);
  if (typeof stack === "string") call.print(indent(cleanLines(stack)));
}

function describeParts(call: Call, { tracks, data, artifacts, logs, origin }: RunDetails): void {
  section(call, "Artifacts", artifacts ?? {}, ({ kind, sizeBytes }) => `${kind}, ${formatBytes(sizeBytes)}`);
  const names = [...Object.keys(tracks ?? {}), ...Object.keys(data ?? {})];
  if (names.length > 0) call.print(`\nTracks and data\n  ${clean(names.join(", "))}`);
  if (logs !== undefined) call.print(`\nLog\n  ${plural(logs[2], "line")}: metalab logs <run>`);
  if (origin === undefined) return;
  const { host, pid, metalab, node, platform, git, code } = origin;
  section(call, "Made by", {
    host: `${host}, process ${pid}, ${platform}`,
    metalab: `${metalab}, Node ${node}`,
    ...(git === undefined ? {} : { commit: `${git.commit}${git.dirty ? ", with changes" : ""}` }),
    ...(code === undefined ? {} : { code }),
  });
}

function section<T>(
  call: Call,
  title: string,
  values: Readonly<Record<string, T>>,
  toText: (value: T) => string = (value) => (typeof value === "number" ? String(value) : formatValue(value)),
): void {
  const entries = Object.entries(values);
  if (entries.length === 0) return;
  const width = Math.min(24, Math.max(...entries.map(([name]) => clean(name).length)));
  const lines = entries.map(([name, value]) => `  ${clean(name).padEnd(width)}  ${clean(toText(value))}`);
  call.print(`\n${title}\n${lines.join("\n")}`);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
