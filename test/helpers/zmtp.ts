import { connect, type Socket } from "node:net";

/**
 * A client of one ZeroMQ socket: ZMTP 3.0 over TCP without security, as much as a Jupyter kernel asks for.
 *
 * @see https://rfc.zeromq.org/spec/23/
 */
export interface ZmtpSocket {
  /** Sends one message of several frames. */
  send(frames: readonly Uint8Array[]): void;
  /** The next message; rejects when the peer hangs up first or nothing comes in time. */
  receive(timeoutMs: number): Promise<readonly Buffer[]>;
  close(): void;
}

const MORE = 1;
const LONG = 2;
const COMMAND = 4;
const GREETING_BYTES = 64;

function greeting(): Buffer {
  const bytes = Buffer.alloc(GREETING_BYTES);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.write("NULL", 12, "latin1");
  return bytes;
}

function frame(flags: number, body: Uint8Array): Buffer {
  if (body.length < 256) return Buffer.concat([Uint8Array.of(flags, body.length), body]);
  const head = Buffer.alloc(9);
  head[0] = flags | LONG;
  head.writeBigUInt64BE(BigInt(body.length), 1);
  return Buffer.concat([head, body]);
}

function ready(type: string): Buffer {
  const name = "Socket-Type";
  const body = Buffer.alloc(6 + 1 + name.length + 4 + type.length);
  body.write("\u0005READY", 0, "latin1");
  body[6] = name.length;
  body.write(name, 7, "latin1");
  body.writeUInt32BE(type.length, 7 + name.length);
  body.write(type, 11 + name.length, "latin1");
  return frame(COMMAND, body);
}

/** The first whole frame of some bytes, and where it ends. */
function readFrame(bytes: Buffer): { flags: number; body: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const flags = bytes[0]!;
  const isLong = (flags & LONG) !== 0;
  if (isLong && bytes.length < 9) return undefined;
  const start = isLong ? 9 : 2;
  const end = start + (isLong ? Number(bytes.readBigUInt64BE(1)) : bytes[1]!);
  return bytes.length < end ? undefined : { flags, body: bytes.subarray(start, end), end };
}

/**
 * Connects and shakes hands.
 *
 * @param type - `DEALER` to ask, `SUB` to listen (to everything).
 */
export async function zmtpConnect(port: number, type: "DEALER" | "SUB"): Promise<ZmtpSocket> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = connect(port, "127.0.0.1", () => resolve(opening)).once("error", reject);
  });
  const messages: (readonly Buffer[])[] = [];
  const waiting: { resolve(message: readonly Buffer[]): void; reject(error: Error): void }[] = [];
  let bytes = Buffer.alloc(0);
  let parts: Buffer[] = [];
  let greeted = false;
  let hungUp = false;
  let handshaken: (() => void) | undefined;
  const handshake = new Promise<void>((resolve, reject) => {
    handshaken = resolve;
    socket.once("close", () => reject(new Error(`the peer at port ${port} hung up before the handshake`)));
  });

  const take = () => {
    if (!greeted) {
      if (bytes.length < GREETING_BYTES) return;
      bytes = bytes.subarray(GREETING_BYTES);
      greeted = true;
      socket.write(ready(type));
    }
    for (let read = readFrame(bytes); read !== undefined; read = readFrame(bytes)) {
      bytes = bytes.subarray(read.end);
      if ((read.flags & COMMAND) !== 0) {
        if (read.body.toString("latin1", 1, 6) === "READY") handshaken?.();
        continue;
      }
      parts.push(Buffer.from(read.body));
      if ((read.flags & MORE) !== 0) continue;
      const next = waiting.shift();
      if (next === undefined) messages.push(parts);
      else next.resolve(parts);
      parts = [];
    }
  };
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    take();
  });
  socket.on("error", () => {});
  socket.once("close", () => {
    hungUp = true;
    for (const { reject } of waiting.splice(0)) reject(new Error(`the peer at port ${port} hung up`));
  });
  socket.write(greeting());
  await handshake;
  // A subscription is a message that begins with 1; what follows is the prefix: none, so everything.
  if (type === "SUB") socket.write(frame(0, Uint8Array.of(1)));

  return {
    send(frames) {
      for (const [i, body] of frames.entries()) socket.write(frame(i < frames.length - 1 ? MORE : 0, body));
    },
    receive(timeoutMs) {
      const message = messages.shift();
      if (message !== undefined) return Promise.resolve(message);
      if (hungUp) return Promise.reject(new Error(`the peer at port ${port} hung up`));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(new Error(`nothing came from port ${port} within ${timeoutMs} ms`));
        }, timeoutMs);
        const entry = {
          resolve: (found: readonly Buffer[]) => {
            clearTimeout(timer);
            resolve(found);
          },
          reject: (error: Error) => {
            clearTimeout(timer);
            reject(error);
          },
        };
        waiting.push(entry);
      });
    },
    close: () => socket.destroy(),
  };
}
