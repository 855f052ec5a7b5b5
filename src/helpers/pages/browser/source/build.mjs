/** Build the page's scripts and stylesheet: `node build.mjs [FOLDER]`. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
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
// Remove plotly's addresses for maps and uploads: no chart here uses them, so no page can ever request them.
const noStrangers = {
  name: "no-strangers",
  setup: ({ onLoad }) =>
    onLoad({ filter: /plotly-basic\.min\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(/https:\/\/(?:cdn\.plot\.ly|cloud\.plotly\.com)\/[\w/]*/g, ""),
    })),
};

/** The words shown while a page loads, by locale. */
function waiting() {
  const languages = join(here, "../../../languages");
  const read = (name) => {
    const text = readFileSync(join(languages, name), "utf8");
    const lines = text.split("\n[waiting]\n")[1].split("\n[")[0].matchAll(/^(\w+) = (".*")$/gm);
    const [, locale] = /^locale = "(.*)"$/m.exec(text);
    return [locale, Object.fromEntries([...lines].map(([, key, value]) => [key, JSON.parse(value)]))];
  };
  const files = readdirSync(languages).filter((name) => name.endsWith(".toml")).sort();
  return JSON.stringify(Object.fromEntries(files.map(read)));
}

await build({ ...common, entryPoints: ["again.js"], define: { WAITING: waiting() } });
await build({ ...common, entryPoints: ["xlsx.js"], plugins: [ownZip] });
const version = createHash("sha256").update(readFileSync(join(folder, "xlsx.js"))).digest("hex").slice(0, 12);
await build({
  ...common,
  entryPoints: ["explorer.js"],
  plugins: [noStrangers],
  define: { XLSX_VERSION: JSON.stringify(version) },
});
