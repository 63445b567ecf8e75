import { setTimeout as sleep } from "node:timers/promises";
import type { Reply, Request } from "./server.ts";

/** Asks the model. A server that has too much to do is asked again when it says so; any other refusal is an error. */
export async function ask(url: string, request: Request, signal: AbortSignal): Promise<Reply> {
  for (;;) {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(request), signal });
    if (response.ok) return (await response.json()) as Reply;
    await response.body?.cancel();
    if (response.status !== 429) throw new Error(`the server answered ${response.status}`);
    await sleep(1000 * Number(response.headers.get("retry-after") ?? 1), undefined, { signal });
  }
}
