import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: { alias: { "metalab/danfo": here("./src/danfo.ts"), metalab: here("./src/index.ts") } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Many tests wait for processes of their own.
    maxWorkers: "100%",
    setupFiles: ["./test/setup.ts"],
  },
});
