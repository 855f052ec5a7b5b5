/** A printed page: numbers of stacked charts in full, notes once at the end, and on each sheet what it is. */

import { around } from "./around.js";
import { columnsOf } from "./context.js";
import { kindOf } from "./lookup.js";
import { notesOf } from "./question.js";
import { table } from "./table.js";
import { el } from "./text.js";
import { say } from "./words.js";

/** Add to a page what only paper needs, while it is printed. `views` and `cards` are of a page with questions. */
export function onPaper(views, cards = []) {
  let added = [];
  window.addEventListener("beforeprint", () => {
    const address = views?.link?.() ?? around.location.href;
    const from = address.startsWith("http") ? address : "";
    const date = new Date().toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });
    const printed = from ? say("browser.printed_from", { date, address: from }) : say("browser.printed_on", { date });
    const kind = views ? kindOf(views) : document.querySelector(".banner strong")?.textContent ?? "";
    document.adoptedStyleSheets = [sheet(kind, printed)];
    const numbered = [...new Set(cards.flatMap(({ question, found }) => notesOf(question, found()?.view)))];
    added = [
      ...cards.flatMap((each) => [inFull(each), cited(each, numbered)]),
      place(document.querySelector(".page > footer"), "before", ending(numbered)),
      place(document.querySelector(".page > footer"), "append", el("p", { class: "paper" }, printed)),
    ];
  });
  window.addEventListener("afterprint", () => {
    for (const part of added) part?.remove();
    document.adoptedStyleSheets = [];
  });
}

function place(there, how, part) {
  if (part) there?.[how](part);
  return part;
}

/** The numbers of a stacked chart, a row for each bar: parts that are small have no room for theirs. */
function inFull({ element, question, found }) {
  const { view, by } = found() ?? {};
  const spec = view?.status === "ok" ? question.figures[view.figure ?? by] : null;
  if (!["relative", "stack"].includes(spec?.layout.barmode)) return null;
  const columns = columnsOf(question, found());
  const [answer, share] = ["option", "share"].map((name) => columns.indexOf(say(`table.${name}`)));
  if (answer < 0) return null;
  const names = columns.slice(0, share).filter((_, i) => i !== answer);
  const answers = [...new Set(view.rows.map((row) => row[answer]))];
  const bars = Map.groupBy(view.rows, (row) => JSON.stringify(row.slice(0, share).filter((_, i) => i !== answer)));
  const rows = [...bars].map(([bar, parts]) => [
    ...JSON.parse(bar),
    ...answers.map((name) => parts.find((row) => row[answer] === name)?.[share] ?? ""),
  ]);
  const made = table(question.title, [...names, ...answers], rows);
  made.classList.add("paper");
  return place(element.querySelector(".chart"), "after", made);
}

/** The numbers of a card's notes. */
function cited({ element, question, found }, numbered) {
  const notes = notesOf(question, found()?.view).map((words) => numbered.indexOf(words) + 1);
  if (notes.length === 0) return null;
  const words = say("browser.see_notes", { numbers: notes.sort((a, b) => a - b).join(say("browser.between")) });
  return place(element.querySelector(".card"), "append", el("p", { class: "paper method" }, words));
}

function ending(numbered) {
  if (numbered.length === 0) return null;
  const notes = numbered.map((words) => el("li", {}, words));
  return el("section", { class: "paper prose" }, el("h2", {}, say("browser.notes")), el("ol", {}, notes));
}

/** What each sheet says in its margins. Made by script, as text in CSS: no style in the page, which the policy forbids. */
function sheet(kind, printed) {
  const made = new CSSStyleSheet();
  const quoted = (words) => `"${words.replace(/["\\\n]/g, (sign) => `\\${sign.codePointAt(0).toString(16)} `)}"`;
  made.replaceSync(`@page {
    @top-left { content: ${quoted(document.title)}; }
    @top-right { content: ${quoted(kind)}; font-weight: 700; }
    @bottom-left { content: ${quoted(printed)}; }
    @bottom-right { content: counter(page) " / " counter(pages); }
  }`);
  return made;
}
