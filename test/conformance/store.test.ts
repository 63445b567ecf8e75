import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { type StoreUnderTest, storeConformance } from "./store.ts";

async function fileSubject(segmentBytes?: number): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "metalab-store-"));
  const options = segmentBytes === undefined ? {} : { segmentBytes };
  const path = join(folder, "deep", "runs");
  return {
    store: fileStore(path, options),
    reopen: () => fileStore(path, options),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

storeConformance("memory store", async () => {
  const store = memoryStore();
  return { store, reopen: () => store, dispose: async () => {} };
});
storeConformance("file store", () => fileSubject());
storeConformance("file store with small segments", () => fileSubject(2000));
