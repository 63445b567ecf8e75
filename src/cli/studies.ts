import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import type { Call } from "./command.ts";
import { openExisting } from "./experiments.ts";
import { clean } from "./screen.ts";

/** What marks a folder as a store. */
const MARK = "metalab.json";

/**
 * The store that has a study: that of the call; or, where none was named and that one does not have it, the only store
 * among the folders here that does, such as the one that stands for a database in a config file.
 *
 * @throws UsageError when there is no store.
 */
export async function storeOfStudy(call: Call, study: string | undefined): Promise<Store> {
  if (
    study === undefined ||
    call.isStoreNamed ||
    (existsSync(call.store) && (await has(openStore(call.store), study)))
  )
    return openExisting(call);
  const stores = readdirSync(call.io.cwd, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(call.io.cwd, entry.name, MARK)))
    .map(({ name }) => ({ name, store: openStore(join(call.io.cwd, name)) }));
  const found = [];
  for (const one of stores) if (await has(one.store, study)) found.push(one);
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return openExisting(call);
  call.note(clean(`${study} is in the store ${only.name}.`));
  return only.store;
}

/** Whether a store has an experiment by a name, or a `name@version`. */
export async function has(store: Store, study: string): Promise<boolean> {
  return (await store.experiments()).some(
    ({ name, version }) => name === study || `${name}@${version}` === study,
  );
}
