import { hostname } from "node:os";
import { hexToBytes } from "../identity/hex.ts";
import { IdIndex } from "../identity/id-index.ts";
import type { Claim, Holder, Lease, Member, Membership, Sharing, StopRequest } from "./sharing.ts";

interface Place extends Lease {
  request: StopRequest | undefined;
  /** What it has begun or is about to begin. */
  readonly runs: IdIndex;
  isResting: boolean;
  /** How often it has rested. */
  rests: number;
}

/** The sweeps of one process that work on one experiment of a memory store. Nobody here dies without leaving. */
export class MemorySharing implements Sharing {
  readonly #places = new Map<string, Place>();
  /** Plan and piece to its holder. */
  readonly #claims = new Map<string, Map<number, string>>();
  readonly #departed = new Set<string>();

  async enter(lease: Pick<Lease, "writer" | "plan" | "retries">): Promise<Membership> {
    const { writer, plan } = lease;
    const runs = new IdIndex();
    const here = { host: hostname(), pid: process.pid, request: undefined };
    const place: Place = { ...lease, ...here, runs, isResting: false, rests: 0 };
    this.#places.set(writer, place);
    const claims = this.#claims.get(plan) ?? new Map<number, string>();
    this.#claims.set(plan, claims);
    const holderOf = (piece: number): Holder => this.#holder(claims.get(piece) ?? "");
    return {
      claim: async (piece): Promise<Claim> => {
        place.isResting = false;
        const isTakenOver = claims.has(piece) && claims.get(piece) !== writer;
        const holder = holderOf(piece);
        if (isTakenOver && holder.liveness !== "dead") return { isMine: false, holder };
        claims.set(piece, writer);
        return { isMine: true, isTakenOver };
      },
      reserve: async (wanted) => {
        if (wanted.length > 0) place.isResting = false;
        const refused = new Map<string, Holder>();
        const digest = new Uint8Array(32);
        for (const run of wanted) {
          const holder = this.#reservedBy(run, plan);
          if (holder !== undefined) refused.set(run, holder);
          else if (hexToBytes(run, digest)) runs.add(digest);
        }
        const resting = [...this.#places.values()].filter((other) => other !== place && other.isResting);
        const names = resting.map((other) => `${other.writer} ${other.rests}`);
        return { refused, departed: new Set([...this.#departed, ...names]) };
      },
      reservedBy: (run) => this.#reservedBy(run, plan),
      holds: async (piece) => {
        place.isResting = false;
        return claims.get(piece) === writer;
      },
      holders: async () => new Map([...claims.keys()].map((piece) => [piece, holderOf(piece)])),
      departed: async () => new Set(this.#departed),
      rest: async () => {
        if (!place.isResting) place.rests += 1;
        place.isResting = true;
      },
      stopRequest: async () => {
        const { request } = place;
        place.request = undefined;
        return request;
      },
      leave: async () => {
        this.#places.delete(writer);
        this.#departed.add(writer);
        for (const [piece, holder] of claims) if (holder === writer) claims.delete(piece);
        if (claims.size === 0 && this.#claims.get(plan) === claims) this.#claims.delete(plan);
      },
    };
  }

  async members(): Promise<readonly Member[]> {
    return Array.from(this.#places.values(), ({ writer, host, pid, plan }) => {
      return { writer, host, pid, plan, liveness: "alive" };
    });
  }

  async requestStop(request: StopRequest): Promise<readonly Member[]> {
    for (const place of this.#places.values()) place.request = request;
    return this.members();
  }

  #holder(writer: string): Holder {
    const { retries, isResting = false } = this.#places.get(writer) ?? {};
    return isResting
      ? { writer, liveness: "dead" }
      : { writer, liveness: "alive", ...(retries && { retries }) };
  }

  #reservedBy(run: string, plan: string): Holder | undefined {
    for (const other of this.#places.values()) {
      if (other.plan !== plan && !other.isResting && other.runs.find(run) >= 0)
        return this.#holder(other.writer);
    }
    return undefined;
  }
}
