import type { RunRecord } from "../experiment/record.ts";
import type { RunTask } from "./executor.ts";

/** A record without what the task of its run says. */
export type RecordRest = Omit<
  RunRecord,
  "id" | "kind" | "trial" | "replicate" | "fold" | "params" | "seed" | "generation"
>;

/** The record of an execution of a task. */
export function taskRecord(task: RunTask, rest: RecordRest): RunRecord {
  const { id, trial, replicate, fold, params, seed, generation } = task;
  return {
    id,
    kind: "record",
    trial,
    replicate,
    ...(fold === undefined ? {} : { fold }),
    params,
    seed,
    ...(generation > 0 ? { generation } : {}),
    ...rest,
  };
}
