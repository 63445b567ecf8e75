import { linkSync, readFileSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Claim, Holder, Liveness, Membership, Reservation, StopRequest } from "../sharing.ts";
import { createOnce, placeFile } from "./document.ts";
import { codeOf } from "./errors.ts";
import { Heartbeat } from "./heartbeat.ts";
import { SEGMENT_EXTENSION, stemOf } from "./layout.ts";
import { RunLists } from "./run-lists.ts";
import type { FileSharing, StoredLease } from "./sharing.ts";
import { attempt, list, readJson, readText } from "./small-files.ts";

const CLAIMS = "claims";
/** Milliseconds for which a stopped process keeps what it holds: a debugger or a suspended laptop is soon back. */
const STOPPED_MS = 3_000;
/** Milliseconds after which a claim without content, or of a host whose lease cannot be seen, counts as left. */
const UNSEEN_MS = 10_000;

type OwnLease = Omit<StoredLease, "beat">;

/** A sweep's part in the sharing of an experiment: its lease, its claims and its list of runs. */
export class FileMembership implements Membership {
  readonly #sharing: FileSharing;
  readonly #lease: OwnLease;
  readonly #claims: string;
  readonly #heart: Heartbeat;
  readonly #lists: RunLists;
  readonly #mine: string[] = [];
  /** Writers that were seen to have a lease. */
  readonly #met = new Set<string>();
  #isResting = false;
  #rests = 0;
  /** Content of claim files, which never changes once it is there. */
  readonly #holders = new Map<string, { readonly writer: string; readonly place: string }>();
  /** Since when something has been as it is, by our clock. */
  readonly #since = new Map<string, number>();

  constructor(sharing: FileSharing, lease: OwnLease) {
    this.#sharing = sharing;
    this.#lease = lease;
    this.#claims = join(sharing.leases, CLAIMS, lease.plan);
    this.#heart = new Heartbeat(join(sharing.leases, `${lease.writer}.json`), lease, sharing.times);
    const { writer, plan, place } = lease;
    this.#lists = new RunLists({
      claims: dirname(this.#claims),
      writer,
      plan,
      place,
      present: () => sharing.present(),
      leaseOf: (other) => sharing.lease(other),
      holderOf: (other, where) => this.#holderBy(other, where),
    });
    // Whoever is on another system can only judge us by our beat.
    if (sharing.all().some(({ place }) => place !== lease.place)) this.#heart.startThread();
  }

  async claim(piece: number): Promise<Claim> {
    this.#heart.check();
    this.#wake();
    if (this.#take(String(piece))) return { isMine: true, isTakenOver: false };
    const generation = this.#generations().get(piece);
    // Given back since: whoever held it has written what was done.
    if (generation === undefined) return this.#takeNext(piece, 0);
    const holder = this.#holderOf(fileOf(piece, generation));
    if (holder.writer === this.#lease.writer) return { isMine: true, isTakenOver: true };
    if (holder.liveness !== "dead") return { isMine: false, holder };
    return this.#takeNext(piece, generation + 1);
  }

  async holds(piece: number): Promise<boolean> {
    this.#heart.check();
    this.#wake();
    const generation = this.#generations().get(piece);
    return (
      generation === undefined || this.#holderOf(fileOf(piece, generation)).writer === this.#lease.writer
    );
  }

  async holders(): Promise<ReadonlyMap<number, Holder>> {
    const holders = new Map<number, Holder>();
    for (const [piece, generation] of this.#generations()) {
      holders.set(piece, this.#holderOf(fileOf(piece, generation)));
    }
    return holders;
  }

  async reserve(runs: readonly string[]): Promise<Reservation> {
    this.#heart.check();
    if (runs.length > 0) this.#wake();
    const refused = await this.#lists.reserve(runs);
    const departed = this.#departed();
    for (const writer of this.#lists.dead) {
      departed.add(`${writer} ${this.#sharing.standing(writer)?.rest ?? ""}`);
    }
    return { refused, departed };
  }

  reservedBy(run: string): Holder | undefined {
    return this.#lists.holderOf(run);
  }

  async departed(): Promise<ReadonlySet<string>> {
    return this.#departed();
  }

  async rest(): Promise<void> {
    if (this.#isResting) return;
    this.#isResting = true;
    this.#rests += 1;
    attempt(() => placeFile(this.#sharing.restPath(this.#lease.writer), String(this.#rests)));
  }

  async stopRequest(): Promise<StopRequest | undefined> {
    const prefix = `stop-${this.#lease.writer}-`;
    let found: StopRequest | undefined;
    for (const file of list(this.#sharing.control)) {
      if (!file.startsWith(prefix)) continue;
      const path = join(this.#sharing.control, file);
      const request = readJson(path) as StopRequest | undefined;
      attempt(() => rmSync(path, { force: true }));
      found ??= request ?? { host: "an unknown host", pid: 0 };
    }
    return found;
  }

  async leave(): Promise<void> {
    this.#sharing.leave(this.#lease.writer);
    this.#wake();
    // The lease goes first: a piece that is held by nobody who is there may be taken, but only after another look at
    // the store. The other way round a piece could look as if nobody had ever worked on it.
    await this.#heart.end();
    for (const file of [...this.#mine, this.#lists.file]) {
      attempt(() => unlinkSync(join(this.#claims, file)));
    }
    this.#clean();
    const { leases, control } = this.#sharing;
    for (const folder of [
      this.#claims,
      dirname(this.#claims),
      leases,
      dirname(leases),
      control,
      dirname(control),
    ])
      attempt(() => rmdirSync(folder));
  }

  #departed(): Set<string> {
    const files = list(this.#sharing.segments).filter((file) => file.endsWith(SEGMENT_EXTENSION));
    // After that: who has written by then had a lease before, and has left if there is none.
    const present = new Set(this.#sharing.present());
    // A sweep whose workers write has no file of its own name.
    for (const writer of present) this.#met.add(writer);
    const writers = new Set([...files.map(stemOf), ...this.#met]);
    return new Set([...writers].filter((writer) => writer !== this.#lease.writer && !present.has(writer)));
  }

  /** Nothing is asked for before others can see that this sweep is at work again. */
  #wake(): void {
    if (!this.#isResting) return;
    this.#isResting = false;
    attempt(() => rmSync(this.#sharing.restPath(this.#lease.writer), { force: true }));
  }

  /** Creates a claim; `false` when it is there already. */
  #take(file: string): boolean {
    const path = join(this.#claims, file);
    try {
      this.#create(path);
      this.#mine.push(file);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
    }
    return true;
  }

  /** A further name of one file costs a small part of what a new file does, and is never seen without its content. */
  #create(path: string): void {
    const text = `${this.#lease.writer}\n${this.#lease.place}\n`;
    try {
      if (this.#mine.length === 0) {
        const own = `.of-${this.#lease.writer}`;
        placeFile(join(this.#claims, own), text);
        this.#mine.push(own);
      }
      linkSync(join(this.#claims, this.#mine[0]!), path);
    } catch (error) {
      if (codeOf(error) === "EEXIST") throw error;
      // Some file systems know only one name for a file.
      createOnce(path, text);
    }
  }

  #takeNext(piece: number, generation: number): Claim {
    const file = fileOf(piece, generation);
    // A name of its own for each change of hands: of several that see the same dead holder, one gets it.
    if (this.#take(file)) return { isMine: true, isTakenOver: true };
    return { isMine: false, holder: this.#holderOf(file) };
  }

  /** Newest generation of the claim of each piece. */
  #generations(): ReadonlyMap<number, number> {
    const newest = new Map<number, number>();
    for (const file of list(this.#claims)) {
      const match = /^([0-9]+)(?:\.([0-9]+))?$/.exec(file);
      if (match === null) continue;
      const piece = Number(match[1]);
      newest.set(piece, Math.max(newest.get(piece) ?? 0, Number(match[2] ?? 0)));
    }
    return newest;
  }

  #holderOf(file: string): Holder {
    const known = this.#holders.get(file) ?? this.#readClaim(file);
    if (known === undefined) return { writer: "", liveness: this.#patience(`claim ${file}`) };
    return this.#holderBy(known.writer, known.place);
  }

  #holderBy(writer: string, where: string): Holder {
    const { liveness, retries, rest } = this.#sharing.standing(writer) ?? {};
    if (rest !== undefined) return { writer, liveness: "dead" };
    if (liveness === "stopped") {
      return { writer, liveness: this.#isSince(`stopped ${writer}`, STOPPED_MS) ? "dead" : "stopped" };
    }
    this.#since.delete(`stopped ${writer}`);
    if (liveness !== undefined) return { writer, liveness, ...(retries && { retries }) };
    // On another host a lease may be seen later than the claim that was made after it.
    const isHere = where === this.#lease.place;
    return { writer, liveness: isHere ? "dead" : this.#patience(`lease ${writer}`) };
  }

  #readClaim(file: string): { readonly writer: string; readonly place: string } | undefined {
    let text: string;
    try {
      text = readFileSync(join(this.#claims, file), "utf8");
    } catch (error) {
      // Given back.
      return codeOf(error) === "ENOENT" ? { writer: "", place: this.#lease.place } : undefined;
    }
    const [writer, where, end] = text.split("\n");
    // Its maker is between making and filling it, or died there.
    if (writer === undefined || where === undefined || end === undefined) return undefined;
    const holder = { writer, place: where };
    this.#holders.set(file, holder);
    return holder;
  }

  #patience(what: string): Liveness {
    return this.#isSince(what, UNSEEN_MS) ? "dead" : "alive";
  }

  #isSince(what: string, ms: number): boolean {
    const nowMs = this.#sharing.nowMs();
    const since = this.#since.get(what) ?? nowMs;
    this.#since.set(what, since);
    return nowMs - since >= ms;
  }

  /** Takes away what dead sweeps of this system left behind. */
  #clean(): void {
    const { leases } = this.#sharing;
    for (const file of list(leases)) {
      // Also one that was never given its name.
      const lease = this.#sharing.leaseIn(file);
      if (lease?.place !== this.#lease.place || this.#sharing.livenessOf(lease) !== "dead") continue;
      // In this order: without its lease nobody would know whose rest it is.
      for (const path of [this.#sharing.restPath(lease.writer), join(leases, file)]) {
        attempt(() => rmSync(path, { force: true }));
      }
    }
    const plans = join(leases, CLAIMS);
    for (const plan of list(plans)) {
      for (const file of list(join(plans, plan))) {
        const path = join(plans, plan, file);
        const [writer, where] = readText(path)?.split("\n") ?? [];
        const isLeft =
          where === this.#lease.place &&
          (this.#sharing.standing(writer ?? "")?.liveness ?? "dead") === "dead";
        if (isLeft) attempt(() => rmSync(path, { force: true }));
      }
      attempt(() => rmdirSync(join(plans, plan)));
    }
  }
}

function fileOf(piece: number, generation: number): string {
  return generation === 0 ? String(piece) : `${piece}.${generation}`;
}
