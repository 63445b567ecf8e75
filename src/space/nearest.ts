/**
 * Up to three of the names that differ from a mistyped one by little, the nearest first: by a third of the longer at
 * most, or by one character. Case and punctuation do not count, nor does what stands before a dot: `params.lrr` is near `lr`.
 */
export function nearest(name: string, names: Iterable<string>, most = 3): readonly string[] {
  const wanted = [...new Set([bare(name), bare(name.slice(name.indexOf(".") + 1))])].filter(Boolean);
  return [...names]
    .map((candidate) => {
      const plain = bare(candidate);
      const distances = wanted.map((one) => {
        const distance = editDistance(one, plain);
        const most = Math.max(1, Math.floor(Math.max(one.length, plain.length) / 3));
        return distance <= most && distance < plain.length ? distance : Number.POSITIVE_INFINITY;
      });
      return { candidate, distance: Math.min(...distances) };
    })
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** The name that a mistyped one most likely means, where one is near enough. */
export function closest(name: string, names: Iterable<string>): string | undefined {
  return nearest(name, names, 1)[0];
}

function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Least number of inserted, deleted or changed characters and of swapped neighbours, where no piece is edited twice
 * (optimal string alignment).
 */
function editDistance(a: string, b: string): number {
  let [before, previous] = [[] as number[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          previous[column - 1]! + (isSame ? 0 : 1),
          previous[column]! + 1,
          current[column - 1]! + 1,
          isSwapped ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length]!;
}
