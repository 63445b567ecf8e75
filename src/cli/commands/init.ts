import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { configTemplate } from "../../config/config-template.ts";
import { lookAtDataset } from "../../config/dataset.ts";
import { PRESET_NAMES } from "../../config/presets.ts";
import { MetalabError, reasonOf, show } from "../../errors.ts";
import { type Call, defineCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { flag, oneOf, text } from "../options.ts";
import { clean } from "../screen.ts";

const OPTIONS = {
  preset: oneOf("--preset <name>", "which settings are searched (default: conservative)", PRESET_NAMES),
  output: text("-o, --output <file>", "the file (default: configs/<name>_config.yaml)"),
  name: text("--name <name>", "name of study and file (default: that of the dataset)"),
  optuna: flag("--optuna", "write a search: block, which is done anyway"),
  yes: flag("-y, --yes", "do not ask; write over a file that is there"),
};

/** `metalab init` */
export const init = defineCommand({
  args: [["[data]", "folder or table of the dataset; what can be told from a look at it is filled in"]],
  storeless: true,
  about:
    "Writes a config file with comments: settings for a program, and a search over some of them, to be changed as you like.",
  options: OPTIONS,
  examples: [
    ["init data/my_dataset --yes", "configs/my_dataset_config.yaml"],
    ["init data/my_dataset --preset comprehensive", "with more of the settings searched"],
  ],
  run: async (call) => {
    const { preset = "conservative", yes } = call.options;
    const [data] = call.args;
    const name = nameOf(call, data);
    const path = call.options.output ?? join("configs", `${name}_config.yaml`);
    const file = call.path(path);
    const facts = data === undefined ? undefined : lookAtDataset(call.path(data));
    if (data !== undefined && facts === undefined)
      call.note(clean(`There is nothing to look at in ${data} yet.`));
    if (existsSync(file) && !yes && !(await mayReplace(call, path))) {
      call.print(clean(`${path} is as it was.`));
      return EXIT.failed;
    }
    const script = ["train.py", "main.py"].find((one) => existsSync(call.path(one)));
    const written = configTemplate({
      name,
      preset,
      data,
      facts,
      script,
      schema: schemaFrom(call, dirname(file)),
    });
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, written);
    } catch (cause) {
      throw new MetalabError(
        "METALAB_CONFIG_WRITE",
        `the file ${show(path)} must be writable, got: ${reasonOf(cause)}. Say another one with --output.`,
        { path },
        { cause },
      );
    }
    call.json({ path: file, name, preset, ...(facts ?? {}) });
    call.print(clean(`Written: ${path} (${preset}). Look through it, then:`));
    const program = script === undefined ? " -- python train.py" : "";
    call.print(clean(`  metalab search --config ${path} --n-trials 10${program}`));
    return undefined;
  },
});

async function mayReplace(call: Call<typeof OPTIONS>, path: string): Promise<boolean> {
  const answer = await call.io.ask(`${path} is there already. Write over it? [y/N] `);
  if (answer === undefined) {
    throw new UsageError(
      `${show(path)} is there already. Say --yes to write over it, or --output for another file.`,
    );
  }
  return /^y(es)?$/i.test(answer.trim());
}

/** Name of the study: that of the dataset, in letters that files and studies can have. */
function nameOf(call: Call<typeof OPTIONS>, data: string | undefined): string {
  const { name } = call.options;
  const given = name ?? basename(resolve(call.io.cwd, data ?? "my")).replace(/\.[a-z0-9]+$/i, "");
  const plain = given
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._-]+/gu, "_")
    .replace(/^[._-]+|[._-]+$/g, "");
  if (plain !== "" && (name === undefined || name === plain)) return plain;
  throw new UsageError(
    `a name has letters, digits, "_", "-" and ".", got ${show(given)}. Say --name my_dataset.`,
  );
}

/** Path of the JSON Schema as an editor finds it from the file's folder. */
function schemaFrom(call: Call<typeof OPTIONS>, folder: string): string {
  const parts = ["node_modules", "metalab", "schemas", "search.schema.json"];
  const above: string[] = [call.io.cwd];
  while (dirname(above[0]!) !== above[0]) above.unshift(dirname(above[0]!));
  const home = above.findLast((one) => existsSync(join(one, ...parts))) ?? call.io.cwd;
  return relative(folder, join(home, ...parts))
    .split("\\")
    .join("/");
}
