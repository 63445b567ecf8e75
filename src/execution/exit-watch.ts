/** Says what is lost when the process ends under a sweep. */
type Report = () => void;

const reports = new Set<Report>();

function onExit(): void {
  for (const report of reports) report();
}

/**
 * Calls a function if the process ends by itself before the watch is over: by `process.exit()`, or because an
 * operation waits for something that nothing in the process can bring any more. Without a word this would look like
 * a sweep that went well.
 *
 * @returns to be called at the end of the watch.
 */
export function watchExit(report: Report): () => void {
  if (reports.size === 0) process.on("exit", onExit);
  reports.add(report);
  return () => {
    if (reports.delete(report) && reports.size === 0) process.off("exit", onExit);
  };
}
