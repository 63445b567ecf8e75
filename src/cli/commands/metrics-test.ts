import { readFileSync } from "node:fs";
import { reasonOf } from "../../errors.ts";
import type { MetricValue } from "../../experiment/record.ts";
import { MetricCollector } from "../../sweep/metrics/collector.ts";
import { isMetricPattern, metricSources } from "../../sweep/metrics/parse-sources.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { flag, texts } from "../options.ts";
import { column, plural, printFitting } from "../screen.ts";

/** What was found of one metric. */
interface Found {
  value: MetricValue;
  /** Readings of it. */
  count: number;
  firstStep: number | null;
  lastStep: number | null;
  source: string;
}

/** Lines that patterns see at once. */
const BATCH = 1_000;

/** `metalab metrics test` */
export const metricsTest = defineCommand({
  args: [["[log...]", "files of output that was kept; standard input where none is named"]],
  about:
    "Reads old output as a run of the program would be read, so that patterns can be tried before anything is run. Lines that are JSON objects of numbers count without any option.",
  storeless: true,
  options: {
    metric: texts("--metric <pattern>", "a pattern: 'acc=/val acc: ([\\d.]+)/@max'"),
    autoMetrics: flag("--auto-metrics", "take name: number and name=number for metrics"),
  },
  examples: [
    ["metrics test --metric 'acc=/val acc: ([\\d.]+)/' < old.log", "what the pattern finds"],
    ["metrics test --auto-metrics old.log", "all that looks like a metric"],
  ],
  run: async (call) => {
    const { metric, autoMetrics } = call.options;
    const name = metric.find((text) => !isMetricPattern(text));
    if (name !== undefined) {
      throw new UsageError(
        `--metric ${name} is no pattern. Write --metric '${name}=/${name}: ([\\d.]+)/', or --auto-metrics.`,
      );
    }
    const found = new Map<string, Found>();
    const collector = new MetricCollector(
      metricSources({ patterns: metric, auto: autoMetrics === true }),
      ({ name, value, step }) => {
        const known = found.get(name);
        const at = step ?? null;
        if (known === undefined)
          found.set(name, { value, count: 1, firstStep: at, lastStep: at, source: "" });
        else {
          known.count += 1;
          known.firstStep ??= at;
          known.lastStep = at ?? known.lastStep;
        }
      },
    );
    const lines = await readAll(call, collector);
    const values = collector.ledger.values();
    for (const [name, source] of Object.entries(collector.ledger.labels()))
      Object.assign(found.get(name)!, { value: values[name], source });
    call.json({
      lines,
      metrics: Object.fromEntries([...found].map(([name, one]) => [name, printable(one)])),
    });
    if (!call.isJson) tell(call, lines, found);
    return undefined;
  },
});

async function readAll(call: Call, collector: MetricCollector): Promise<number> {
  let lines = 0;
  const take = (line: string): void => {
    lines += 1;
    // A progress bar writes its states over each other.
    for (const part of line.split("\r")) if (part !== "") collector.printed(part, "stdout");
    if (lines % BATCH === 0) collector.flush();
  };
  const texts = call.args.length === 0 ? call.io.input() : call.args.map((path) => readLog(call, path));
  let rest = "";
  for await (const text of texts) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) take(line);
  }
  if (rest !== "") take(rest);
  collector.flush();
  return lines;
}

function readLog(call: Call, path: string): string {
  try {
    return `${readFileSync(call.path(path), "utf8").replace(/\n$/, "")}\n`;
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reasonOf(error)}. Name a file of output.`);
  }
}

function printable({ value, ...rest }: Found): Readonly<Record<string, unknown>> {
  const isLost = typeof value === "number" && !Number.isFinite(value);
  return { value: isLost ? String(value) : value, ...rest };
}

function tell(call: Call, lines: number, found: ReadonlyMap<string, Found>): void {
  const title = `${plural(lines, "line")}, ${plural(found.size, "metric")}`;
  if (found.size === 0) {
    call.print(title);
    call.print(
      "No line is a JSON object of numbers. Try --auto-metrics, or --metric 'name=/regular expression/'.",
    );
    return;
  }
  const all = [...found.values()];
  printFitting(call, {
    title,
    columns: [
      column("metric", [...found.keys()]),
      column(
        "value",
        all.map(({ value }) => String(value)),
        { align: "right" },
      ),
      column(
        "readings",
        all.map(({ count }) => String(count)),
        { align: "right" },
      ),
      column("steps", all.map(stepsText)),
      column(
        "from",
        all.map(({ source }) => source),
      ),
    ],
  });
}

function stepsText({ firstStep, lastStep }: Found): string {
  if (firstStep === null) return "";
  return firstStep === lastStep ? String(firstStep) : `${firstStep} … ${lastStep}`;
}
