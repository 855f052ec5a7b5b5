/** Words that lead to the glossary: the first of each on a card, and around the cards. */

import { adapt, addressOf, linked } from "./around.js";
import { el } from "./text.js";
import { say } from "./words.js";

/** Where each word is linked: never in a question or an answer, which may have the same words. */
const PLACES = {
  base: ".base",
  range: ".sentence, .key, .proof",
  likely: ".word",
  simulated: ".band, .banner strong",
  confidentiality: ".reason, .note, .withheld, .notes",
};
const NOT_WITHIN = "a, button, summary, select, [hidden]:not([hidden='until-found'])";

/** Link the first of each word within an element to what it means. */
export function explain(root) {
  if (!linked) return;
  for (const [name, places] of Object.entries(PLACES)) {
    const address = `${addressOf("method")}#${name}`;
    if (root.querySelector(`a.term[href="${address}"]`)) continue;
    const words = say(`term.${name}`);
    const found = [...root.querySelectorAll(places)].map((place) => first(place, words)).find(Boolean);
    if (!found) continue;
    const link = el("a", { class: "term", href: address }, words);
    found.splitText(words.length);
    found.replaceWith(link);
    adapt(link);
  }
}

/** The text node that begins with the words, if an element has them where they can be linked. */
function first(place, words) {
  const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const at = node.data.indexOf(words);
    if (at >= 0 && !node.parentElement.closest(NOT_WITHIN)) return at ? node.splitText(at) : node;
  }
  return null;
}
