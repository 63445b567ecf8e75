import { compare as compareGroups } from "../../analysis/compare.ts";
import { comparisonSheet } from "../../analysis/comparison/text.ts";
import { inOptions } from "../../analysis/in-options.ts";
import { defineCommand, UsageError } from "../command.ts";
import { openExisting, resultsOf } from "../experiments.ts";
import { list, number, oneOf, text } from "../options.ts";
import { printFitting, wrapped } from "../screen.ts";
import { wholeNames } from "../whole-names.ts";

/** `metalab compare` */
export const compare = defineCommand({
  args: [["[experiment...]", "names, or name@version; may be left out where there is only one"]],
  options: {
    by: list("--by <names>", "what tells the groups apart (needed): a param, tag, field; experiment"),
    metric: text("--metric <name>", "metric that is compared (default: the objective)"),
    direction: oneOf("--direction <way>", "which way is better", ["minimize", "maximize"]),
    pairBy: list(
      "--pair-by <names>",
      "in what the two runs of a pair agree (default: seeds and other params)",
    ),
    confidence: number("--confidence <share>", "of all intervals (default: 0.95)"),
    filter: text("--filter <condition>", "only the runs for which it holds"),
  },
  examples: [
    ["compare hypersearch --by params.lr --metric loss", "is one lr better, and how sure is that"],
    ["compare grid random --by experiment --metric accuracy --direction maximize", "two experiments"],
  ],
  run: async (call) => {
    const { by, metric, direction, pairBy, confidence, filter } = call.options;
    if (by === undefined || by.length === 0) {
      throw new UsageError("--by is missing: name what tells the groups apart, as in --by params.lr.");
    }
    const store = openExisting(call);
    const names = call.args.length === 0 ? [undefined] : call.args;
    const [first, ...others] = await Promise.all(names.map((name) => resultsOf(store, name)));
    const joined = others.length === 0 ? first! : first!.concat(...others);
    const whole = wholeNames(joined);
    const comparison = compareGroups(filter === undefined ? joined : joined.filter(filter), {
      by: by.map((name) => whole(name)),
      ...(metric === undefined ? {} : { metric }),
      ...(direction === undefined ? {} : { direction }),
      ...(pairBy === undefined ? {} : { pairBy: pairBy.map((name) => whole(name)) }),
      ...(confidence === undefined ? {} : { confidence }),
    });
    call.json(comparison);
    const { tables, notes } = comparisonSheet(comparison);
    for (const table of tables) {
      printFitting(call, table);
      call.print("");
    }
    for (const note of notes) call.print(wrapped(call, inOptions(joined, note)));
    return undefined;
  },
});
