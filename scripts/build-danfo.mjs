// Bundles danfojs-node into dist/vendor/danfo.cjs, with the licences of all that is in it beside it. Run when the
// package is packed: users then have toDanfo() without danfojs-node's 340 MB and its native parts.
//
// Left out: reading and writing Excel (xlsx), streams from URLs (request), TensorFlow's native backend. In their
// place: errors that say so, the fetch of Node, and TensorFlow's backend in plain JavaScript.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "dist", "vendor");
const LARGEST = 2 * 1024 * 1024;

const missing = (what) =>
  `throw new Error("metalab's copy of danfo cannot do this: ${what} is not in it. Install danfojs-node.");`;

/** Package name → what stands in its place. */
const STAND_INS = {
  "@tensorflow/tfjs-node": `
    import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
    import "@tensorflow/tfjs-backend-cpu/dist/index.js";
    import * as data from "@tensorflow/tfjs-data/dist/index.js";
    export * from "@tensorflow/tfjs-core/dist/index.js";
    export { data };`,
  xlsx: `
    const fail = () => { ${missing("Excel")} };
    export const read = fail, readFile = fail, writeFile = fail;
    export const utils = { aoa_to_sheet: fail, book_new: fail, book_append_sheet: fail, sheet_to_json: fail };`,
  request: `export default function request() { ${missing("streaming from a URL")} }
    export const get = request;`,
  "node-fetch": `
    const own = globalThis.fetch;
    export default own;
    export const { Headers, Request, Response } = globalThis;`,
};

const standIns = {
  name: "stand-ins",
  setup(bundle) {
    const names = new RegExp(`^(${Object.keys(STAND_INS).join("|")})$`);
    bundle.onResolve({ filter: names }, ({ path }) => ({ path, namespace: "stand-in" }));
    // The modules of the core, not the one file that it is also shipped as: or else there would be two cores.
    bundle.onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: tfjs("core") }));
    bundle.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => ({
      contents: STAND_INS[path],
      resolveDir: root,
    }));
  },
};

const tfjs = (part) => join(root, "node_modules", "@tensorflow", `tfjs-${part}`, "dist", "index.js");

/** Folder of the package that a bundled file belongs to. */
function packageFolder(file) {
  const parts = file.split("/");
  const at = parts.lastIndexOf("node_modules");
  if (at < 0) return undefined;
  return parts.slice(0, at + (parts[at + 1].startsWith("@") ? 3 : 2)).join("/");
}

/** What the MIT licence says below its copyright line, for packages that name it and ship no copy. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Name, version and licence texts of a package. */
function notice(path) {
  const { name, version, license, author, contributors } = JSON.parse(
    readFileSync(join(root, path, "package.json"), "utf8"),
  );
  const files = readdirSync(join(root, path)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files
    .map((file) => join(root, path, file))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8").trim());
  if (texts.length === 0) {
    texts.push(`Copyright ${people([author, contributors]) || `the authors of ${name}`}`);
    if (license === "MIT") texts.push(MIT);
    else if (license === "Apache-2.0") texts.push("The text of the Apache License 2.0 stands under mathjs.");
    else throw new Error(`${name} ships no licence text, and ${license} is not known here`);
  }
  return [`## ${name} ${version}`, `Licence: ${license ?? "see below"}`, ...texts].join("\n\n");
}

function people(given) {
  const names = given.flat().map((person) => (typeof person === "string" ? person : person?.name));
  return [...new Set(names.filter(Boolean))].join(", ");
}

mkdirSync(folder, { recursive: true });
const outfile = join(folder, "danfo.cjs");
const { metafile } = await build({
  entryPoints: [join(root, "node_modules", "danfojs-node", "dist", "danfojs-node", "src", "index.js")],
  outfile,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  absWorkingDir: root,
  // Plots need a browser, and danfo asks for this only to say so.
  external: ["plotly.js-dist-min"],
  plugins: [standIns],
});

const { bytes, inputs } = Object.values(metafile.outputs)[0];
const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
const packages = [...new Set(used.map(([file]) => packageFolder(file)).filter(Boolean))].sort();
const head = `# Third-party software in danfo.cjs

danfo.cjs is a bundle of danfojs-node and of what it needs, unchanged but for the parts that are left out (Excel, streams
from URLs, native backends). Each package is under its own licence.`;
const notices = [head, ...packages.filter((path) => existsSync(join(root, path))).map(notice)].join("\n\n");
writeFileSync(join(folder, "NOTICES.md"), `${notices}\n`);

console.log(`danfo: ${(bytes / 1e6).toFixed(2)} MB from ${packages.length} packages`);
if (bytes > LARGEST) {
  console.error(`danfo: the bundle must not exceed ${LARGEST} bytes, it has ${bytes}`);
  process.exit(1);
}
