#!/usr/bin/env node
import type { Writable } from "node:stream";
import { main } from "./dispatch.ts";
import { processIo } from "./io.ts";

const code = await main(process.argv.slice(2), processIo());
// A script that was asked for its experiment may have left timers and servers, which would keep the process; but what was
// printed may still be on its way to a slow reader.
await Promise.all([process.stdout, process.stderr].map(written));
process.exit(code);

function written(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
