/** Elements and text. Survey text enters a page only as text, never as HTML. */

/** Make an element: `on…` attributes become listeners, strings become text nodes, null is left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Set the text of an element, unless it has that text: the browser would lay out the page again. */
export function setText(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** The summary of a question's details; includes the question's title for screen readers. */
export const opener = (words, title) => el("summary", {}, words, el("span", { class: "unseen" }, `– ${title}`));

/** A label inside a sentence: quoted if it is a question or was cut, else with a small first letter, but of names. */
export const lower = (words) => {
  if (/[?…]$/.test(words)) return `“${words}”`;
  return /^(\p{Lu}[\p{Lu}\d]|I(?![\p{L}\d])|(?!(?:A|An|At|By|For|From|In|No|Not|Of|On|Over|The|To|Under|With)[\s/-])\p{L}+[\s/-]+\p{Lu})/u.test(words) ? words : words.charAt(0).toLowerCase() + words.slice(1);
};

/** A text that ends like a sentence. */
export const sentence = (text) => (/[.?!…:]$/.test(text) ? text : `${text}.`);

export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'", "&amp;": "&" };

/** The plain text of a chart label: line breaks become spaces, entities are decoded. */
export function plain(label) {
  return String(label)
    .replace(/\s*<br\s*\/?>\s*/gi, " ")
    .replace(/&(?:lt|gt|quot|#39|#x27|amp);/g, (entity) => ENTITIES[entity]);
}

/** Escape text for a chart: plotly interprets some tags. */
export function escaped(words) {
  return String(words).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Break plain text into lines that `fit`, or have at most so many characters; a longer word gets its own line. */
export function lines(words, fit) {
  const fits = typeof fit === "number" ? (text) => text.length <= fit : fit;
  const result = [];
  for (const word of String(words).split(/\s+/).filter(Boolean)) {
    const last = result.at(-1);
    if (last !== undefined && fits(`${last} ${word}`)) {
      result[result.length - 1] = `${last} ${word}`;
    } else {
      result.push(word);
    }
  }
  return result;
}

const LABEL_TAGS = /<(?!br\s*\/?>)/gi;
const HOVER_TAGS = /<(?!(?:br\s*\/?|\/?extra)>)/gi;

/** Copy a figure with all tags in its labels escaped, except line breaks (and `<extra>` in hover text). */
export function neutral(value, name = "") {
  if (typeof value === "string") {
    return value.replace(name === "hovertemplate" ? HOVER_TAGS : LABEL_TAGS, "&lt;");
  }
  if (Array.isArray(value)) return value.map((part) => neutral(part, name));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, neutral(part, key)]),
  );
}
