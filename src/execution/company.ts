import type { ExperimentKey } from "../experiment/manifest.ts";
import type { RunFrame } from "../store/frame.ts";
import type { Membership } from "../store/sharing.ts";
import type { Store, StoreWriter } from "../store/store.ts";
import { type SharedName, SharedWork, type SharedWorkSetup } from "./shared-work.ts";

/** Where a sweep begins, before its first run. */
export interface CompanySetup extends Pick<SharedWorkSetup, "retries"> {
  readonly store: Store;
  readonly key: ExperimentKey;
  readonly writer: StoreWriter;
  readonly shared: SharedName;
  readonly frame: RunFrame;
  readonly resume: boolean;
}

/** How often a request to stop is looked for, in milliseconds. */
const STOP_LOOK_MS = 1_000;

/** The sweeps that write to one experiment, as one of them sees them. */
export class Company {
  /** What is shared with them; `undefined` where nothing is. */
  readonly work: SharedWork | undefined;
  readonly #membership: Membership | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  private constructor(
    membership: Membership | undefined,
    work: SharedWork | undefined,
    onStop: (why: string) => void,
  ) {
    this.#membership = membership;
    this.work = work;
    if (membership === undefined) return;
    this.#timer = setInterval(() => {
      void membership.stopRequest().then((request) => {
        if (request === undefined) return;
        const { host, pid, reason } = request;
        onStop(`asked for by process ${pid} on ${host}${reason === undefined ? "" : `: ${reason}`}`);
      });
    }, STOP_LOOK_MS);
    this.#timer.unref();
  }

  /** Lets the others know of this sweep. */
  static async join(setup: CompanySetup, onStop: (why: string) => void): Promise<Company> {
    const { store, key, writer, shared, frame, resume, retries } = setup;
    const membership = await store.sharing?.(key).enter({
      writer: writer.origin.writer,
      plan: shared.name,
      ...(retries && { retries: { count: retries.count, classes: retries.classes } }),
    });
    // Who wants all runs anew does not want them from others.
    const shares = membership !== undefined && resume;
    const work = shares
      ? await SharedWork.begin({ store, key, membership, frame, pieceSize: shared.pieceSize, retries })
      : undefined;
    return new Company(membership, work, onStop);
  }

  /** Never throws. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#membership?.leave();
  }
}
