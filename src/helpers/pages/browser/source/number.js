/** Citing one number of a table, with its context. */

import { about, columnsOf, surveyOf } from "./context.js";
import { copyButton, told } from "./copying.js";
import { provenanceOf } from "./lookup.js";
import { el, lower, opener } from "./text.js";
import { say } from "./words.js";

const SHARE = /^(?:[\d.,]+\s?%?|[+−]\d+)$/; // a percentage, a mean, or a net score in points
const THOUSANDS = /(?<=\d),(?=\d{3})/g; // sentences have thousands separators, tables do not

/** The numbers of rows of a view's table, of all if none are named; `share` is null if the row shows none. */
export function numbers(question, found, rows = found.view.rows) {
  const columns = columnsOf(question, found);
  const [share, low, high] = ["share", "from", "to"].map((end) => columns.indexOf(say(`table.${end}`)));
  if (share < 0) return [];
  return rows.map((row) => ({
    parts: columns.slice(0, share).map((name, i) => ({ name, value: row[i] })),
    share: SHARE.test(row[share]) ? row[share] : null,
    range: SHARE.test(row[low]) && SHARE.test(row[high]) ? { low: row[low], high: row[high] } : null,
    n: row.at(-1),
    shown: row[share],
  }));
}

/** What a number is the share of: item, answer and time. */
export const nameOf = ({ parts }) => parts.map(({ value }) => value).join(" · ");

const rangeOf = ({ range }) => (range ? say("browser.range", range) : say("browser.no_range"));

const without = (words, before, after) =>
  words.slice(words.startsWith(before) ? before.length : 0, words.endsWith(after) ? -after.length || undefined : undefined);

/** Whom a number is a share of: in the view's own words if its base is the number's base. */
function people(views, question, found, { n }) {
  const [before, after] = say("table.base", { people: "\n" }).split("\n");
  const base = without(found.view.base, before, after);
  if (base.replace(THOUSANDS, "").startsWith(`${n} `)) return base;
  const population = views.populations?.find(({ id }) => id === question.population);
  return say("browser.people", { n, people: population ? lower(population.label) : "" }).replace("  ", " ");
}

/** The citation of a number: the finding, then source, data and link. */
export function citation(views, question, found, number) {
  const filters = found.filters ? `; ${lower(found.filters)}` : "";
  const says = say("browser.citation", {
    question: question.title,
    answer: nameOf(number),
    share: number.share,
    range: rangeOf(number),
    people: people(views, question, found, number),
    filters,
  });
  const { edition } = views;
  const data = [say("browser.version", { version: views.provenance.fingerprint }), edition && say("browser.edition", { edition })];
  const source = [surveyOf(views), question.source, ...data].filter(Boolean).join(", ");
  return [says, `${source}.`, provenanceOf(views), views.link?.(`q-${question.id}`)].filter(Boolean).join(" ");
}

/** The *Cite* part of a question's card. `show(found)` updates it for a view. */
export function numberCard(views, question) {
  const id = `number-${question.id}`;
  const select = el("select", { id, onchange: () => choose(Number(select.value)) });
  const card = el("div", { class: "number-card", role: "group", "aria-label": say("browser.cite_from", { question: question.title }) });
  const { element: said, tell } = told();
  const element = el(
    "details",
    { ontoggle: fill },
    opener(say("browser.cite"), question.title),
    el("p", { class: "pick" }, el("label", { for: id }, say("browser.which_number")), select),
    card,
    el("p", { class: "acts" }, said),
  );
  let found = null;
  let all = [];
  let picked = "";

  function show(next) {
    found = next;
    element.hidden = Boolean(found.reason);
    fill();
  }

  /** List the numbers shown now, and keep the reader's choice if it is among them. */
  function fill() {
    if (!element.open || !found || found.reason) return;
    all = numbers(question, found);
    select.replaceChildren(el("option", { value: "-1" }, say("browser.choose_number")), ...options(all));
    const at = all.findIndex((number) => number.share && nameOf(number) === picked);
    select.value = String(at);
    tell();
    draw(at);
  }

  function choose(at) {
    picked = at < 0 ? "" : nameOf(all[at]);
    draw(at);
    if (at >= 0) tell(`${all[at].share}, ${rangeOf(all[at])}.`);
    else tell();
  }

  function draw(at) {
    card.hidden = at < 0;
    card.replaceChildren(...(at < 0 ? [] : inside(all[at])));
  }

  function inside(number) {
    const quoted = citation(views, question, found, number);
    const lines = facts(views, question, found, number);
    const link = () => views.link(`q-${question.id}`);
    const place = { tell, element: said };
    return [
      el("p", { class: "value" }, el("strong", {}, number.share), ` ${rangeOf(number)}`),
      el("dl", {}, lines.map(([name, words]) => el("div", {}, el("dt", {}, name), el("dd", {}, words)))),
      el("p", { class: "citation" }, quoted),
      el(
        "p",
        {},
        copyButton(say("browser.copy_citation"), () => quoted, say("browser.citation_copied"), place),
        views.link ? copyButton(say("browser.copy_link"), link, say("browser.link_copied"), place) : null,
      ),
    ];
  }

  return { element, show };
}

/** An option for each number, grouped by its first label if it has several. */
function options(all) {
  const made = all.map((number, i) => {
    const rest = number.parts.length > 1 ? number.parts.slice(1) : number.parts;
    const words = `${nameOf({ parts: rest })}: ${number.shown}`;
    return { group: number.parts[0].value, option: el("option", { value: String(i), disabled: !number.share }, words) };
  });
  if (all.every(({ parts }) => parts.length < 2)) return made.map(({ option }) => option);
  return [...new Set(made.map(({ group }) => group))].map((label) =>
    el("optgroup", { label }, made.filter(({ group }) => group === label).map(({ option }) => option)),
  );
}

/** The context of a number: that of a file, with the number's own labels and base. */
function facts(views, question, found, number) {
  const left = [say("browser.in_words"), say("browser.address")];
  const said = about(views, question, found).filter(([name]) => !left.includes(name));
  const own = { [say("browser.base")]: people(views, question, found, number) };
  return [...number.parts.map(({ name, value }) => [name, value]), ...said.map(([name, words]) => [name, own[name] ?? words])];
}
