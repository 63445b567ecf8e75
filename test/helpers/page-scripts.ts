import { FILTER_SCRIPT } from "../../src/report/page/filter-script.ts";
import { UNPACK_SCRIPT } from "../../src/report/page/unpack-script.ts";

/** A column as the page has it. */
export interface PageColumn {
  readonly name: string;
  readonly kind: string;
  readonly form: string;
  text(row: number): string | undefined;
  number(row: number): number | undefined;
}

/** The table as the page has it. */
export interface PageTable {
  readonly rows: number;
  readonly columns: readonly PageColumn[];
}

const scripts = new Function(
  `${UNPACK_SCRIPT}${FILTER_SCRIPT} return { unpack, matcher, shortNumber };`,
)() as {
  unpack(base64: string): Promise<PageTable>;
  matcher(text: string, column: object): ((row: number) => boolean) | undefined;
  shortNumber(value: number): string;
};

/** What the scripts of a report's page do, without a page. */
export const { unpack, matcher, shortNumber } = scripts;
