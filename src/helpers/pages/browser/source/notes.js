/** Notes of a question: behind a button in its card; on paper, where nothing opens, once at the end. */

import { el, opener } from "./text.js";
import { say } from "./words.js";

/** The notes part of a card: caveats, what is hidden, and why a filter is not offered. `show(found)` fills it. */
export function noteCard(question) {
  const list = el("ul", { class: "notes" });
  const count = el("span");
  const summary = opener(count, question.title);
  const element = el("details", { class: "asides" }, summary, list);
  let ofResults = []; // without those on filters, which paper does not have

  function show(found) {
    ofResults = found.short ? [] : [...(found.view?.caveats ?? []), ...(question.hidden ?? [])];
    const texts = found.short ? [] : [...ofResults, ...Object.values(question.not_offered ?? {})];
    element.hidden = texts.length === 0;
    count.textContent = say("browser.notes", { n: texts.length });
    list.replaceChildren(...texts.map((words) => el("li", {}, words)));
  }
  return { element, show, ofResults: () => ofResults };
}

/** The notes of all cards as they are printed: each once, with its questions if it is not about all. */
export function endnotes(cards) {
  const list = el("ul", { class: "notes" });
  const element = el("section", { class: "endnotes" }, el("h2", {}, say("browser.endnotes")), list);
  window.addEventListener("beforeprint", () => {
    const found = new Map();
    for (const { question, notes } of cards) {
      for (const words of new Set(notes())) found.set(words, [...(found.get(words) ?? []), question.title]);
    }
    const about = (titles) => (titles.length < cards.length ? ` (${titles.join("; ")})` : "");
    list.replaceChildren(...[...found].map(([words, titles]) => el("li", {}, words, about(titles))));
    element.hidden = found.size === 0;
  });
  return element;
}
