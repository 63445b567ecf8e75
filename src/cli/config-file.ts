import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import type { SearchFile } from "../config/search-file.ts";
import { reasonOf, show } from "../errors.ts";
import { closest } from "../space/nearest.ts";
import { type Call, UsageError } from "./command.ts";

/** The text of a config file that an option names, and its path as it was given. */
export function readConfig(
  call: Call,
  given: string | undefined,
): { readonly text: string; readonly path: string } {
  if (given === undefined) {
    const meant = call.args.find((word) => /\.(ya?ml|json)$/i.test(word)) ?? "configs/my_config.yaml";
    throw new UsageError(
      `a config file is needed, got none. Write --config ${meant}; metalab init makes one.`,
    );
  }
  const file = call.path(given);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file)), path: given };
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      throw new UsageError(
        `the config file ${show(given)} must be UTF-8, got bytes that are not. Save it in that encoding.`,
        { path: given },
      );
    }
    const near = nearFile(file);
    const advice =
      near === undefined
        ? "metalab init makes one."
        : `Did you mean ${show(given.slice(0, given.length - basename(given).length) + near)}?`;
    throw new UsageError(`the config file ${show(given)} cannot be read: ${reasonOf(error)}. ${advice}`, {
      path: given,
    });
  }
}

function nearFile(file: string): string | undefined {
  try {
    const names = readdirSync(dirname(file)).filter((name) =>
      [".yaml", ".yml", ".json"].includes(extname(name).toLowerCase()),
    );
    return closest(basename(file), names);
  } catch {
    return undefined;
  }
}

/** The store of a command that goes by a file: that of `--store`, of the file, of METALAB_STORE, or `./runs`. */
export function storeFor(call: Call, given: string | undefined, file: SearchFile | undefined): string {
  const named = given ?? file?.storage ?? (call.io.env["METALAB_STORE"] || "runs");
  return /^[a-z][a-z0-9+.-]+:/i.test(named) ? named : call.path(named);
}
