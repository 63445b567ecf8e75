import { fileURLToPath } from "node:url";

/** Where the files of a suite are. */
export interface Suite {
  readonly problems: string;
  /** Curves of Optuna's samplers. */
  readonly peers: string;
  /** Folder of the curves of ours. */
  readonly results: string;
}

export type SuiteName = "public" | "held-out";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  public: {
    problems: at("problems.json"),
    peers: at("peers/optuna.jsonl"),
    results: at("../results/quality"),
  },
  "held-out": {
    problems: at("held-out/problems.json"),
    peers: at("held-out/optuna.jsonl"),
    results: at("../results/quality/held-out"),
  },
};
