/** What a child process sends back: `"ready"` once, then what came of each task, or how it failed. */
export type Message<R> = "ready" | { readonly result: R } | { readonly error: string };

/** Answers tasks, in a child process, until the parent hangs up. */
export function answer<T, R>(work: (task: T) => R): void {
  process.on("message", (task: T) => {
    let message: Message<R>;
    try {
      message = { result: work(task) };
    } catch (error) {
      message = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(message);
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready" satisfies Message<R>);
}
