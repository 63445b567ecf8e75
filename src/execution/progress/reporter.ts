import pc from "picocolors";
import type { ProgressState } from "../../experiment/event.ts";
import type { ProgressForm, SweepOptions } from "../options.ts";
import { lineText } from "./line.ts";
import { updatingDisplay } from "./notebook.ts";
import { clearStatusLine, printNotice, showStatusLine } from "./status-line.ts";
import { summaryText } from "./text.ts";

/** Shows how far a sweep is. */
export interface Reporter {
  /** Called about ten times a second, and as long as the event loop turns. */
  update(state: ProgressState): void;
  end(state: ProgressState): void;
}

/** Milliseconds between two updates, where the user does not say. */
const EVERY_MS: Readonly<Record<ProgressForm, number>> = {
  tty: 0,
  log: 10_000,
  json: 1_000,
  notebook: 500,
  none: 0,
};

/** The reporter for an option `progress`; `undefined` when nothing is to be shown. */
export function createReporter(name: string, progress: SweepOptions["progress"]): Reporter | undefined {
  if (typeof progress === "function") return calling(progress);
  const { form, everyMs = EVERY_MS[form] } = progress;
  const reporter = reporterOf(name, form);
  if (reporter === undefined || everyMs === 0) return reporter;
  return { update: seldom(reporter.update, everyMs, form !== "log"), end: reporter.end };
}

/** Plain lines on how far a sweep is, one after each stretch of time. */
export function plainLines(
  name: string,
  write: (line: string) => void,
  everyMs: number = EVERY_MS.log,
): Reporter["update"] {
  return seldom((state) => write(plainLine(name, state)), everyMs, false);
}

function reporterOf(name: string, form: ProgressForm): Reporter | undefined {
  if (form === "tty") return line(name);
  if (form === "json") return json(name);
  if (form === "notebook") return notebook(name);
  return form === "log" ? log(name) : undefined;
}

function calling(report: (state: ProgressState) => void): Reporter {
  const call = (state: ProgressState): void => {
    try {
      report(state);
    } catch {
      // A display that fails must not stop what it displays.
    }
  };
  return { update: call, end: call };
}

/** @param isAtOnce - Whether the first update is shown, or only one after some time. */
function seldom(update: Reporter["update"], everyMs: number, isAtOnce: boolean): Reporter["update"] {
  let lastMs = isAtOnce ? Number.NEGATIVE_INFINITY : performance.now();
  return (state) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < everyMs) return;
    lastMs = nowMs;
    update(state);
  };
}

function plainLine(name: string, state: ProgressState): string {
  return `metalab: ${lineText(name, state, Number.POSITIVE_INFINITY)}`;
}

function line(name: string): Reporter {
  const paint = pc.createColors(process.env["NO_COLOR"] === undefined || process.env["NO_COLOR"] === "");
  return {
    update: (state) => {
      const width = process.stderr.columns || 80;
      const text = lineText(name, state, width - 1);
      showStatusLine(state.failed > 0 ? text.replace(/\d[\d,]* failed/, (part) => paint.red(part)) : text);
    },
    end: (state) => {
      clearStatusLine();
      printNotice(summaryText(name, state));
    },
  };
}

function log(name: string): Reporter {
  return {
    update: (state) => printNotice(plainLine(name, state)),
    end: (state) => printNotice(summaryText(name, state)),
  };
}

/** One object a line: `type` ("progress", at the end "end"), `experiment`, and the fields of the state. */
function json(name: string): Reporter {
  const print = (type: string, state: ProgressState): void => {
    printNotice(JSON.stringify({ type, experiment: name, ...state }));
  };
  return { update: (state) => print("progress", state), end: (state) => print("end", state) };
}

/** One display that is rewritten; where the notebook cannot, a few plain lines. */
function notebook(name: string): Reporter {
  const show = updatingDisplay();
  if (show === undefined) return { ...log(name), update: plainLines(name, printNotice) };
  return {
    update: (state) => show(lineText(name, state, 100)),
    end: (state) => show(summaryText(name, state)),
  };
}
