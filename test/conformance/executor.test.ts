import { fileURLToPath } from "node:url";
import { inline } from "../../src/execution/executors/inline.ts";
import { processes } from "../../src/execution/executors/processes.ts";
import { threads } from "../../src/execution/executors/threads.ts";
import { describeExecutor } from "./executor.ts";

// Workers have the definition from here: the script that runs is the test runner.
const module = fileURLToPath(new URL("../fixtures/conformance-experiment.ts", import.meta.url));

describeExecutor("inline", () => inline());
describeExecutor("processes", () => processes({ module }));
describeExecutor("threads", () => threads({ module }));
