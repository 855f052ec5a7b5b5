/** A printed page: notes once at the end, and on each sheet what it is. */

import { around } from "./around.js";
import { kindOf } from "./lookup.js";
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
    const numbered = [...new Set(cards.flatMap(({ notes }) => notes()))];
    added = [
      ...cards.map((each) => cited(each, numbered)),
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

/** The numbers of a card's notes. */
function cited({ element, notes: said }, numbered) {
  const notes = [...new Set(said())].map((words) => numbered.indexOf(words) + 1);
  if (notes.length === 0) return null;
  const words = say("browser.see_notes", { numbers: notes.sort((a, b) => a - b).join(say("browser.between")) });
  return place(element.querySelector(".card"), "append", el("p", { class: "paper method" }, words));
}

function ending(numbered) {
  if (numbered.length === 0) return null;
  const notes = numbered.map((words) => el("li", {}, words));
  return el("section", { class: "paper prose" }, el("h2", {}, say("browser.endnotes")), el("ol", {}, notes));
}

/** What each sheet says in its margins. Made by script, as text in CSS: no style in the page, which the policy forbids. */
function sheet(kind, printed) {
  const made = new CSSStyleSheet();
  const quoted = (words) => `"${words.replace(/["\\\n]/g, (sign) => `\\${sign.codePointAt(0).toString(16)} `)}"`;
  made.replaceSync(`@page {
    @top-left { content: ${quoted(document.title)}; }
    @top-right { content: ${quoted(kind)}; font-weight: 700; }
    @bottom-left { content: ${quoted(printed)}; }
    @bottom-right { white-space: nowrap; content: counter(page) " / " counter(pages); }
  }`);
  return made;
}
