import { join } from "node:path";
import { DefinitionError, show } from "../../errors.ts";
import { PLOT_KINDS, type PlotKind, type PlotOptions } from "../../plots/options.ts";
import { formOf } from "../../plots/picture.ts";
import { picture } from "../../plots/plot.ts";
import { closest } from "../../space/nearest.ts";
import type { Store } from "../../store/store.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { resultsOf, type StoredResults } from "../experiments.ts";
import { messageInOptions } from "../failure.ts";
import { list, oneOf, text } from "../options.ts";
import { clean, plural, wrapped } from "../screen.ts";
import { has, storeOfStudy } from "../studies.ts";
import { wholeNames } from "../whole-names.ts";

/** Those that need to be told what to draw. */
const ASKING: ReadonlySet<PlotKind> = new Set(["scatter", "line", "heatmap", "box", "histogram"]);

const OPTIONS = {
  experiment: text("-e, --experiment <name>", "the experiment (default: the only one)"),
  studyName: text("--study-name <name>", "the same, for those who call it a study"),
  type: text("--type <type>", "the plot, as an option"),
  plotType: text("--plot-type <type>", "the same"),
  mode: oneOf("--mode <mode>", "what is drawn, where scripts say so", ["search"]),
  params: list("--params <names...>", "params to show"),
  metric: text("--metric <name>", "metric that is judged (default: the objective)"),
  direction: oneOf("--direction <way>", "which way is better", ["minimize", "maximize"]),
  x: text("--x <name>", "what is along the x axis"),
  y: text("--y <name>", "what is along the y axis"),
  color: text("--color <name>", "what colours stand for"),
  facet: text("--facet <name>", "a panel for each of its values"),
  by: text("--by <name>", "what tells strategies apart"),
  title: text("--title <text>", "above the picture"),
  filter: text("--filter <condition>", "only the runs for which it holds"),
  output: text("-o, --output <path>", "file of the plot, or folder for all (default: ./plots/<experiment>)"),
  fonts: list("--fonts <paths...>", "font files for PNG, for letters that the shipped font lacks"),
  format: oneOf("--format <format>", "form of all plots (default: svg)", ["svg", "png", "html"]),
};

type PlotCall = Call<typeof OPTIONS>;

/** `metalab plot` */
export const plot = defineCommand({
  args: [
    ["[type]", "a plot, or the beginning or a part of its name; without it all plots are made"],
    ["[experiment]", "the experiment, where there are several"],
  ],
  about: `Plots: ${PLOT_KINDS.join(", ")}.\n\nOne plot is drawn in the terminal, or into the file of -o (.svg .png .html .json .txt). All plots go into a folder. One that has nothing to show (all runs failed, no param varies) is not written, and the reason is said; exit code 1 when nothing is drawn.`,
  options: OPTIONS,
  examples: [
    ["plot -e hypersearch", "all plots that suit it, into plots/hypersearch"],
    ["plot history", "the course of the search, in the terminal"],
    ["plot history hypersearch", "the same of one of several experiments"],
    ["plot contour --params lr batch_size -o contour.svg", "two params, as a picture"],
    ["plot --study-name my_study --type contour --params lr batch_size", "the same by options"],
  ],
  run: async (call) => {
    const { filter, output } = call.options;
    const { kind, asked, store } = await meantBy(call);
    const results = await resultsOf(store, asked, { filter });
    if (kind === undefined) return await plotAll(call, results);
    const options = plotOptions(call, results);
    if (output !== undefined) formOf(output);
    const made = await picture(results, kind, options);
    const { message } = made.figure;
    if (message !== undefined && output !== undefined) {
      call.json({ kind, leftOut: [{ kind, why: message }] });
      call.print(`Nothing was written to ${output}.`);
      tellLeftOut(call, [{ kind, why: message }]);
      return EXIT.failed;
    }
    if (output !== undefined) {
      await made.save(call.path(output), fontsOf(call));
      call.print(`${kind} written to ${output}.`);
    } else {
      call.print(made.toText({ width: Math.min(call.io.columns, 120), color: call.io.hasColor }));
    }
    call.json({
      kind,
      ...(output === undefined ? { figure: made.figure } : { file: call.path(output) }),
    });
    return message === undefined ? undefined : EXIT.failed;
  },
});

interface Meant {
  readonly kind: PlotKind | undefined;
  /** The experiment that is asked for. */
  readonly asked: string | undefined;
  readonly store: Store;
}

/** A plot, an experiment, or one after the other, in whichever way they were named. */
async function meantBy(call: PlotCall): Promise<Meant> {
  const { experiment, studyName, type, plotType } = call.options;
  const option = onlyOne("plot", [type, plotType]);
  const words = option === undefined ? call.args : [option, ...call.args];
  if (words.length > 2) throw new UsageError(`one plot at most is drawn, got ${show(words[0])} and others.`);
  const [first, second] = words;
  const asked = onlyOne("experiment", [experiment, studyName, second]);
  if (asked === undefined && first !== undefined && option === undefined && kindsOf(first).length !== 1) {
    // The only word is an experiment, if there is one of that name.
    const store = await storeOfStudy(call, first);
    if (await has(store, first)) return { kind: undefined, asked: first, store };
    const names = (await store.experiments()).map(({ name }) => name);
    return { kind: kindOf(first, [...new Set(names)]), asked, store };
  }
  return {
    kind: first === undefined ? undefined : kindOf(first),
    asked,
    store: await storeOfStudy(call, asked),
  };
}

/** What several ways of saying the same agree on. @throws UsageError where they do not */
function onlyOne(what: string, given: readonly (string | undefined)[]): string | undefined {
  const [one, other] = new Set(given.filter((text) => text !== undefined));
  if (other === undefined) return one;
  throw new UsageError(
    `one ${what} is named, got ${show(one)} and ${show(other)}. Leave out the one that is not meant.`,
  );
}

/** Plots by a name, else by its beginning, else by a part of it. */
function kindsOf(name: string): readonly PlotKind[] {
  const plain = name.toLowerCase().replaceAll(/[-\s]/g, "_");
  const ways: ((kind: PlotKind) => boolean)[] = [
    (kind) => kind === plain,
    (kind) => kind.startsWith(plain),
    (kind) => kind.includes(plain),
  ];
  return ways.map((isOne) => PLOT_KINDS.filter(isOne)).find((found) => found.length > 0) ?? [];
}

/** Parts of names that stand for one plot: `history`. */
const PARTS = PLOT_KINDS.flatMap((kind) => kind.split("_")).filter((part) => kindsOf(part).length === 1);

/** @param experiments - what else a mistyped name may have meant. */
function kindOf(name: string, experiments: readonly string[] = []): PlotKind {
  const [found, ...others] = kindsOf(name);
  if (found !== undefined && others.length === 0) return found;
  const guess =
    found === undefined
      ? closest(name, [...PLOT_KINDS, ...PARTS, ...experiments])
      : [found, ...others].join(" or ");
  const hint = guess === undefined ? "" : ` Did you mean ${guess}?`;
  throw new UsageError(
    `there is no plot ${show(name)}.${hint} The plots are ${PLOT_KINDS.join(", ")}; an experiment is named by -e, or after the plot.`,
  );
}

/** The options of plots, in which short names of params stand for whole ones: `lr` for `optimizer.lr`. */
function plotOptions({ options }: PlotCall, results: StoredResults): PlotOptions {
  const { params, metric, direction, x, y, color, facet, by, title } = options;
  const whole = wholeNames(results);
  return {
    params: params?.map((name) => whole(name)),
    metric,
    direction,
    x: whole(x),
    y: whole(y),
    color: whole(color),
    facet: whole(facet),
    by: whole(by),
    title,
  };
}

function fontsOf(call: PlotCall): { readonly fonts?: readonly string[] | undefined } {
  return { fonts: call.options.fonts?.map((path) => call.path(path)) };
}

/** A plot that was not drawn. */
interface LeftOut {
  readonly kind: PlotKind;
  readonly why: string;
}

/** Every plot that has something to show, as files in a folder. */
async function plotAll(call: PlotCall, results: StoredResults): Promise<typeof EXIT.failed | undefined> {
  const { output, format = "svg" } = call.options;
  const folder = output ?? join("plots", results.parts[0]?.frame.experiment.name ?? "all");
  const files: { kind: PlotKind; file: string }[] = [];
  const leftOut: LeftOut[] = [];
  for (const kind of PLOT_KINDS) {
    if (ASKING.has(kind)) continue;
    try {
      const made = await picture(results, kind, plotOptions(call, results));
      const { message } = made.figure;
      if (message !== undefined) {
        leftOut.push({ kind, why: message });
        continue;
      }
      const file = join(folder, `${kind.replaceAll("_", "-")}.${format}`);
      await made.save(call.path(file), fontsOf(call));
      files.push({ kind, file });
    } catch (error) {
      // What does not suit these results, such as a front without a second objective.
      if (!(error instanceof DefinitionError)) throw error;
      leftOut.push({ kind, why: messageInOptions(error) });
    }
  }
  call.json({ folder: call.path(folder), files, leftOut });
  call.print(
    files.length === 0
      ? "There is nothing to draw, and nothing was written."
      : `${plural(files.length, "plot")} in ${folder}:`,
  );
  for (const { file } of files) call.print(`  ${file}`);
  tellLeftOut(call, leftOut);
  return files.length === 0 ? EXIT.failed : undefined;
}

/** Says each reason once, with all plots that it keeps from being drawn. */
function tellLeftOut(call: PlotCall, leftOut: readonly LeftOut[]): void {
  const kinds = new Map<string, PlotKind[]>();
  for (const { kind, why } of leftOut) kinds.set(why, [...(kinds.get(why) ?? []), kind]);
  for (const [why, those] of kinds) {
    call.print(wrapped(call, clean(`Left out ${those.join(", ")}: ${why}`), "  "));
  }
}
