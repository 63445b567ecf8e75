import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server saw. */
export interface ServerCounts {
  requests: number;
  refused: number;
  inFlight: number;
  maxInFlight: number;
}

/**
 * A stand-in for a slow, rate-limited model API on loopback: answers a prompt after 30 ms with a score, and answers
 * 429 to more than `limit` requests within a second.
 */
export async function startServer(
  limit: number,
): Promise<{ url: string; counts: ServerCounts; server: Server }> {
  const counts: ServerCounts = { requests: 0, refused: 0, inFlight: 0, maxInFlight: 0 };
  let recent: number[] = [];
  const server = createServer((request, response) => {
    const now = Date.now();
    counts.requests += 1;
    counts.inFlight += 1;
    counts.maxInFlight = Math.max(counts.maxInFlight, counts.inFlight);
    recent = recent.filter((time) => now - time < 1000);
    recent.push(now);
    if (recent.length > limit) {
      counts.refused += 1;
      counts.inFlight -= 1;
      response.writeHead(429).end();
      return;
    }
    const query = new URL(request.url ?? "/", "http://localhost").searchParams;
    const temperature = Number(query.get("temperature"));
    setTimeout(() => {
      counts.inFlight -= 1;
      const score = Math.max(0, 1 - Math.abs(temperature - 0.4)) * (query.get("style") === "terse" ? 0.9 : 1);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ score, tokens: 20 + Math.round(100 * temperature) }));
    }, 30);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts, server };
}
