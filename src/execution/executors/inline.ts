import type { ExecutionContext, Executor, RunOutcome, RunTask } from "../executor.ts";

/** Runs operations in this process, `concurrency` calls in flight: right for I/O-bound work and short functions. */
export function inline(): Executor {
  return {
    name: "inline",
    execute: (tasks, context) =>
      context.concurrency === 1 ? oneByOne(tasks, context) : many(tasks, context),
  };
}

async function* oneByOne(
  tasks: AsyncIterable<RunTask>,
  context: ExecutionContext,
): AsyncGenerator<RunOutcome, void, void> {
  for await (const task of tasks) {
    const outcome = context.run(task);
    yield outcome instanceof Promise ? await outcome : outcome;
  }
}

async function* many(
  tasks: AsyncIterable<RunTask>,
  context: ExecutionContext,
): AsyncGenerator<RunOutcome, void, void> {
  const iterator = tasks[Symbol.asyncIterator]();
  let ready: RunOutcome[] = [];
  let inFlight = 0;
  let pulling = false;
  let exhausted = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;

  const notify = (): void => {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  };
  const settle = (outcome: RunOutcome): void => {
    inFlight -= 1;
    ready.push(outcome);
    notify();
    pull();
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    exhausted = true;
    notify();
  };
  const started = (step: IteratorResult<RunTask>): void => {
    pulling = false;
    if (step.done === true) {
      exhausted = true;
      notify();
      return;
    }
    const outcome = context.run(step.value);
    inFlight += 1;
    if (outcome instanceof Promise) {
      outcome.then(settle, fail);
      pull();
    } else {
      settle(outcome);
    }
  };
  function pull(): void {
    // Outcomes that nobody has taken yet count as in flight: the queue stays as short as the concurrency.
    if (pulling || exhausted || inFlight + ready.length >= context.concurrency) return;
    pulling = true;
    iterator.next().then(started).catch(fail);
  }

  for (;;) {
    pull();
    if (ready.length > 0) {
      const batch = ready;
      ready = [];
      pull();
      yield* batch;
    } else if (exhausted && inFlight === 0) {
      if (failure !== undefined) throw failure.error;
      return;
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}
