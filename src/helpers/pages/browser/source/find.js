/** The search in the list of all questions, and the key "/" that leads to it from any page. */

import { addressOf, around, framed } from "./around.js";
import { el } from "./text.js";
import { say } from "./words.js";

const FIND = "find"; // the id of the search field, its address, and its name in the query
const OFF = "insights-slash"; // saved by readers who switch the key off
const PAUSE = 400; // milliseconds without typing before the number found is announced

/** Let "/" lead to the search: here if the page has it, otherwise on the page of all questions. */
export function slash() {
  if (framed) return; // the keys of JupyterLab and of other pages around are theirs
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, [contenteditable]")) return;
    event.preventDefault();
    const field = document.getElementById(FIND);
    if (field) field.focus();
    else location.href = `${addressOf("index")}${around.location.search}#${FIND}`;
  });
}

/** Add the search to the list, if the page has one. Returns the rest of the query: what readers chose on other pages. */
export function search() {
  const chosen = new URLSearchParams(around.location.search);
  chosen.delete(FIND);
  list();
  return chosen.size ? `?${chosen}` : "";
}

function list() {
  const place = document.getElementById("search");
  const sections = [...document.querySelectorAll(".listed")].map((section) => ({
    section,
    rows: [...section.querySelectorAll(":scope > ul > li")].map(row),
  }));
  const rows = sections.flatMap((each) => each.rows);
  if (!place || rows.length === 0) return;
  const input = el("input", { type: "search", id: FIND, autocomplete: "off", spellcheck: "false", oninput: typed, onkeydown: clear });
  const found = el("p", { class: "found", role: "status" });
  const key = el("input", { type: "checkbox", checked: !isOff(), onchange: () => keep(!key.checked) });
  let waiting;

  function show() {
    const words = folded(input.value).split(/\s+/).filter(Boolean);
    let n = 0;
    for (const each of sections) {
      const shown = each.rows.filter((one) => one.fits(words)).length;
      each.section.hidden = words.length > 0 && shown === 0;
      n += shown;
    }
    mark(rows, words);
    return words.length ? say(n ? "browser.found" : "browser.found_none", { n, all: rows.length }) : "";
  }

  function typed() {
    const words = show();
    const query = new URLSearchParams(around.location.search);
    if (input.value) query.set(FIND, input.value);
    else query.delete(FIND);
    around.history.replaceState(null, "", `${around.location.pathname}${query.size ? `?${query}` : ""}${around.location.hash}`);
    clearTimeout(waiting);
    waiting = setTimeout(() => { found.textContent = words; }, PAUSE);
  }

  function clear(event) {
    if (event.key !== "Escape" || !input.value) return;
    input.value = "";
    typed();
  }

  function first(event) {
    event.preventDefault();
    rows.find(({ element, link }) => link && !element.hidden)?.link.focus();
  }

  place.append(el(
    "form",
    { role: "search", onsubmit: first },
    el("label", { for: input.id }, say("browser.find")),
    input,
    found,
    framed ? null : el("label", { class: "slash" }, key, say("browser.find_key")),
  ));
  input.value = new URLSearchParams(around.location.search).get(FIND) ?? "";
  found.textContent = show();
  if (around.location.hash === `#${FIND}`) input.focus(); // as the browser does, which may look for it later or sooner
}

/** A question in the list. `fits(words)` shows it if it has all the words, with the labels that have one. */
function row(element) {
  const labels = [...element.querySelectorAll(".labels li")].map((one) => ({ one, text: folded(one.textContent) }));
  const list = element.querySelector(".labels");
  const own = [...element.children].filter((part) => part !== list).map((part) => folded(part.textContent)).join(" ");
  const all = [own, ...labels.map(({ text }) => text)].join(" ");
  const fits = (words) => {
    const shown = words.every((word) => all.includes(word));
    const missing = words.filter((word) => !own.includes(word)); // found in labels only
    for (const { one, text } of labels) one.hidden = !missing.some((word) => text.includes(word));
    element.hidden = !shown;
    if (list) list.hidden = !shown || missing.length === 0;
    return shown;
  };
  return { element, link: element.querySelector("a"), fits };
}

/** Text as it is compared: without capitals and accents. */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Mark the words where they were found. */
function mark(rows, words) {
  if (!globalThis.CSS?.highlights) return;
  const ranges = [];
  for (const { element } of rows.filter(({ element: { hidden } }) => words.length && !hidden)) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) ranges.push(...words.flatMap((word) => places(node, word)));
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

function places(node, word) {
  const text = folded(node.data);
  if (text.length !== node.data.length) return []; // accents of their own: places would be others
  const found = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const range = new Range();
    range.setStart(node, at);
    range.setEnd(node, at + word.length);
    found.push(range);
  }
  return found;
}

let off = false;

function isOff() {
  try { return localStorage.getItem(OFF) === "off"; } catch { return off; }
}

/** Save whether the key is off; without storage it holds on this page. */
function keep(wanted) {
  off = wanted;
  try {
    if (wanted) localStorage.setItem(OFF, "off");
    else localStorage.removeItem(OFF);
  } catch { /* storage is not allowed */ }
}
