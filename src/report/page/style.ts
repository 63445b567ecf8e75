/** How the page looks: by the reader's light or dark, on any width, on paper. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #d1d9e0; --panel: #f6f8fa; --link: #0860ca; --good: #1a7f37; --bad: #c21c2c; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171c; --ink: #e3e7ec; --quiet: #9aa5b1; --line: #39414b; --panel: #1d2229; --link: #78b1ff; --good: #57c774; --bad: #ff8082; --warn: #e0b252; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 20px clamp(12px, 3vw, 40px) 60px; max-width: 1240px; background: var(--back); color: var(--ink); font: 15px/1.5 'Noto Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 10px; padding-top: 12px; border-top: 1px solid var(--line); scroll-margin-top: 8px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
p { margin: 6px 0; max-width: 86ch; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.quiet, figcaption, .made { color: var(--quiet); }
.made { font-size: 13px; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 14px 0 0; padding: 0; }
.skip { position: absolute; left: -9999px; }
.skip:focus { position: static; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(190px, 45%), 1fr)); gap: 10px; margin: 16px 0; }
dl.facts div { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; min-width: 0; }
dt { color: var(--quiet); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.success { color: var(--good); } .failed { color: var(--bad); } .pruned, .cancelled, .running, .interrupted { color: var(--warn); }
.notes { margin: 8px 0; padding-left: 20px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: 6px; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; vertical-align: bottom; }
.number { text-align: right; }
tr.first td { font-weight: 600; }
td.message { overflow-wrap: anywhere; min-width: 24ch; }
figure { margin: 18px 0 26px; break-inside: avoid; }
figure svg { display: block; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
figcaption { font-size: 13px; margin-top: 4px; }
@media (prefers-color-scheme: dark) { figure svg { filter: invert(0.92) hue-rotate(180deg); border-color: #c9c2ba; } }
summary { cursor: pointer; color: var(--link); }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; overflow-x: auto; font: 13px/1.45 'Noto Sans Mono', ui-monospace, Menlo, Consolas, monospace; max-height: 60vh; }
code { font-family: 'Noto Sans Mono', ui-monospace, Menlo, Consolas, monospace; font-size: 0.93em; }
.bar { display: flex; align-items: center; gap: 14px; margin: 10px 0; }
.bar button { font: inherit; font-size: 13px; }
.count { font-weight: 600; }
.problem { color: var(--bad); }
.scroller { overflow: auto; max-height: min(70vh, 640px); border: 1px solid var(--line); border-radius: 6px; background: var(--back); }
table.runs { table-layout: fixed; border-collapse: separate; border-spacing: 0; min-width: 100%; font-size: 13px; }
table.runs th, table.runs td { padding: 0 8px; height: 26px; line-height: 25px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; vertical-align: middle; }
table.runs thead { position: sticky; top: 0; z-index: 1; background: var(--panel); }
table.runs thead th button { all: unset; cursor: pointer; display: block; width: 100%; overflow: hidden; text-overflow: ellipsis; color: var(--ink); font-weight: 600; }
table.runs thead th button:focus-visible { outline: 2px solid var(--link); outline-offset: -2px; }
th[aria-sort=ascending] button::after { content: ' ▲'; font-size: 10px; } th[aria-sort=descending] button::after { content: ' ▼'; font-size: 10px; }
.filters td { background: var(--panel); }
.filters input { width: 100%; font: inherit; font-size: 12px; height: 21px; padding: 0 5px; border: 1px solid var(--line); border-radius: 4px; background: var(--back); color: var(--ink); }
.filters input::placeholder { color: var(--quiet); opacity: 0.75; }
.filters input[aria-invalid] { border-color: var(--bad); }
table.runs tr.space td { padding: 0; border: 0; }
td.none { color: var(--quiet); }
td.status-success { color: var(--good); } td.status-failed { color: var(--bad); } td.status-pruned, td.status-cancelled, td.status-interrupted, td.status-running { color: var(--warn); }
@media print {
  :root { color-scheme: light; --back: #fff; --ink: #000; --quiet: #444; --line: #bbb; --panel: #f4f4f4; --link: #000; --good: #116329; --bad: #a40e26; --warn: #6b4600; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  figure svg { filter: none; border-color: var(--line); }
  nav, .bar, .filters, .skip, .how { display: none; }
  .scroller { max-height: none; overflow: visible; border: 0; }
  table.runs { font-size: 7pt; table-layout: auto; width: 100% !important; min-width: 0; }
  table.runs col { width: auto !important; }
  table.runs thead { position: static; display: table-header-group; }
  table.runs th, table.runs td { height: auto; line-height: 1.3; padding: 1pt 4pt 1pt 0; white-space: normal; overflow-wrap: break-word; }
  table.runs td.long { overflow-wrap: anywhere; min-width: 12ch; }
  table.runs td.number, table.runs td:first-child { white-space: nowrap; }
  tr, dl.facts div { break-inside: avoid; } h2, h3 { break-after: avoid; } pre { white-space: pre-wrap; max-height: none; }
}
`;
