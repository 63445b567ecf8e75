#!/usr/bin/env node
import { main } from "./dispatch.ts";
import { processIo } from "./io.ts";

// Not process.exit(): what was printed may still be on its way to a slow reader.
process.exitCode = await main(process.argv.slice(2), processIo());
