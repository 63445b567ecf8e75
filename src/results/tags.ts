import type { Source } from "./selection.ts";

const NONE: readonly string[] = Object.freeze([]);

/** Reads the tags of the runs of a source: those of the experiment, as changed for a run alone. */
export function readTags(source: Source): (row: number) => readonly string[] {
  const { frame, manifest } = source;
  const shared = manifest?.tags ?? NONE;
  if (!frame.hasTagged) return () => shared;
  return (row) => {
    const changes = frame.tagged(row);
    if (changes === undefined) return shared;
    const { added, removed } = changes;
    const kept = shared.filter((tag) => !removed.includes(tag));
    return [...kept, ...added.filter((tag) => !kept.includes(tag))];
  };
}

/** Every tag that a run of a source may have. */
export function knownTags({ frame, manifest }: Source): readonly string[] {
  return [...(manifest?.tags ?? NONE), ...frame.givenTags];
}

/** What a tag `name:value` or `name=value` says, of the first one that there is. */
export function tagValue(tags: readonly string[], name: string): string | undefined {
  const tag = tags.find((one) => one.startsWith(`${name}:`) || one.startsWith(`${name}=`));
  return tag?.slice(name.length + 1);
}
