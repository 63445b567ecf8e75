import { DefinitionError, show } from "../../errors.ts";
import { checkOptions } from "../../space/options.ts";
import type { Store } from "../../store/store.ts";

/** What is done when a workspace has a session of the same name. */
export type IfExists = "append" | "refuse" | "unique";

/** What a session is. */
export interface SessionOptions {
  /** Its name, by which it is found again. */
  readonly name: string;
  /** What it belongs to: sessions of a workspace are compared with each other. @defaultValue `"default"` */
  readonly workspace?: string;
  /** For people. */
  readonly description?: string;
  /** To filter by. @defaultValue none */
  readonly tags?: readonly string[];
  /** Where it is kept: a folder, or a store. @defaultValue `"./runs"` */
  readonly store?: string | Store;
  /**
   * When there is one of this name that is not open: `"append"` goes on with it, `"refuse"` throws, `"unique"` opens
   * another one, of the first free name of `<name>-2`, `<name>-3` …
   * @defaultValue `"append"`
   */
  readonly ifExists?: IfExists;
}

/** Options with all that was left out. */
export interface ResolvedSessionOptions extends Required<Omit<SessionOptions, "description">> {
  readonly description: string | undefined;
}

const KNOWN = ["name", "workspace", "description", "tags", "store", "ifExists"] as const;
const LONGEST = 200;

/** @throws {DefinitionError} METALAB_OPTIONS, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE */
export function resolveSessionOptions(options: SessionOptions): ResolvedSessionOptions {
  checkOptions("session()", options, KNOWN, { params: "Write s.parameters().set({ … }) in the session." });
  const {
    name,
    workspace = "default",
    description,
    tags = [],
    store = "./runs",
    ifExists = "append",
  } = options;
  checkText("name", name);
  checkText("workspace", workspace);
  if (description !== undefined && typeof description !== "string") {
    throw refused("description", "text", description);
  }
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string" && tag !== "")) {
    throw refused("tags", "a list of texts", tags);
  }
  if (ifExists !== "append" && ifExists !== "refuse" && ifExists !== "unique") {
    throw refused("ifExists", '"append", "refuse" or "unique"', ifExists);
  }
  return { name, workspace, description, tags: [...new Set(tags)], store, ifExists };
}

function checkText(option: string, value: unknown): void {
  if (typeof value !== "string" || value === "") throw refused(option, "text that is not empty", value);
  if (value.length > LONGEST) throw refused(option, `text of at most ${LONGEST} characters`, value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value))
    throw refused(option, "text without control characters", value);
}

function refused(option: string, need: string, value: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_OPTION_VALUE",
    `session(): ${option} is ${need}, got ${show(value)}. Write session({ name: "search-lr0.1", workspace: "search" }).`,
    { option, value },
  );
}
