import { watchOom } from "../../execution/executors/oom.ts";

let users = 0;
let watch: ReturnType<typeof watchOom> | undefined;

/** Begins to watch for processes that the system kills for want of memory; what is returned ends it. */
export function watchMemory(): { explain(): string | undefined; end(): void } {
  users += 1;
  watch ??= watchOom();
  const mine = watch;
  return {
    explain: () => mine.explain(),
    end: () => {
      users -= 1;
      if (users > 0) return;
      watch?.end();
      watch = undefined;
    },
  };
}
