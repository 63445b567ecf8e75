import type { RunEvent } from "../../src/experiment/event.ts";
import { Experiment } from "../../src/experiment/experiment.ts";
import type { OperationInput, Params } from "../../src/experiment/operation.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import { grid } from "../../src/experiment/sources.ts";
import type { Objective } from "../../src/search/objective.ts";
import type { Store } from "../../src/store/store.ts";

/** An experiment over x = 0, 1, …, n − 1 with any operation. */
export function overX(
  n: number,
  operation: (input: OperationInput<{ readonly x: number }, undefined>) => unknown,
  objective?: Objective | readonly Objective[],
): Experiment<{ readonly x: number }, { readonly y: number }> {
  return new Experiment({
    name: "sweep",
    params: grid({ x: Array.from({ length: n }, (_, i) => i) }),
    operation: operation as (input: OperationInput<Params>) => { readonly y: number },
    ...(objective === undefined ? {} : { objective: objective as Objective<never> }),
  }) as unknown as Experiment<{ readonly x: number }, { readonly y: number }>;
}

/** All events of a sweep. */
export async function eventsOf(handle: AsyncIterable<RunEvent>): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of handle) events.push(event);
  return events;
}

/** Every record of an experiment that a store has, losers included. */
export async function recordsOf(store: Store, name = "sweep", version = "1"): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const entry of store.entries({ name, version })) {
    if (entry.kind === "record") records.push(entry as RunRecord);
  }
  return records;
}

/** Runs a function and gives what was written to stderr meanwhile. */
export async function stderrOf(work: () => Promise<unknown>): Promise<string> {
  const original = process.stderr.write;
  let text = "";
  process.stderr.write = ((chunk: string | Uint8Array) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    return true;
  }) as typeof process.stderr.write;
  try {
    await work();
  } finally {
    process.stderr.write = original;
  }
  return text;
}
