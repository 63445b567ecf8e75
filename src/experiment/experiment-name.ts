import { DefinitionError, show } from "../errors.ts";

/** Bytes of UTF-8 that a name may take: a folder `<name>@<version>` must stay well under 255 everywhere. */
const NAME_BYTES = 128;
const VERSION_BYTES = 64;

/** Devices of Windows: no file or folder can have such a name there, with any extension. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?$/i;

/** Control and format characters, lone surrogates, line and paragraph separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** What Windows, a shell or our own `<name>@<version>` gives a meaning. */
const RESERVED = /[/\\:*?"<>|@]/u;

/**
 * Checks that a text can be the name or the version of an experiment, whose runs lie in a folder
 * `<name>@<version>` on any system.
 *
 * @throws {@link DefinitionError} METALAB_EXPERIMENT_NAME or METALAB_EXPERIMENT_VERSION.
 */
export function checkFolderName(part: "name" | "version", value: unknown): string {
  const problem = folderProblem(value, part === "name" ? NAME_BYTES : VERSION_BYTES);
  if (problem === undefined) return value as string;
  const advice =
    typeof value === "number"
      ? `Write it as text: "${value}".`
      : part === "name"
        ? 'Use letters, digits, "-", "_" and ".", for example "lr-sweep".'
        : 'Use letters, digits, "-", "_" and ".", for example "0.1".';
  throw new DefinitionError(
    part === "name" ? "METALAB_EXPERIMENT_NAME" : "METALAB_EXPERIMENT_VERSION",
    `Experiment: ${part} must be usable as a folder name but ${problem}, got ${show(value)}. ${advice}`,
    { [part]: value },
  );
}

function folderProblem(value: unknown, maxBytes: number): string | undefined {
  if (typeof value !== "string") return "is not text";
  if (value === "") return "is empty";
  if (INVISIBLE.test(value)) return "has an invisible or control character";
  const reserved = RESERVED.exec(value);
  if (reserved) return `has the character ${reserved[0]}`;
  if (value.startsWith(".")) return "starts with a dot";
  if (/^\s|\s$/u.test(value)) return "starts or ends with a space";
  if (value.endsWith(".")) return "ends with a dot";
  if (WINDOWS_DEVICE.test(value)) return "is the name of a device on Windows";
  // Some file systems hold composed and decomposed letters to be one name, others two.
  if (value !== value.normalize("NFC")) return "is not in Unicode normal form C";
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > maxBytes) return `takes ${bytes} bytes, more than ${maxBytes}`;
  return undefined;
}
