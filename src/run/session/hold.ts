import type { ExperimentKey } from "../../experiment/manifest.ts";
import { fingerprint } from "../../identity/ids.ts";
import { sessionFolder } from "../../store/session-log.ts";
import type { Holder, Membership } from "../../store/sharing.ts";
import type { OriginFacts, Store, StoreWriter } from "../../store/store.ts";

/** A name that nobody else can open until it is left. */
export interface Hold {
  readonly name: string;
  readonly folder: string;
  readonly writer: StoreWriter;
  readonly membership: Membership | undefined;
}

/** What is to be held, and by whom. */
export interface HoldSetup {
  readonly store: Store;
  /** Of the workspace. */
  readonly key: ExperimentKey;
  readonly name: string;
  /** Of the writer of whoever holds it; nothing is written as yet. */
  readonly origin: OriginFacts;
}

/** Takes the name of a session, so that no other process opens it. @returns who has it, where somebody does */
export async function holdName({
  store,
  key,
  name,
  origin,
}: HoldSetup): Promise<Hold | { readonly holder: Holder }> {
  const workspace = key.name;
  const writer = await store.write(key, { origin });
  const plan = `session-${fingerprint("metalab.session-name", 1, { workspace, name }).slice(0, 16)}`;
  const membership = await store.sharing?.(key).enter({ writer: writer.origin.writer, plan });
  const hold: Hold = { name, folder: sessionFolder(workspace, name), writer, membership };
  const claim = await membership?.claim(0);
  if (claim === undefined || claim.isMine) return hold;
  await leaveName(hold);
  return { holder: claim.holder };
}

/** Gives a name back. */
export async function leaveName({ writer, membership }: Hold): Promise<void> {
  await writer.close();
  await membership?.leave();
}
