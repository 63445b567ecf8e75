import { setTimeout as pause } from "node:timers/promises";
import type { LogLevel, LogLine, RunRecord, StartEntry } from "../../experiment/record.ts";
import type { Store } from "../../store/store.ts";
import { type Call, defineCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type FoundRun, findRun, openExisting } from "../experiments.ts";
import { count, flag, oneOf } from "../options.ts";
import { clean } from "../screen.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const satisfies readonly LogLevel[];
const LOOK_MS = 500;

/** `metalab logs` */
export const logs = defineCommand({
  args: [["<run>", "first digits of its id, as metalab ls shows them; or a session by its name"]],
  about: "What the run logged and printed. With --json one object per line: time, level, message.",
  options: {
    follow: flag("-f, --follow", "go on with new lines until the run ends"),
    level: oneOf("--level <level>", "only lines of this level or above", LEVELS),
    tail: count("-n, --tail <count>", "only the last lines"),
  },
  examples: [
    ["logs 46fecaf", "the lines of a run"],
    ["logs 46fecaf -f -n 20", "the last lines of a run that goes on, and then what comes"],
    ["logs 46fecaf --level warn", "warnings and errors"],
  ],
  run: async (call) => {
    const store = openExisting(call);
    const least = LEVELS.indexOf(call.options.level ?? "debug");
    const isWanted = ({ level }: LogLine): boolean => LEVELS.indexOf(level) >= least;
    let { run } = await findRun(store, call.args[0]!);
    let lines = await linesOf(store, run);
    const { tail = Number.POSITIVE_INFINITY, follow } = call.options;
    const wanted = lines.filter(isWanted);
    tell(call, wanted.slice(Math.max(0, wanted.length - tail)));
    const stop = follow ? call.io.interrupted() : undefined;
    while (stop !== undefined && run.status === "running") {
      await pause(LOOK_MS, undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) return EXIT.interrupted;
      const told = lines.length;
      run = (await findRun(store, run.id)).run;
      lines = await linesOf(store, run);
      tell(call, lines.slice(told).filter(isWanted));
    }
    if (lines.length === 0 && !call.isJson) call.note("The run logged nothing.");
    return undefined;
  },
});

/** The lines of a run, also of one without a record: its writer keeps them as they come. */
async function linesOf(store: Store, run: FoundRun): Promise<readonly LogLine[]> {
  if (run.status !== "running" && run.status !== "interrupted") return run.logs();
  const { experiment } = run;
  const start = (await store.read(experiment)).starts.get(run.id);
  return start === undefined ? run.logs() : store.logs(experiment, unfinishedRecord(start));
}

/** A record such as the run would have if it ended now, with all that its writer has logged so far. */
function unfinishedRecord({ kind: _, params = {}, ...start }: StartEntry): RunRecord {
  return {
    ...start,
    params,
    kind: "record",
    seed: "",
    status: "cancelled",
    metrics: {},
    durationMs: 0,
    logs: [0, Number.MAX_SAFE_INTEGER, 0],
  };
}

function tell(call: Call, lines: readonly LogLine[]): void {
  for (const { time, level, message } of lines) {
    if (call.isJson) {
      call.io.out(`${JSON.stringify({ time: new Date(time).toISOString(), level, message })}\n`);
      continue;
    }
    const at = new Date(time).toISOString().slice(11, 23);
    const mark = level === "info" ? "" : `${level} `;
    for (const line of message.split(/\r?\n/)) call.print(`${at} ${mark}${clean(line)}`);
  }
}
