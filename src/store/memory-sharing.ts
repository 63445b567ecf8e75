import { hostname } from "node:os";
import type { Claim, Holder, Lease, Member, Membership, Sharing, StopRequest } from "./sharing.ts";

interface Place extends Lease {
  request: StopRequest | undefined;
}

/** The sweeps of one process that work on one experiment of a memory store. Nobody here dies without leaving. */
export class MemorySharing implements Sharing {
  readonly #places = new Map<string, Place>();
  /** Plan and piece to its holder. */
  readonly #claims = new Map<string, Map<number, string>>();
  readonly #departed = new Set<string>();

  async enter(lease: Pick<Lease, "writer" | "plan" | "retries">): Promise<Membership> {
    const { writer, plan } = lease;
    const place: Place = { ...lease, host: hostname(), pid: process.pid, request: undefined };
    this.#places.set(writer, place);
    const claims = this.#claims.get(plan) ?? new Map<number, string>();
    this.#claims.set(plan, claims);
    const holderOf = (piece: number): Holder => {
      const holder = claims.get(piece) ?? "";
      const retries = this.#places.get(holder)?.retries;
      return { writer: holder, liveness: "alive", ...(retries && { retries }) };
    };
    return {
      claim: async (piece): Promise<Claim> => {
        if (claims.has(piece) && claims.get(piece) !== writer)
          return { isMine: false, holder: holderOf(piece) };
        claims.set(piece, writer);
        return { isMine: true, isTakenOver: false };
      },
      holds: async (piece) => claims.get(piece) === writer,
      holders: async () => new Map([...claims.keys()].map((piece) => [piece, holderOf(piece)])),
      departed: async () => new Set(this.#departed),
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
}
