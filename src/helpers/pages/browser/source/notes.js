/** Notes of a question: behind a button in its card. */

import { el, opener } from "./text.js";
import { say } from "./words.js";

/** Notes of what is shown: caveats, and what is hidden. */
const ofResults = (question, view) => [...(view?.caveats ?? []), ...(question.hidden ?? [])];

/** Notes of what is shown, and why a filter is not offered. */
export const notesOf = (question, view) => [...ofResults(question, view), ...Object.values(question.not_offered ?? {})];

/** The notes part of a card: caveats, what is hidden, and why a filter is not offered. `show(found)` fills it. */
export function noteCard(question) {
  const list = el("ul", { class: "notes" });
  const count = el("span");
  const summary = opener(count, question.title);
  const element = el("details", { class: "asides" }, summary, list);
  let printed = []; // without those on filters, which paper does not have

  function show(found) {
    printed = found.short ? [] : ofResults(question, found.view);
    const texts = found.short ? [] : notesOf(question, found.view);
    element.hidden = texts.length === 0;
    count.textContent = say("browser.notes", { n: texts.length });
    list.replaceChildren(...texts.map((words) => el("li", {}, words)));
  }
  return { element, show, printed: () => printed };
}
