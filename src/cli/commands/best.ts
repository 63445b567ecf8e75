import { writeFile } from "node:fs/promises";
import { paretoFront } from "../../analysis/front.ts";
import { inOptions } from "../../analysis/in-options.ts";
import { type RankedSolutions, rankedSolutions } from "../../analysis/ranked-solutions.ts";
import { winnerAmong } from "../../analysis/winner.ts";
import { writeYaml } from "../../config/write-yaml.ts";
import { show } from "../../errors.ts";
import { encode } from "../../identity/canonical.ts";
import { createResults } from "../../results/create-results.ts";
import { writeWholeFile } from "../../results/export/whole-file.ts";
import { objectiveFor } from "../../results/rank.ts";
import { selectionOf } from "../../results/selection.ts";
import { formatValue, toldApart } from "../../results/text.ts";
import type { Objective } from "../../search/objective.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { openExisting, resultsOf, type StoredResults } from "../experiments.ts";
import { count, oneOf, text } from "../options.ts";
import { clean, column, plural, printFitting, wrapped } from "../screen.ts";

/** Of the interval in which the true mean lies. */
const CONFIDENCE = 0.95;

/** `metalab best` */
export const best = defineCommand({
  args: [["[experiment]", "name, or name@version; may be left out where there is only one"]],
  about: [
    "The best params by the mean over their replicates (folds joined), not the luckiest run. Params that break a",
    "constraint of their search are left out. With several objectives: the params that no others beat.",
  ].join(" "),
  options: {
    n: count("-n, --top <count>", "so many of the best (default: 1)", 1),
    metric: text("--metric <name>", "judge by this metric (default: the objective)"),
    direction: oneOf("--direction <way>", "which way is better", ["minimize", "maximize"]),
    filter: text("--filter <condition>", "only the runs for which it holds"),
    write: text("--write <file>", "write the best params into a .json or .yaml file"),
  },
  examples: [
    ["best hypersearch", "the best params, and how good they are"],
    ["best hypersearch -n 5", "the best five"],
    ["best hypersearch --metric accuracy --direction maximize", "by another metric"],
    ["best hypersearch --write best.json", "the params as a file for other programs"],
  ],
  run: async (call) => {
    const { metric, direction, filter } = call.options;
    const found = await resultsOf(openExisting(call), call.args[0], { filter });
    const isFront = metric === undefined && found.objectives.length > 1;
    const results = isFront ? found : judged(found, metric, direction);
    const objective = results.objectives[0]!;
    const order = isFront ? undefined : rankedSolutions(results, objective);
    const count = call.options.n ?? (isFront ? Number.POSITIVE_INFINITY : 1);
    const shown =
      order === undefined
        ? frontEntries(results).slice(0, count)
        : order.ranked.slice(0, count).map((one) => entryOf(one, objective));
    const [first] = shown;
    if (first === undefined) {
      const failed = results.failed.length;
      call.json({ total: results.length, best: [] });
      call.print(`No params have a value yet: ${plural(results.length, "run")}, ${failed} failed.`);
      return EXIT.failed;
    }
    const note =
      order === undefined ? undefined : inOptions(results, winnerAmong(order, objective, CONFIDENCE).note);
    const { write } = call.options;
    if (write !== undefined) await writeParams(call, write, first.params);
    call.json({
      objectives: results.objectives,
      ...(note === undefined ? {} : { note }),
      best: shown.map((entry) => ({ ...entry, params: encode(entry.params, "params") })),
    });
    if (!call.isJson) tell(call, shown, note);
    if (write !== undefined) call.print(`Written to ${write}.`);
    return undefined;
  },
});

interface Entry {
  readonly params: Readonly<Record<string, unknown>>;
  /** Means over the replicates, by metric. */
  readonly values: Readonly<Record<string, number>>;
  readonly replicates: number;
  readonly ids: readonly string[];
}

function judged(
  results: StoredResults,
  metric: string | undefined,
  direction: Objective["direction"] | undefined,
): StoredResults {
  const { parts, objectives } = results;
  const objective = objectiveFor(
    selectionOf(parts),
    objectives,
    metric ?? soleMetric(objectives, direction),
    direction,
    metric === undefined ? "best" : "best --metric",
  );
  return createResults(parts, { objectives: [objective] });
}

/** A direction alone turns the only objective. */
function soleMetric(objectives: readonly Objective[], direction: string | undefined): string | undefined {
  return direction === undefined || objectives.length !== 1 ? undefined : objectives[0]!.metric;
}

function entryOf(
  { params, outcome, losses, ids }: RankedSolutions<Entry["params"]>["ranked"][number],
  { metric, direction }: Objective,
): Entry {
  const [loss] = outcome.losses as readonly [number];
  return {
    params,
    values: { [metric]: direction === "minimize" ? loss : -loss },
    replicates: losses.length,
    ids,
  };
}

function frontEntries(results: StoredResults): readonly Entry[] {
  return paretoFront(results).map(({ params, values, ids }) => ({
    params,
    values,
    ids,
    replicates: ids.length,
  }));
}

function tell(call: Call, entries: readonly Entry[], note: string | undefined): void {
  const params = [...new Set(entries.flatMap((entry) => Object.keys(entry.params)))];
  const metrics = Object.keys(entries[0]!.values);
  if (note !== undefined) call.print(`${wrapped(call, note)}\n`);
  if (entries.length === 1) {
    const width = Math.max(...params.map((name) => clean(name).length));
    for (const name of params)
      call.print(`  ${clean(name).padEnd(width)}  ${fullValue(entries[0]!.params[name])}`);
    call.print(`\nRuns: ${entries[0]!.ids.map((id) => id.slice(0, 12)).join(", ")}`);
    return;
  }
  printFitting(call, {
    title:
      note === undefined
        ? `${plural(entries.length, "compromise")} that no others beat`
        : `The best ${entries.length}`,
    columns: [
      column(
        "#",
        entries.map((_, i) => String(i + 1)),
        { align: "right", isKey: true },
      ),
      ...metrics.map((name) =>
        column(name, toldApart(entries.map(({ values }) => values[name]!)), { align: "decimal" }),
      ),
      column(
        "n",
        entries.map(({ replicates }) => String(replicates)),
        { align: "right" },
      ),
      ...params.map((name) => {
        const values = entries.map((entry) => entry.params[name]);
        const isNumber = values.every((value) => value === undefined || typeof value === "number");
        return column(
          name,
          values.map((value) => formatValue(value)),
          { align: isNumber ? "decimal" : "left" },
        );
      }),
    ],
  });
}

function fullValue(value: unknown): string {
  return typeof value === "number" ? String(value) : formatValue(value);
}

async function writeParams(call: Call, file: string, params: Entry["params"]): Promise<void> {
  if (!/\.(json|ya?ml)$/i.test(file)) {
    throw new UsageError(`--write takes a file that ends in .json, .yaml or .yml, got ${show(file)}.`);
  }
  const plain = encode(params, "params");
  const contents = /json$/i.test(file) ? `${JSON.stringify(plain, undefined, 2)}\n` : writeYaml(plain);
  await writeWholeFile("best --write", call.path(file), (temporary) => writeFile(temporary, contents));
}
