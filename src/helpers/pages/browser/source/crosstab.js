/** The table of a view as people read it: groups, points in time or answers across, the rest down. */

import { region } from "./table.js";
import { el } from "./text.js";
import { say } from "./words.js";

const MOST_ANSWERS = 6; // side by side
const NOTHING = "–";

const distinct = (values) => [...new Set(values)];

/** Read the rows of a view: labels, share, ends of its range if there is one, and how many answered. */
function read(columns, rows) {
  const [share, low, high] = ["share", "from", "to"].map((name) => columns.indexOf(say(`table.${name}`)));
  return rows.map((row) => ({ labels: row.slice(0, share), share: row[share], low: row[low] ?? "", high: row[high] ?? "", n: row.at(-1) }));
}

/** Which label stands across: the group compared, else the time, else few answers; -1 for none. */
function acrossOf(heads, rows, compared) {
  if (heads.length < 2) return -1;
  if (compared) return heads.length - 1;
  if (heads.includes(say("table.time"))) return heads.indexOf(say("table.time"));
  const answer = heads.indexOf(say("table.option"));
  return answer > 0 && distinct(rows.map(({ labels }) => labels[answer])).length <= MOST_ANSWERS ? answer : -1;
}

/** Leave out a column of labels that says the same in every row; return what it says. */
function settled(heads, rows, compared) {
  const same = heads.map((_, i) => i > 0 && !(compared && i === heads.length - 1) && rows.length > 1 && distinct(rows.map(({ labels }) => labels[i])).length === 1);
  return {
    said: heads.flatMap((_, i) => (same[i] ? [rows[0].labels[i]] : [])),
    heads: heads.filter((_, i) => !same[i]),
    rows: rows.map((row) => ({ ...row, labels: row.labels.filter((_, i) => !same[i]) })),
  };
}

/** Put one label across: a line for each combination of the others, with a cell for each column. */
function arranged(heads, rows, across) {
  const columns = across < 0 ? [say("table.share")] : distinct(rows.map(({ labels }) => labels[across]));
  const lines = new Map();
  rows.forEach((row, i) => {
    const labels = row.labels.filter((_, j) => j !== across);
    const key = across < 0 ? i : JSON.stringify(labels);
    if (!lines.has(key)) lines.set(key, { labels, cells: columns.map(() => null) });
    lines.get(key).cells[across < 0 ? 0 : columns.indexOf(row.labels[across])] = row;
  });
  return { heads: heads.filter((_, j) => j !== across), columns, lines: [...lines.values()] };
}

/** Where to say how many answered, so that it is said once and nearby: caption, head, line or cell. */
function bases({ columns, lines }) {
  const of = (cells) => distinct(cells.filter(Boolean).map(({ n }) => n));
  const all = of(lines.flatMap(({ cells }) => cells));
  if (all.length === 1) return { caption: all[0] };
  const down = columns.map((_, i) => of(lines.map(({ cells }) => cells[i])));
  if (columns.length > 1 && down.every((found) => found.length === 1)) return { head: down.map(([n]) => n) };
  const along = lines.map(({ cells }) => of(cells));
  return along.every((found) => found.length === 1) ? { line: along.map(([n]) => n) } : { cell: true };
}

const few = (words) => el("span", { class: "few" }, words);

const answered = (n) => few(say("browser.answered_by", { n }));

function rangeOf({ low, high }) {
  if (![low, high].every((end) => /\d/.test(end))) return null;
  const ends = { low: low.replace(/\s?%/, ""), high: high.replace(/\s?%/, "") };
  return few(/^[+−-]/.test(low + high) ? say("browser.ends_signed", ends) : say("browser.ends", ends));
}

function cellOf(row, own) {
  if (!row) return el("td", { class: "number" }, NOTHING);
  return el("td", { class: "number" }, row.share, " ", rangeOf(row), own ? few(` ${say("browser.of", { n: row.n })}`) : null);
}

/** The heads of a line; a first label that several lines share stands once. */
function headsOf(lines, i, base) {
  const { labels } = lines[i];
  return labels.flatMap((label, j) => {
    const words = [label, base && j === labels.length - 1 ? answered(base) : null];
    if (j > 0) return [el("th", { scope: "row" }, words)];
    if (labels.length < 2) return [el("th", { scope: "row", class: "stub" }, words)];
    if (lines[i - 1]?.labels[0] === label) return [];
    let span = 1;
    while (lines[i + span]?.labels[0] === label) span += 1;
    return [el("th", { scope: span > 1 ? "rowgroup" : "row", rowspan: span > 1 ? span : null, class: "stub" }, words)];
  });
}

/**
 * Build the table of a view. `columns` and `rows` are those of its files; `compared` says whether the
 * last label before the share is a group.
 */
export function crosstab(caption, columns, rows, compared) {
  const labels = columns.slice(0, columns.indexOf(say("table.share")));
  const told = settled(labels, read(columns, rows), compared);
  const table = arranged(told.heads, told.rows, acrossOf(told.heads, told.rows, compared));
  const base = bases(table);
  const ranges = columns.includes(say("table.from"));
  const about = [...told.said, ranges ? say("browser.share_and_range") : say("table.share"), base.caption && say("browser.answered_by", { n: base.caption })];
  const head = [
    ...table.heads.map((name, i) => el("th", { scope: "col", class: i ? null : "stub" }, name)),
    ...table.columns.map((name, i) => el("th", { scope: "col", class: "number" }, name, base.head ? answered(base.head[i]) : null)),
  ];
  const body = table.lines.map(({ cells }, i) =>
    el("tr", {}, headsOf(table.lines, i, base.line?.[i]), cells.map((row) => cellOf(row, base.cell))),
  );
  return region(
    caption,
    el(
      "table",
      { class: table.columns.length > 3 ? "crosstab many" : "crosstab" },
      el("caption", {}, caption, few(about.filter(Boolean).join(" · "))),
      el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, body),
    ),
  );
}
