import { show } from "../../errors.ts";
import { defineCommand, UsageError } from "../command.ts";
import { type CompletionEntry, completionScript, SHELLS } from "../completion-scripts.ts";
import { COMMANDS } from "../names.ts";
import { longName } from "../options.ts";
import { optionsOf } from "../parse.ts";

/** `metalab completions` */
export const completions = defineCommand({
  args: [["<shell>", SHELLS.join(", ")]],
  storeless: true,
  options: {},
  examples: [
    ["completions bash > ~/.local/share/bash-completion/completions/metalab", "for bash"],
    ["completions zsh > ~/.zfunc/_metalab", "for zsh, where ~/.zfunc is in $fpath"],
    ["completions fish > ~/.config/fish/completions/metalab.fish", "for fish"],
  ],
  run: async (call) => {
    const shell = SHELLS.find((one) => one === call.args[0]);
    if (shell === undefined) {
      throw new UsageError(`completions are for ${SHELLS.join(", ")}, got ${show(call.args[0])}.`);
    }
    const entries: CompletionEntry[] = [];
    for (const { name, summary, load } of COMMANDS) {
      const command = await load();
      const takesExperiments = (command.args ?? []).some(([arg]) => /experiment|definition/.test(arg));
      const options = Object.values(optionsOf(command)).map((option) => ({
        name: longName(option),
        text: option.text,
        choices: option.choices ?? [],
        takesValue: option.flags.includes("<"),
      }));
      entries.push({ name, summary, takesExperiments, options: [...options, HELP] });
    }
    const script = completionScript(shell, entries);
    call.json({ shell, script });
    if (!call.isJson) call.io.out(script);
    return undefined;
  },
});

const HELP = { name: "--help", text: "show its help", choices: [], takesValue: false };
