/** The words of the page: they come with it, in the language of its survey. */

let texts = {};

/** Learn the words: those of the page, unless something else gives them. */
export function learn(given) {
  texts = given ?? JSON.parse(document.getElementById("words")?.textContent ?? "{}");
}

/** A text with its blanks filled. */
export const say = (key, given = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => given[name]);

/** Join as a person would: "a", "a and b", "a, b and c". */
export const listed = (words) => joined(words, say("browser.and"));

/** Join as a person would: "a", "a or b", "a, b or c". */
export const either = (words) => joined(words, say("browser.or"));

const joined = (words, last) =>
  [words.slice(0, -1).join(say("browser.between")), ...words.slice(-1)].filter(Boolean).join(last);
