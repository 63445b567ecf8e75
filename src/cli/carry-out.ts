import { ExecutorError, messageOf } from "../errors.ts";
import type { RunHandle } from "../execution/handle.ts";
import type { ProgressState, RunEvent } from "../experiment/event.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** What a sweep came to, as the command line says it. */
export interface CarriedOut<R> {
  /** `undefined` where a number of failures stopped it. */
  readonly results: R | undefined;
  readonly exit: ExitCode;
  readonly progress: ProgressState;
  /** What stopped it before its end, in words. */
  readonly stoppedBy: string | undefined;
}

/**
 * Follows a sweep to its end.
 *
 * @param onEvent - told of everything on the way.
 * @throws {@link CancelledError} METALAB_CANCELLED, or what else kept the sweep from having a result.
 */
export async function carryOut<R>(
  handle: RunHandle<R>,
  onEvent: (event: RunEvent) => void | Promise<void> = () => undefined,
): Promise<CarriedOut<R>> {
  let reason = "complete";
  try {
    for await (const event of handle) {
      if (event.type === "end") reason = event.reason;
      await onEvent(event);
    }
    const results = await handle.result();
    const { progress } = handle;
    const exit = reason === "budget" ? EXIT.limit : progress.failed > 0 ? EXIT.failed : EXIT.ok;
    return { results, exit, progress, stoppedBy: progress.stoppedBy };
  } catch (error) {
    if (!(error instanceof ExecutorError) || error.code !== "METALAB_TOO_MANY_FAILURES") throw error;
    const { progress } = handle;
    return { results: undefined, exit: EXIT.limit, progress, stoppedBy: messageOf(error) };
  }
}
