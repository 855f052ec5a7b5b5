/** The page's fixed words, in the language of its survey. */

let texts = {};

/** Set the words: those given, otherwise those in the page. */
export function learn(given) {
  texts = given ?? JSON.parse(document.getElementById("words")?.textContent ?? "{}");
}

/** The text of a key, with its blanks filled. */
export const say = (key, given = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => given[name]);

/** Join words: "a", "a and b", "a, b and c". */
export const listed = (words) => joined(words, say("browser.and"));

/** Join words: "a", "a or b", "a, b or c". */
export const either = (words) => joined(words, say("browser.or"));

const joined = (words, last) =>
  [words.slice(0, -1).join(say("browser.between")), ...words.slice(-1)].filter(Boolean).join(last);
