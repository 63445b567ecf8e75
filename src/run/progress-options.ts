import type { ProgressForm, ProgressOptions, SweepOptions } from "../execution/options.ts";
import { isInNotebook } from "../execution/progress/notebook.ts";
import type { ProgressState } from "../experiment/event.ts";
import { isPlainObject } from "../identity/canonical.ts";

/** What may be given as `progress`. */
export type ProgressChoice =
  | "auto"
  | ProgressForm
  | boolean
  | ProgressOptions
  | ((state: ProgressState) => void);

/** What `progress` may be, as text. */
export const PROGRESS_NEED =
  '"auto", "tty", "log", "json", "notebook", "none", a boolean, { form, everyMs } or a function';

const FORMS: readonly unknown[] = ["auto", "tty", "log", "json", "notebook", "none"] satisfies readonly (
  | "auto"
  | ProgressForm
)[];

/** Whether a value says how progress is shown. */
export function isProgress(value: unknown): value is ProgressChoice {
  if (typeof value === "function" || typeof value === "boolean") return true;
  if (!isPlainObject(value)) return FORMS.includes(value);
  const { form = "auto", everyMs = 1, ...rest } = value;
  const isTime = typeof everyMs === "number" && everyMs > 0 && everyMs < 2 ** 31;
  return FORMS.includes(form) && isTime && Object.keys(rest).length === 0;
}

/** Whether nothing is to be printed, failures neither. */
export function isSilent(progress: ProgressChoice): boolean {
  const form = isPlainObject(progress) ? (progress as ProgressOptions).form : progress;
  return form === false || form === "none";
}

/** The choice with its default filled in. */
export function progressOf(progress: ProgressChoice): SweepOptions["progress"] {
  if (typeof progress === "function") return progress;
  if (typeof progress === "object") return { ...progress, form: formOf(progress.form ?? "auto") };
  return { form: formOf(progress) };
}

function formOf(form: "auto" | ProgressForm | boolean): ProgressForm {
  if (form === false) return "none";
  if (form !== "auto" && form !== true) return form;
  if (process.stderr.isTTY === true) return "tty";
  return isInNotebook() ? "notebook" : "none";
}
