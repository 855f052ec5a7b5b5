/** The page's fixed words, in the language of its survey. */

const LEFTWARD = /^[^A-Za-z\u00c0-\u024f\u2068]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
let texts = {};

/** Set the words: those given, otherwise those in the page. */
export function learn(given) {
  texts = given ?? JSON.parse(document.getElementById("words")?.textContent ?? "{}");
}

/** A text that is written from right to left, marked as a piece of its own (Unicode isolates). */
const byItself = (text) => (LEFTWARD.test(text) ? `\u2068${text}\u2069` : text);

/** The text of a key, with its blanks filled. */
export const say = (key, given = {}) =>
  texts[key].replace(/\{(\w+)\}/g, (_, name) => byItself(given[name]));

/** A name that a number follows: apart from it where it ends like one, as ages do. */
export const beside = (name) => (/[\p{Nd}%+]$/u.test(name) ? say("browser.named", { name }) : name);

/** Join words: "a", "a and b", "a, b and c". */
export const listed = (words) => joined(words, say("browser.and"));

/** Join words: "a", "a or b", "a, b or c". */
export const either = (words) => joined(words, say("browser.or"));

const joined = (names, last) => {
  const words = names.map(byItself);
  const first = words.slice(0, -1).join(say("browser.between"));
  return [first, ...words.slice(-1)].filter(Boolean).join(last);
};
