import { isAbsolute, relative } from "node:path";
import { commandsOf } from "../../analysis/in-options.ts";
import type { AnyResults } from "../../results/results.ts";
import type { Selection } from "../../results/selection.ts";
import { type Html, paragraph, safeLines } from "../html.ts";
import { originGroups } from "./provenance.ts";

const MOST = 5;

/** The same runs in a program, and the same sweep once more. */
export function reproduceSection(results: AnyResults, selection: Selection): Html {
  const { sources } = selection;
  if (sources.length === 0)
    return paragraph("There is nothing to reproduce: the results hold no experiment.");
  const stored = sources.filter(({ store }) => store.locator !== "memory:");
  const parts: Html[] = [];
  if (stored.length > 0) parts.push("<h3>Load these runs</h3>", code(loading(results, stored)));
  if (stored.length < sources.length) {
    parts.push(
      paragraph(
        "Some runs were held in memory or read from a file, not in a store: they are made again by running their script.",
      ),
    );
  }
  const commands = again(results, selection);
  parts.push(
    "<h3>Run it again</h3>",
    code(commands),
    paragraph(
      "What is finished in the store is not executed again; with an empty store everything is, with the same params and seeds. replay() says for a search whether it would propose the same trials.",
    ),
  );
  return parts.join("");
}

function code(text: string): Html {
  return `<pre tabindex="0"><code>${safeLines(text)}</code></pre>`;
}

/** Relative below the working folder, so that a page that is shared says little of the machine. */
function placeOf(locator: string): string {
  const path = relative(process.cwd(), locator);
  return isAbsolute(locator) && (path.startsWith("..") || isAbsolute(path))
    ? locator
    : `./${isAbsolute(locator) ? path : locator.replace(/^\.\//, "")}`;
}

function loading({ length, objectives }: AnyResults, sources: Selection["sources"]): string {
  const loads = sources.slice(0, MOST).map(({ store, frame: { experiment } }) => {
    const { name, version } = experiment;
    return `await loadResults(${JSON.stringify(placeOf(store.locator))}, ${JSON.stringify({ experiment: name, version })})`;
  });
  const [first, ...others] = loads;
  const joined =
    others.length === 0
      ? `const results = ${first};`
      : `const results = (${first}).concat(\n${others.map((one) => `  ${one},\n`).join("")});`;
  const left = sources.length > MOST ? `// … and ${sources.length - MOST} more experiments\n` : "";
  const best = objectives.length === 1 ? "console.log(winner(results).note);\n" : "results.display();\n";
  return `import { loadResults${objectives.length === 1 ? ", winner" : ""} } from "metalab";\n\n${joined}\n${left}console.log(results.length); // ${length} when this report was made\n${best}`;
}

function again(results: AnyResults, selection: Selection): string {
  const [origin] = originGroups(selection);
  const lines: string[] = [];
  if (origin?.commit !== undefined) {
    lines.push(`git checkout ${origin.commit}`);
    if (origin.isDirty) lines.push("# The working folder had changes that are not in that commit.");
  }
  if (origin !== undefined && /^\d/.test(origin.metalab)) lines.push(`npm install metalab@${origin.metalab}`);
  const names = [...new Set(selection.sources.map(({ frame }) => frame.experiment.name))].slice(0, MOST);
  const made = commandsOf(results).map((command) => `${command} …`);
  const how =
    made.length === 0
      ? `start the script that runs ${names.join(", ")}`
      : `give the command that made ${names.join(", ")} once more (${made.join(", ")})`;
  lines.push(`# then ${how}, under Node ${origin?.node ?? "of the same version"}`);
  return lines.join("\n");
}
