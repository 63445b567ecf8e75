import type { Manifest } from "../../experiment/manifest.ts";
import { encode } from "../../identity/canonical.ts";
import { type Selection, sourceAt } from "../../results/selection.ts";
import { MISSING } from "../../results/text.ts";
import { folded, type Html, paragraph, safe, safeLines, table } from "../html.ts";
import { moment } from "../words.ts";

const MOST_ORIGINS = 20;

/** Runs that were made alike: by the same versions, from the same commit and code. Neither host nor process counts. */
export interface OriginGroup {
  readonly metalab: string;
  readonly node: string;
  readonly platform: string;
  readonly commit: string | undefined;
  readonly isDirty: boolean;
  readonly code: string | undefined;
  runs: number;
}

export function originGroups(selection: Selection): readonly OriginGroup[] {
  const groups = new Map<string, OriginGroup>();
  for (const [i, row] of selection.rows.entries()) {
    const origin = selection.sources[sourceAt(selection, i)]!.frame.origin(row);
    const { metalab = MISSING, node = MISSING, platform = MISSING, git, code } = origin ?? {};
    const key = [metalab, node, platform, git?.commit, git?.dirty, code].join("\0");
    const group = groups.get(key) ?? {
      ...{ metalab, node, platform, code },
      commit: git?.commit,
      isDirty: git?.dirty === true,
      runs: 0,
    };
    group.runs += 1;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.runs - a.runs);
}

export function provenanceSection(selection: Selection): Html {
  const groups = originGroups(selection);
  const origins = groups.length === 0 ? "" : originTable(groups.slice(0, MOST_ORIGINS), groups.length);
  const manifests = [...new Set(selection.sources.map(({ manifest }) => manifest))];
  const known = manifests.filter((manifest) => manifest !== undefined);
  const lost =
    manifests.length > known.length
      ? paragraph("The definition of some experiments is not in the store.")
      : "";
  return `${origins}${known.map(definitionHtml).join("")}${lost}`;
}

function originTable(groups: readonly OriginGroup[], all: number): Html {
  const column = (title: string, read: (group: OriginGroup) => string | undefined, isNumber = false) => ({
    title,
    isNumber,
    cells: groups.map((group) => read(group) ?? MISSING),
  });
  const caption =
    all > groups.length ? `What made the runs, ${groups.length} of ${all} kinds` : "What made the runs";
  return table(caption, [
    column("runs", ({ runs }) => runs.toLocaleString("en-US"), true),
    column("metalab", ({ metalab }) => metalab),
    column("Node", ({ node }) => node),
    column("platform", ({ platform }) => platform),
    column("commit", ({ commit, isDirty }) =>
      commit === undefined
        ? undefined
        : `${commit.slice(0, 12)}${isDirty ? " with changes that are not in it" : ""}`,
    ),
    column("code", ({ code }) => (code === undefined ? undefined : shortCode(code))),
  ]);
}

/** `graph/2:0123456789ab`: enough of a fingerprint to compare. */
function shortCode(code: string): string {
  const colon = code.indexOf(":");
  return colon < 0 ? code.slice(0, 24) : `${code.slice(0, colon)}:${code.slice(colon + 1, colon + 13)}`;
}

function definitionHtml(manifest: Manifest): Html {
  const { name, version, description, tags, seeds, folds, created, contextHash } = manifest;
  const facts: (readonly [string, string])[] = [
    ["Params", `${manifest.params.kind}, ${manifest.trials.toLocaleString("en-US")} trials`],
    [
      "Seeds",
      `base ${String(seeds.base)}, ${seeds.replicates} ${seeds.replicates === 1 ? "replicate" : "replicates"}`,
    ],
    ...(folds === undefined ? [] : [["Folds", `${folds.count}, joined by ${folds.aggregate}`] as const]),
    ["First run", `${moment(created)} UTC`],
    ...(contextHash === null ? [] : [["Context", contextHash.slice(0, 12)] as const]),
    ...(tags.length === 0 ? [] : [["Tags", tags.join(", ")] as const]),
  ];
  const list = facts.map(([term, value]) => `<div><dt>${term}</dt><dd>${safe(value)}</dd></div>`);
  const about = description === undefined ? "" : paragraph(description);
  return `<h3>${safe(`${name} ${version}`)}</h3>${about}<dl class="facts">${list.join("")}</dl>${folded(
    "The whole definition",
    `<pre tabindex="0">${safeLines(JSON.stringify(encode(manifest, "manifest"), null, 2))}</pre>`,
  )}`;
}
