/** Shells that completions are made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A command with what may follow it. */
export interface CompletionEntry {
  /** One word, or two. */
  readonly name: string;
  readonly summary: string;
  /** Whether experiments are among its arguments. */
  readonly takesExperiments: boolean;
  readonly options: readonly {
    readonly name: string;
    readonly text: string;
    readonly choices: readonly string[];
    readonly takesValue: boolean;
  }[];
}

/** A script for a shell that completes commands, options, words that options take, experiments of the store, and file names. */
export function completionScript(
  shell: (typeof SHELLS)[number],
  entries: readonly CompletionEntry[],
): string {
  return { bash, zsh, fish }[shell](entries);
}

/**
 * How experiments are found without starting anything: by the folders of the store, but for names that are written in
 * another way there, which have a `~`.
 */
const BASH_EXPERIMENTS = `_metalab_experiments() {
  local store="\${METALAB_STORE:-runs}" at folder
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [ "\${COMP_WORDS[at]}" = "--store" ]; then store="\${COMP_WORDS[at+1]}"; fi
  done
  for folder in "$store"/experiments/*@*/; do
    folder="\${folder%/}"
    folder="\${folder##*/}"
    case "$folder" in *~*|"*@*") ;; *) printf '%s\\n' "\${folder%@*}" ;; esac
  done
}
`;

const ZSH_EXPERIMENTS = `_metalab_experiments() {
  local store="\${METALAB_STORE:-runs}" at="\${words[(I)--store]}"
  if (( at )); then store="$words[at+1]"; fi
  local -a names
  names=("$store"/experiments/*@*(N/:t))
  names=(\${\${names:#*\\~*}%@*})
  compadd -- \${(u)names}
}
_metalab_arguments() {
  _alternative 'experiments:experiment:_metalab_experiments' 'files:file:_files'
}
`;

const FISH_EXPERIMENTS = `function __metalab_experiments
  set -l store runs
  if test -n "$METALAB_STORE"
    set store $METALAB_STORE
  end
  set -l words (commandline -opc)
  if set -l at (contains -i -- --store $words)
    set store $words[(math $at + 1)]
  end
  for folder in $store/experiments/*@*
    string replace -r '^.*/([^/~]*)@[^/@~]*$' '$1' -f -- $folder
  end
end
`;

/** First words of commands, each once. */
function firstWords(entries: readonly CompletionEntry[]): readonly string[] {
  return [...new Set(entries.map(({ name }) => name.split(" ")[0]!))];
}

/** Second words of commands that begin with a word. */
function secondWords(entries: readonly CompletionEntry[], first: string): readonly string[] {
  return entries.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
}

function bash(entries: readonly CompletionEntry[]): string {
  const families = firstWords(entries).filter((word) => secondWords(entries, word).length > 0);
  const choices = entries.flatMap(({ name, options }) =>
    options
      .filter((option) => option.choices.length > 0)
      .map((option) => `    "${name} ${option.name}") words="${option.choices.join(" ")}" ;;`),
  );
  const named = entries.filter(({ takesExperiments }) => takesExperiments).map(({ name }) => `"${name}"`);
  return `# bash completion of metalab
${BASH_EXPERIMENTS}_metalab() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words="" name="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firstWords(entries).join(" ")} help" -- "$cur"))
    return
  fi
  case "$name" in
    ${families.join("|") || "-"})
      if [ "$COMP_CWORD" -eq 2 ]; then
        case "$name" in
${families.map((word) => `          ${word}) words="${secondWords(entries, word).join(" ")}" ;;`).join("\n")}
        esac
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
        return
      fi
      name="$name \${COMP_WORDS[2]}" ;;
  esac
  case "$name $prev" in
${choices.join("\n")}
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$cur" in
    -*)
      case "$name" in
${entries.map(({ name, options }) => `        "${name}") words="${options.map((one) => one.name).join(" ")}" ;;`).join("\n")}
      esac
      COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *)
      case "$name" in
        ${named.join("|") || "-"}) words="$(_metalab_experiments)" ;;
      esac
      COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _metalab metalab
`;
}

/** Text between single quotes of zsh's \`_arguments\` and \`_describe\`. */
function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, "\\$&");
}

function zshOption({ name, text, choices, takesValue }: CompletionEntry["options"][number]): string {
  const value = choices.length > 0 ? `:value:(${choices.join(" ")})` : takesValue ? ":value:_files" : "";
  return `'${name}[${zshText(text)}]${value}'`;
}

function zsh(entries: readonly CompletionEntry[]): string {
  const families = firstWords(entries).filter((word) => secondWords(entries, word).length > 0);
  const described = firstWords(entries).map((word) => {
    const own = entries.find(({ name }) => name === word);
    return `    '${word}:${zshText(own?.summary ?? secondWords(entries, word).join(", "))}'`;
  });
  return `#compdef metalab
${ZSH_EXPERIMENTS}_metalab() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local name="$words[2]"
  case "$name" in
    ${families.join("|") || "-"})
      if (( CURRENT == 3 )); then
        case "$name" in
${families.map((word) => `          ${word}) compadd ${secondWords(entries, word).join(" ")} ;;`).join("\n")}
        esac
        return
      fi
      name="$name $words[3]"
      shift words; (( CURRENT-- )) ;;
  esac
  shift words; (( CURRENT-- ))
  case "$name" in
${entries
  .map(
    ({ name, options, takesExperiments }) =>
      `    "${name}") _arguments ${options.map(zshOption).join(" ")} '*:argument:${takesExperiments ? "_metalab_arguments" : "_files"}' ;;`,
  )
  .join("\n")}
  esac
}
if [ "$funcstack[1]" = "_metalab" ]; then _metalab "$@"; else compdef _metalab metalab; fi
`;
}

function fishText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function fish(entries: readonly CompletionEntry[]): string {
  const lines = ["# fish completion of metalab", FISH_EXPERIMENTS];
  for (const word of firstWords(entries)) {
    const own = entries.find(({ name }) => name === word);
    const text = own?.summary ?? secondWords(entries, word).join(", ");
    lines.push(`complete -c metalab -f -n __fish_use_subcommand -a ${word} -d ${fishText(text)}`);
    const seconds = secondWords(entries, word);
    for (const second of seconds) {
      const summary = entries.find(({ name }) => name === `${word} ${second}`)!.summary;
      const when = `__fish_seen_subcommand_from ${word}; and not __fish_seen_subcommand_from ${seconds.join(" ")}`;
      lines.push(`complete -c metalab -f -n ${fishText(when)} -a ${second} -d ${fishText(summary)}`);
    }
  }
  for (const { name, options, takesExperiments } of entries) {
    const when = name
      .split(" ")
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join("; and ");
    if (takesExperiments) {
      lines.push(`complete -c metalab -n ${fishText(when)} -a '(__metalab_experiments)' -d experiment`);
    }
    for (const { name: option, text, choices, takesValue } of options) {
      const value = choices.length > 0 ? ` -x -a ${fishText(choices.join(" "))}` : takesValue ? " -r" : "";
      lines.push(
        `complete -c metalab -n ${fishText(when)} -l ${option.replace(/^--/, "")}${value} -d ${fishText(text)}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
