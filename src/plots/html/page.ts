import { createHash } from "node:crypto";
import { escapeHtml } from "../../results/html.ts";
import { cleanText } from "../../results/text.ts";
import type { Figure } from "../figure.ts";
import { xmlText } from "../svg/element.ts";
import { drawSvg } from "../svg/svg.ts";
import { PAGE_SCRIPT } from "./script.ts";

const STYLE = `
body { margin: 0; padding: 16px; background: #fff; color: #222; font-family: 'Noto Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; }
figure { margin: 0 auto; position: relative; max-width: 1200px; }
figure svg { width: 100%; height: auto; touch-action: none; }
.entry { cursor: pointer; }
.entry.off { opacity: 0.3; }
#tip { position: absolute; pointer-events: none; max-width: 420px; padding: 4px 8px; border-radius: 4px; background: #222; color: #fff; font-size: 13px; overflow-wrap: anywhere; }
#how { color: #555; font-size: 12px; text-align: center; }
@media print { #how { display: none; } }
`;

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Data inside a script element: nothing in it can end the element. */
function dataText(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/**
 * A figure as a page that stands alone: it fetches nothing, tells of the point under the pointer, switches groups by
 * their legend, and zooms by wheel and drag. Without scripts it is the same picture.
 */
export function drawHtml(figure: Figure): string {
  const { svg, hits } = drawSvg(figure);
  const rounded = (value: number) => Math.round(value * 10) / 10;
  const data = dataText(
    hits.map(({ x, y, label, group }) => [rounded(x), rounded(y), group ?? -1, cleanText(label)]),
  );
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${hashOf(PAGE_SCRIPT)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<title>${xmlText(figure.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<figure>${svg}<div id="tip" hidden></div></figure>
<p id="how">Point at a mark to read it, click the legend to hide a group, turn the wheel to zoom, drag to move, double-click to see all.</p>
<script type="application/json" id="hits">${data}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}
