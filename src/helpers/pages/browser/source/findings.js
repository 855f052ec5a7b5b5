/** What comparisons show, in words, beside the charts of everybody: they hold for no other selection. */

import { adapt, addressOf, linked } from "./around.js";
import { table } from "./table.js";
import { capital, el, escaped, lines, lower, plain } from "./text.js";
import { isTrend } from "./through.js";
import { beside, say } from "./words.js";

const WIDE = 18; // letters of a heading

/** The findings that belong to what is shown: of the comparison, else of points in time. */
export function belonging(question, found) {
  const all = question.findings ?? {};
  if (!found?.everyone || found.reason) return [];
  if (found.by) return all[found.by] ? [all[found.by]] : [];
  return Object.values(all).filter(({ rows }) => rows.some(({ times }) => times));
}

/** The two points in time that a row compares, in small letters; none where it compares groups. */
const timesOf = ({ times = [] }) => times.map(({ label }) => lower(label));

const TO = " → ";

const ranged = ({ difference, range: [low, high] }) => say("browser.ranged", { difference, low, high });

/** The heading of differences: those through time say between which points, those of an answer that is not drawn which. */
const headOf = (times, answer = "") => {
  if (times) return say("browser.change", { times });
  return answer ? say("browser.difference_of", { answer }) : say("browser.difference");
};

/** The answer that differences are of, where the chart draws another number, such as a mean. */
function undrawn({ rows: [{ answer }] }, { layout: { xaxis } }) {
  const drawn = plain(xaxis?.title?.text ?? "");
  return drawn && drawn !== answer ? answer : "";
}

/** The columns beside a chart: of each row the difference, and the word for it; `times` says between which points it is. */
export function columns(question, found) {
  const all = belonging(question, found);
  const groups = all.length && found.by ? question.filters[found.by].length : 0;
  const figure = question.figures[found.view.figure ?? found.by];
  const waves = groups > 2 && isTrend(figure.data);
  if (waves) return all.map((one) => column(one, true));
  if (groups > 2) return []; // see the table
  return all.filter((one) => !groups || one.rows.every(({ time }) => !time)).map((one) => column(one, false, groups ? undrawn(one, figure) : ""));
}

/** One column: the differences of a comparison, or the changes between two points in time. */
function column(first, waves = false, answer = "") {
  const times = timesOf(first.rows[0]).join(TO);
  const name = (label) => label.replace(/\s/g, ""); // labels of a chart are broken into lines
  const of = new Map(first.rows.flatMap((row) => [[name(row.answer), row], [name(row.label), row]]));
  const words = (label) => {
    const row = of.get(name(label));
    if (!row) return [];
    return waves ? [row.groups.map(({ label: wave }) => wave).reverse().join(TO), ranged(row), row.said] : [ranged(row), row.said];
  };
  return { head: lines(headOf(times, answer), WIDE).map(escaped).join("<br>"), words, times: capital(times) };
}

/**
 * How many of the differences that belong to what is shown are clear or likely; and, where nothing is
 * compared, of those by the first dimension. Nothing of none.
 */
export function verdict(views, question, found) {
  const all = belonging(question, found).map((one) => one.rows);
  if (found.by) return differing(all.flat());
  return [...all.map(changing), found.everyone && !found.reason ? byFirst(views, question) : ""].filter(Boolean).join(" ");
}

/** How many are clear, and how many likely; empty where none is. */
function counted(rows) {
  const [clear, likely] = ["clear", "likely"].map((word) => rows.filter((row) => row.word === word).length);
  const counts = [clear && say("browser.count_clear", { n: clear }), likely && say("browser.count_likely", { n: likely })];
  return counts.filter(Boolean).join(say("browser.between"));
}

function differing(rows) {
  const n = rows.length;
  if (n <= 1) return n ? say("browser.differ_one", { said: rows[0].said }) : "";
  const counts = counted(rows);
  return counts ? say("browser.differ_some", { n, counts }) : say("browser.differ_none", { n });
}

function changing(rows) {
  const n = rows.length;
  if (n === 0) return "";
  const [first, last] = timesOf(rows[0]);
  if (n === 1) return say("browser.change_one", { first, last, said: rows[0].said });
  const counts = counted(rows);
  return counts ? say("browser.change_some", { first, last, n, counts }) : say("browser.change_none", { first, last, n });
}

/** By what groups differ most clearly, else that those of the first dimension do not, for who has not compared them yet. */
function byFirst(views, question) {
  const compared = views.dimensions.filter(({ id }) => question.findings?.[id]?.rows.length);
  const shows = (word) => compared.find(({ id }) => question.findings[id].rows.some((row) => row.word === word));
  const dimension = shows("clear") ?? shows("likely") ?? compared[0];
  if (!dimension) return "";
  const { rows } = question.findings[dimension.id];
  const name = lower(dimension.label);
  if (rows.length === 1) return say("browser.differ_by_one", { dimension: name, said: rows[0].said });
  return say("browser.differ_by", { dimension: name, said: lower(differing(rows)) });
}

/** All differences that belong to what is shown, as tables with a note on how they were judged. */
export const differences = (question, found) => belonging(question, found).flatMap((one) => tabled(one, question.title));

function tabled({ about, rows }, title) {
  const times = capital(timesOf(rows[0]).join(TO));
  const heads = [say("browser.answer"), say("browser.compared"), headOf(lower(times)), say("browser.in_words")];
  const cells = rows.map((row) => [
    [row.item ? row.label : "", row.answer].filter(Boolean).join(" · ") || row.label,
    times || row.groups.map(({ label }, i) => `${beside(label)} ${row.shares[i]}`).join(" · "),
    ranged(row),
    [row.said, row.could_show].filter(Boolean).join(". "),
  ]);
  const judged = linked ? el("a", { href: `${addressOf("method")}#likely` }, say("browser.how_judged")) : null;
  if (judged) adapt(judged);
  return [el("p", { class: "about" }, about, " ", judged), table([say("browser.differences"), title, times].filter(Boolean).join(say("browser.between")), heads, cells)];
}
