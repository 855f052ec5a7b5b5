/** Builds the scripts and the style of the page: `node build.mjs [FOLDER]`. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "../voila/templates/insights/static");
const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "eof",
  outdir: folder,
  logLevel: "warning",
};
const ownZip = {
  name: "own-zip",
  setup: ({ onResolve }) => onResolve({ filter: /\/zipToArrayBuffer\.js$/ }, () => ({ path: join(here, "zip.js") })),
};
// Addresses of maps and of an upload that no chart of ours leads to: what is not there cannot be asked for.
const noStrangers = {
  name: "no-strangers",
  setup: ({ onLoad }) =>
    onLoad({ filter: /plotly-basic\.min\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(/https:\/\/(?:cdn\.plot\.ly|cloud\.plotly\.com)\/[\w/]*/g, ""),
    })),
};

await build({ ...common, entryPoints: ["again.js"] });
await build({ ...common, entryPoints: ["xlsx.js"], plugins: [ownZip] });
const version = createHash("sha256").update(readFileSync(join(folder, "xlsx.js"))).digest("hex").slice(0, 12);
await build({
  ...common,
  entryPoints: ["explorer.js"],
  plugins: [noStrangers],
  define: { XLSX_VERSION: JSON.stringify(version) },
});
