import { show } from "../errors.ts";
import type { Manifest } from "../experiment/manifest.ts";
import { isImported } from "../store/import/foreign.ts";
import { type Call, UsageError } from "./command.ts";
import { isWorkspace, oneExperiment, openExisting } from "./experiments.ts";
import { text } from "./options.ts";
import { type Definition, definitionInScript, isScript } from "./script-definitions.ts";

/** How a definition is named, for the help. */
export const DEFINITION_ARGUMENT = [
  "[definition]",
  "a script (.ts, .js), or the name of an experiment that metalab run or metalab search made",
] as const;

/** For scripts with several experiments. */
export const EXPERIMENT_OPTION = text(
  "-e, --experiment <name>",
  "which experiment of the script (default: the first)",
);

/** A definition, and the store that is meant with it. */
export interface FoundDefinition extends Definition {
  readonly store: string;
  /** The script, as it was given; without one it is a program's, known by its name. */
  readonly script?: string;
}

/**
 * The definition that a text names: what a script would run, or what made an experiment of the store.
 *
 * @throws UsageError
 */
export async function findDefinition(
  call: Call,
  text: string | undefined,
  experiment: string | undefined,
): Promise<FoundDefinition> {
  if (text !== undefined && isScript(text)) {
    const found = await definitionInScript(call.path(text), experiment);
    const own = found.options.store;
    const store = call.isStoreNamed || own === undefined ? call.store : own;
    if (typeof store === "string") return { ...found, store, script: text };
    throw new UsageError(
      `the store of ${show(text)} is an object, which only its own process has. Name a folder with --store.`,
    );
  }
  const manifest = await oneExperiment(openExisting(call), text ?? experiment);
  return { ...(await storedDefinition(call, manifest)), store: call.store };
}

/**
 * The definition that is kept with an experiment.
 *
 * @throws UsageError when none is
 */
async function storedDefinition(call: Call, manifest: Manifest): Promise<Definition> {
  const { experimentFromManifest } = await import("../sweep/stored-program.ts");
  const found = experimentFromManifest(manifest, { env: call.io.env });
  if (found !== undefined) return found;
  throw new UsageError(`${show(manifest.name)} ${whyNone(manifest)}`, { experiment: manifest.name });
}

function whyNone(manifest: Manifest): string {
  if (isWorkspace(manifest))
    return "is a workspace of sessions, whose runs a loop of your own makes. Start that program again; metalab ls and show tell of its sessions.";
  if (isImported(manifest)) {
    const { tool } = Object(manifest.metadata["imported"]) as { readonly tool?: unknown };
    return `was imported from ${String(tool)}, so it can be looked at and not run.`;
  }
  return "was defined by a script, which the store does not have. Name the script, as in metalab plan sweep.ts.";
}
