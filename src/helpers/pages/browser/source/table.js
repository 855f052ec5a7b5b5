/** Tables as HTML and as CSV. */

import { el } from "./text.js";
import { say } from "./words.js";

const NUMBER = /^[\d\s.,%+−–-]*$/;

/** A box that scrolls on narrow screens. */
export const region = (caption, table) =>
  el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("browser.table_of", { caption }) }, table);

/** A table in such a box; the first column heads the rows. */
export function table(caption, columns, rows) {
  const numeric = columns.map((_, i) => i > 0 && rows.every((row) => NUMBER.test(row[i] ?? "")));
  const kind = (i) => (numeric[i] ? "number" : null);
  const head = columns.map((name, i) => el("th", { scope: "col", class: kind(i) }, name));
  const body = rows.map((row) =>
    el("tr", {}, row.map((cell, i) =>
      i === 0
        ? el("th", { scope: "row" }, String(cell))
        : el("td", { class: kind(i) }, String(cell ?? "")),
    )),
  );
  return region(
    caption,
    el(
      "table",
      {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, body),
    ),
  );
}

const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;
const PLAIN = /^[+-]?(?:\d+(?:[.,]\d+)*|\.\d+)(?:e[+-]?\d+)?\s?%?$/i;

/** One CSV cell, escaped so that a spreadsheet does not run survey text as a formula. */
function cell(value) {
  const words = String(value ?? "");
  const safe = FORMULA.test(words) && !PLAIN.test(words) ? `'${words}` : words;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A CSV file: headings in the first line; columns at the end say in each row what it is about. */
export function csv(about, columns, rows) {
  const more = about.filter(([heading]) => !columns.includes(heading));
  const all = [[...columns, ...more.map(([heading]) => heading)]];
  for (const row of rows) all.push([...row, ...more.map(([, words]) => words)]);
  return `\ufeff${all.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
