import { existsSync, readdirSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ownModule, StoreError } from "../../errors.ts";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import type { DamageLog } from "../damage.ts";
import type { OriginFacts, Store } from "../store.ts";
import type { CompactReport, StoredObject, Upkeep, VerifyReport } from "../upkeep.ts";
import { codeOf, writeError } from "./errors.ts";
import { EXPERIMENTS, experimentFolder, OBJECTS, objectPath, SEGMENTS } from "./layout.ts";
import { manifestHistory } from "./manifests.ts";
import { Quarantine } from "./quarantine.ts";
import { isLiveWriter, listWriters } from "./writers.ts";

/** Begins the name of an artifact that is being removed. */
const LEAVING = ".leaving-";
const OBJECT_FOLDER = /^[0-9a-f]{2}$/;
const OBJECT_NAME = /^[0-9a-f]{62}$/;

/** What a {@link FileUpkeep} is made from. */
export interface FileUpkeepSetup {
  readonly root: string;
  readonly store: Store;
  readonly damage: DamageLog;
  /** Makes sure that the folder is a store and ours to write. */
  readonly prepare: () => void;
}

/** The upkeep of a store in a folder. */
export class FileUpkeep implements Upkeep {
  readonly #setup: FileUpkeepSetup;

  constructor(setup: FileUpkeepSetup) {
    this.#setup = setup;
  }

  async manifests(key: ExperimentKey): Promise<readonly Manifest[]> {
    return manifestHistory(this.#setup.root, key, this.#setup.damage);
  }

  async unlisted(): Promise<readonly string[]> {
    const { root, store } = this.#setup;
    const listed = new Set((await store.experiments()).map(experimentFolder));
    return list(join(root, EXPERIMENTS)).filter(
      (folder) => !listed.has(folder) && list(join(root, EXPERIMENTS, folder, SEGMENTS)).length > 0,
    );
  }

  async liveWriters(key: ExperimentKey): Promise<ReadonlySet<string>> {
    const folder = join(this.#setup.root, EXPERIMENTS, experimentFolder(key));
    const live = listWriters(folder).filter((writer) => isLiveWriter(folder, writer));
    const members = (await this.#setup.store.sharing?.(key).members()) ?? [];
    const alive = members.filter(({ liveness }) => liveness !== "dead");
    return new Set([...live.map(({ stem }) => stem), ...alive.map(({ writer }) => writer)]);
  }

  async *objects(): AsyncGenerator<StoredObject> {
    const { root } = this.#setup;
    for (const folder of list(join(root, OBJECTS))) {
      if (!OBJECT_FOLDER.test(folder)) continue;
      for (const name of list(join(root, OBJECTS, folder))) {
        const path = join(root, OBJECTS, folder, name);
        if (name.startsWith(LEAVING)) {
          await this.#stay(path);
          continue;
        }
        if (!OBJECT_NAME.test(name)) continue;
        const stats = await stat(path).catch(() => undefined);
        if (!stats?.isFile()) continue;
        yield { hash: folder + name, sizeBytes: stats.size, putAt: stats.mtimeMs };
      }
    }
  }

  async removeObject(hash: string, putBefore: number): Promise<boolean> {
    this.#setup.prepare();
    const path = join(this.#setup.root, objectPath(hash));
    const leaving = join(dirname(path), LEAVING + basename(path));
    try {
      // Renamed first: whoever puts the same bytes now either changed the time before, which is seen below, or finds
      // nothing and writes them.
      await rename(path, leaving);
      const stats = await stat(leaving);
      if (stats.mtimeMs >= putBefore) {
        await this.#stay(leaving);
        return false;
      }
      await rm(leaving, { force: true });
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return true;
      throw writeError(error, path);
    }
  }

  async setAside(key: ExperimentKey, reason: string): Promise<void> {
    this.#setup.prepare();
    const folder = `${EXPERIMENTS}/${experimentFolder(key)}`;
    if (existsSync(join(this.#setup.root, folder))) {
      new Quarantine(this.#setup.root, new Date()).take(folder, reason);
    }
  }

  async compact(key: ExperimentKey, { origin }: { readonly origin: OriginFacts }): Promise<CompactReport> {
    const { root, store } = this.#setup;
    this.#setup.prepare();
    const { retireIn, rewrite } = await ownModule(import("./compact.ts"));
    const live = await this.liveWriters(key);
    return rewrite({
      root,
      key,
      store,
      origin,
      isWanted: ({ stem }) => !live.has(stem),
      retire: retireIn(root),
    });
  }

  async verify(options: { readonly repair: boolean; readonly origin: OriginFacts }): Promise<VerifyReport> {
    const { verifyFolder } = await ownModule(import("./verify.ts"));
    return verifyFolder(this.#setup.root, { ...options, store: this.#setup.store });
  }

  /** Back under its name: its removal was cut short, or it was put again. */
  async #stay(leaving: string): Promise<void> {
    const path = join(dirname(leaving), basename(leaving).slice(LEAVING.length));
    await rename(leaving, path).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT") throw writeError(error, path);
    });
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw new StoreError(
      "METALAB_STORE_READ",
      `store: ${folder} cannot be read (${codeOf(error)}). Check its permissions and the disk.`,
      { path: folder },
      { cause: error },
    );
  }
}
