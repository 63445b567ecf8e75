/** How an argument stands on the command line. */
export type WordForm = "bare" | "spaced" | "joined" | "assign" | "positional";

/** One argument of the script, as it was written: a flag with its value, or a value alone. */
export interface Word {
  /** Unlike that of every other: the flag without its dashes; `arg1`, `arg2`, … for values alone. */
  readonly name: string;
  readonly form: WordForm;
  /** The flag with its dashes, or the name before `=`; empty for a value alone. */
  readonly head: string;
  /** The value; empty for a flag without one. */
  readonly text: string;
  /** Whether it stands behind `--`: then it is no sweep. */
  readonly isVerbatim: boolean;
}

const FLAG = /^(-{1,2})([^\s=-][^\s=]*)(?:=([\s\S]*))?$/;
const ASSIGNMENT = /^([+~]*[A-Za-z_][\w./@-]*)=([\s\S]*)$/;
const NEGATIVE = /^-(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/**
 * The arguments of a script, one by one. A word behind a flag is its value unless it is a flag itself; a negative number
 * is a value. A flag that comes again is `name#2`, and so on. What is behind `--` stands as it is.
 */
export function wordsOf(argv: readonly string[]): readonly Word[] {
  const words: Word[] = [];
  const seen = new Map<string, number>();
  const named = (name: string): string => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  };
  let positional = 0;
  let isVerbatim = false;
  const push = (name: string, form: WordForm, head: string, text: string): void => {
    words.push({ name: named(name), form, head, text, isVerbatim });
  };
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    const flag = isVerbatim || NEGATIVE.test(word) ? null : FLAG.exec(word);
    const assignment = isVerbatim ? null : ASSIGNMENT.exec(word);
    if (flag !== null) {
      const [, dashes = "", name = "", joined] = flag;
      const next = argv[at + 1];
      if (joined !== undefined) push(name, "joined", dashes + name, joined);
      else if (next === undefined || isFlagLike(next)) push(name, "bare", dashes + name, "");
      else {
        push(name, "spaced", dashes + name, next);
        at += 1;
      }
    } else if (assignment !== null) {
      push(assignment[1]!, "assign", assignment[1]!, assignment[2]!);
    } else {
      positional += 1;
      push(`arg${positional}`, "positional", "", word);
      if (word === "--") isVerbatim = true;
    }
  }
  return words;
}

function isFlagLike(word: string): boolean {
  return word === "--" || (FLAG.test(word) && !NEGATIVE.test(word));
}
