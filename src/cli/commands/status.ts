import { setTimeout as pause } from "node:timers/promises";
import type { Manifest } from "../../experiment/manifest.ts";
import type { RunStatus } from "../../experiment/record.ts";
import type { TableColumn } from "../../results/format.ts";
import { formatDuration, MISSING } from "../../results/text.ts";
import { loadResults } from "../../run/load.ts";
import type { Member } from "../../store/sharing.ts";
import type { Store } from "../../store/store.ts";
import { type Call, defineCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { experimentsNamed, isWorkspace, openExisting } from "../experiments.ts";
import { duration, flag } from "../options.ts";
import { clean, column, plural, printFitting } from "../screen.ts";

const WATCH_MS = 2_000;
/** Clears the screen and goes to its corner. */
const CLEAR = "\u001b[H\u001b[2J\u001b[3J";

/** `metalab status` */
export const status = defineCommand({
  args: [["[experiment]", "name, or name@version (default: all)"]],
  about: "Exit code 1 when some runs have failed.",
  options: {
    watch: flag("-w, --watch", "look again and again, until Ctrl-C; with --json one object per line"),
    every: duration("--every <time>", "how often to look (default: 2s)"),
  },
  examples: [
    ["status", "how far every experiment is, and who works on it"],
    ["status hypersearch --watch", "the same, kept up to date"],
  ],
  run: async (call) => {
    const store = openExisting(call);
    const { watch, every = WATCH_MS } = call.options;
    if (!watch) {
      const states = await statesOf(store, call.args[0]);
      call.json({ store: store.locator, experiments: states });
      tell(call, states);
      return states.some(({ counts }) => (counts.failed ?? 0) > 0) ? EXIT.failed : undefined;
    }
    const stop = call.io.interrupted();
    while (!stop.aborted) {
      const states = await statesOf(store, call.args[0]);
      if (call.isJson) call.io.out(`${JSON.stringify({ time: Date.now(), experiments: states })}\n`);
      else if (call.io.isTerminal) call.io.out(CLEAR);
      tell(call, states);
      await pause(every, undefined, { signal: stop }).catch(() => undefined);
    }
    return EXIT.interrupted;
  },
});

interface State {
  readonly name: string;
  readonly version: string;
  /** Runs of the plan that was run last; `null` where there is none, as of sessions. */
  readonly planned: number | null;
  readonly counts: Readonly<Partial<Record<RunStatus, number>>>;
  /** Share of the plan that is done; runs of earlier plans count too, so it is at most 1. `null` without a plan. */
  readonly done: number | null;
  readonly sweeps: readonly Pick<Member, "host" | "pid" | "liveness">[];
  /** Milliseconds that the rest may take; `null` where it cannot be told. */
  readonly etaMs: number | null;
}

async function statesOf(store: Store, name: string | undefined): Promise<readonly State[]> {
  const manifests = name === undefined ? await store.experiments() : await experimentsNamed(store, name);
  const states: State[] = [];
  for (const manifest of manifests) states.push(await stateOf(store, manifest));
  return states;
}

async function stateOf(store: Store, manifest: Manifest): Promise<State> {
  const { name, version } = manifest;
  const planned = isWorkspace(manifest) ? null : manifest.runs;
  const results = await loadResults(store, {
    experiment: name,
    version,
    include: ["running", "interrupted"],
  });
  const counts: Partial<Record<RunStatus, number>> = {};
  let [ended, sum] = [0, 0];
  for (const { frame } of results.parts) {
    for (let row = 0; row < frame.length; row++) {
      const one = frame.status(row);
      counts[one] = (counts[one] ?? 0) + 1;
      if (one !== "success" && one !== "pruned") continue;
      ended += 1;
      sum += frame.durationMs[row]!;
    }
  }
  const members = (await store.sharing?.({ name, version }).members()) ?? [];
  const sweeps = members
    .filter(({ liveness }) => liveness !== "dead")
    .map(({ host, pid, liveness }) => ({ host, pid, liveness }));
  const left = Math.max(0, (planned ?? 0) - ended - (counts.failed ?? 0));
  const slots = Math.max(sweeps.length, counts.running ?? 0);
  const etaMs =
    planned === null || sweeps.length === 0 || ended === 0
      ? null
      : (left * (sum / ended)) / Math.max(1, slots);
  return {
    name,
    version,
    planned,
    counts,
    done: planned === null ? null : planned === 0 ? 1 : Math.min(1, ended / planned),
    sweeps,
    etaMs,
  };
}

function timeLeft(states: readonly State[]): TableColumn {
  const cells = states.map(({ etaMs }) => (etaMs === null ? MISSING : `about ${formatDuration(etaMs)}`));
  return column("time left", cells, { align: "right" });
}

function tell(call: Call, states: readonly State[]): void {
  if (call.isJson) return;
  if (states.length === 0) {
    call.print("The store has no experiments yet.");
    return;
  }
  const count = (name: RunStatus): readonly string[] => states.map(({ counts }) => String(counts[name] ?? 0));
  const some = (name: RunStatus): boolean => states.some(({ counts }) => (counts[name] ?? 0) > 0);
  printFitting(call, {
    title: plural(states.length, "experiment"),
    columns: [
      column(
        "experiment",
        states.map(({ name, version }) => `${name}@${version}`),
        { isKey: true },
      ),
      column(
        "done",
        states.map(({ done }) => (done === null ? MISSING : `${Math.floor(100 * done)} %`)),
        { align: "right" },
      ),
      column(
        "planned",
        states.map(({ planned }) => (planned === null ? MISSING : String(planned))),
        { align: "right" },
      ),
      ...(["success", "failed", "pruned", "cancelled", "running", "interrupted"] as const)
        .filter((name) => name === "success" || some(name))
        .map((name) =>
          column(name, count(name), {
            align: "right",
            tone: (cell) => (cell === "0" ? "quiet" : name === "failed" ? "bad" : undefined),
          }),
        ),
      ...(states.some(({ etaMs }) => etaMs !== null) ? [timeLeft(states)] : []),
    ],
  });
  for (const { name, version, sweeps } of states) {
    for (const { host, pid, liveness } of sweeps) {
      const how = liveness === "alive" ? "works" : "has not been heard of for a while, though it";
      call.print(
        clean(
          `Process ${pid} on ${host} ${how}${liveness === "alive" ? "" : " works"} on ${name}@${version}.`,
        ),
      );
    }
  }
}
