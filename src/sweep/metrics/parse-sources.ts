import { DefinitionError, show } from "../../errors.ts";
import { checkPattern } from "./pattern.ts";
import { isMetricName } from "./reading.ts";
import {
  METRIC_FOLDS,
  type MetricFile,
  type MetricFold,
  type MetricPattern,
  type MetricSources,
} from "./sources.ts";

/** A metric name, a regular expression between slashes, its flags, and which of the values counts. */
const PATTERN = /^([^=]+)=\/(.+)\/([a-z]*)(?:@([^/]*))?$/s;

/** Whether the text of an option `--metric` is a pattern (`acc=/val acc: ([\d.]+)/`), and not just a name. */
export function isMetricPattern(text: string): boolean {
  return /^[^=]+=\//s.test(text);
}

/**
 * Reads `name=/regular expression/flags@fold`, as in `acc=/val acc: ([\d.]+)/@max`.
 *
 * @throws {@link DefinitionError} METALAB_METRIC_PATTERN
 */
export function parseMetricPattern(text: string): MetricPattern {
  const [, name = "", pattern = "", flags = "", fold = "last"] = PATTERN.exec(text) ?? [];
  if (!isMetricName(name)) {
    throw new DefinitionError(
      "METALAB_METRIC_PATTERN",
      `metric ${show(text)}: it is written name=/regular expression/, and may be followed by @last, @first, @min, @max or @mean, got something else. Write for example 'acc=/val acc: ([\\d.]+)/@max'.`,
      { text },
    );
  }
  if (!isFold(fold)) {
    throw new DefinitionError(
      "METALAB_METRIC_PATTERN",
      `metric ${show(name)}: what counts is one of ${METRIC_FOLDS.map((one) => `@${one}`).join(", ")}, got ${show(`@${fold}`)}. Correct it, or leave it out for the last value.`,
      { text },
    );
  }
  const read: MetricPattern = {
    name,
    pattern,
    ...(flags === "" ? {} : { flags }),
    ...(fold === "last" ? {} : { fold }),
  };
  checkPattern(read);
  return read;
}

/**
 * Reads `path` or `path:where.in.it`, as in `out/metrics.json:test.accuracy`. The colon of a Windows drive is part of the
 * path.
 *
 * @throws {@link DefinitionError} METALAB_METRIC_FILE
 */
function parseMetricFile(text: string): MetricFile {
  const colon = text.lastIndexOf(":");
  const at = text.slice(colon + 1);
  const isPlace = colon > 1 && !/[\\/]/.test(at);
  const path = isPlace ? text.slice(0, colon) : text;
  if (path === "" || (isPlace && at === "")) {
    throw new DefinitionError(
      "METALAB_METRIC_FILE",
      `metrics ${show(text)}: it is the path of a file, and may be followed by a colon and where in it the metrics are, got something else. Write for example out/metrics.json:test.accuracy.`,
      { text },
    );
  }
  return isPlace ? { path, at } : { path };
}

/**
 * The metric sources that the options of a command name.
 *
 * @param options - texts of `--metrics` and of those `--metric` that are patterns, and whether `--auto-metrics` is given.
 * @throws {@link DefinitionError} METALAB_METRIC_PATTERN or METALAB_METRIC_FILE
 */
export function metricSources(options: {
  readonly files?: readonly string[] | undefined;
  readonly patterns?: readonly string[] | undefined;
  readonly auto?: boolean | undefined;
}): MetricSources {
  const { files = [], patterns = [], auto = false } = options;
  return {
    ...(files.length === 0 ? {} : { files: files.map(parseMetricFile) }),
    ...(patterns.length === 0 ? {} : { patterns: patterns.map(parseMetricPattern) }),
    ...(auto ? { auto } : {}),
  };
}

function isFold(text: string): text is MetricFold {
  return (METRIC_FOLDS as readonly string[]).includes(text);
}
