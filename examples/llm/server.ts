/** A stand-in for the API of a language model, on loopback: slow, limited, sometimes out of order, paid by the token. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export interface Request {
  readonly system: string;
  readonly question: string;
  readonly temperature: number;
  readonly seed: number;
}

export interface Reply {
  readonly answer: string;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}

/** What the server saw. */
export interface Seen {
  requests: number;
  tooMany: number;
  broken: number;
  mostInFlight: number;
}

/** A number from [0, 1) that looks like chance, and is the same for the same texts. */
function chance(...texts: readonly (string | number)[]): number {
  let hash = 2166136261;
  for (const character of JSON.stringify(texts)) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** Sums, right or wrong: the better the prompt and the lower the temperature, the harder ones come out right. */
function reply({ system, question, temperature, seed }: Request): Reply {
  const [a = 0, b = 0] = (question.match(/\d+/g) ?? []).map(Number);
  const isReasoned = system.includes("step by step");
  const skill = (isReasoned ? 0.9 : system.includes("Example") ? 0.75 : 0.6) - 0.1 * temperature;
  const luck = chance("luck", system, question, temperature > 0 ? `${temperature} ${seed}` : "");
  const isRight = 0.8 * chance("difficulty", question) + 0.2 * luck < skill;
  return {
    answer: String(isRight ? a + b : a + b + 10),
    usage: { input_tokens: system.length + question.length, output_tokens: isReasoned ? 120 : 8 },
  };
}

/** Starts it. More than `perSecond` requests in a second are answered by 429, and every fortieth by 500. */
export async function startServer(perSecond: number) {
  const seen: Seen = { requests: 0, tooMany: 0, broken: 0, mostInFlight: 0 };
  let inFlight = 0;
  let recent: readonly number[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = Date.now();
    recent = [...recent.filter((time) => now - time < 1000), now];
    if (recent.length > perSecond) {
      seen.tooMany += 1;
      response.writeHead(429, { "retry-after": "1" }).end();
      return;
    }
    await sleep(40 + 40 * Math.random());
    if (seen.requests % 40 === 0) {
      seen.broken += 1;
      response.writeHead(500).end();
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(reply(JSON.parse(await text(request)) as Request)));
  }

  const server = createServer((request, response) => {
    seen.requests += 1;
    inFlight += 1;
    seen.mostInFlight = Math.max(seen.mostInFlight, inFlight);
    response.on("close", () => (inFlight -= 1));
    void answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}
