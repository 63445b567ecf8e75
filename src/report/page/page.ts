import { createHash } from "node:crypto";
import { escapeHtml } from "../../results/html.ts";
import { type Html, type Section, safe } from "../html.ts";
import { FILTER_SCRIPT } from "./filter-script.ts";
import { PAGE_STYLE } from "./style.ts";
import { TABLE_SCRIPT } from "./table-script.ts";
import { UNPACK_SCRIPT } from "./unpack-script.ts";

/** What the page does in the browser. */
const PAGE_SCRIPT = `"use strict";\n(() => {${UNPACK_SCRIPT}${FILTER_SCRIPT}${TABLE_SCRIPT}})();\n`;

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What a page is made of. */
export interface PageParts {
  readonly title: string;
  /** One line under the title. */
  readonly about: Html;
  readonly sections: readonly Section[];
}

/**
 * The page as one file that fetches nothing. Its policy allows no other script, style or address than its own, so that
 * what came from elsewhere stays text even where a mistake would let it through.
 */
export function pageHtml({ title, about, sections }: PageParts): Html {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(PAGE_SCRIPT)}`,
    `style-src ${hashOf(PAGE_STYLE)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${safe(title)}</a></li>`);
  const bodies = sections.map(
    ({ id, title, body }) =>
      `<section aria-labelledby="${id}">\n<h2 id="${id}">${safe(title)}</h2>\n${body}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${safe(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#runs">To the runs</a>
<header>
<h1>${safe(title)}</h1>
${about}
<nav aria-label="Parts of this page"><ul>${links.join("")}</ul></nav>
</header>
<main>
${bodies.join("\n")}
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}
