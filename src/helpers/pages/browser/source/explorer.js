/** The page: reads its views, and draws those that the reader selects. */

import "./page.css";
import "./notebook.css";

import { addressed, addressOf, around, lead } from "./around.js";
import { surveyOf } from "./context.js";
import { copyButton, told } from "./copying.js";
import { filterForm } from "./filters.js";
import { search, slash } from "./find.js";
import { thaw } from "./frozen.js";
import { inWords, kindOf, lookUp, provenanceOf, waveOf } from "./lookup.js";
import { Painter } from "./painter.js";
import { onPaper } from "./paper.js";
import { card } from "./question.js";
import { dated, EMBED, everything, read, written } from "./selection.js";
import { explain } from "./terms.js";
import { el } from "./text.js";
import { workbookButton } from "./workbook.js";
import { learn, listed, say } from "./words.js";
import { code, picture, question } from "./workbench.js";

function start() {
  learn(globalThis.insightsWords);
  const source = document.getElementById("views");
  const place = document.getElementById("explorer");
  if (source && place) explore({ ...JSON.parse(source.textContent), edition: source.dataset.edition }, place);
  else {
    carry(search());
    if (document.querySelector(".page")) onPaper();
  }
  slash();
  lead();
  if (document.documentElement.classList.contains("embed")) apart();
  thaw(globalThis.insightsWorkbench);
}

function explore(views, place) {
  const alone = embedded(views);
  if (alone) views.questions = [alone];
  const { selection, ...arrived } = read(views, around.location.search);
  if (addressed) {
    views.link = (part) => {
      const here = new URL(dated(views, written(views, selection)), around.location.href);
      here.hash = part ?? around.location.hash;
      return here.href;
    };
    if (mayEmbed() && !alone) {
      views.embed = (id) => {
        const here = new URL(around.location.pathname + written(views, selection), around.location.href);
        here.searchParams.set(EMBED, id);
        return here.href;
      };
    }
  }
  const folded = !views.answered && views.questions.length > 1;
  const cards = views.questions.map((question) => ({ question, ...card(views, question, folded) }));
  if (folded && !views.numbers?.length && !addressee(cards)) cards[0].open(true); // a page begins with a chart
  const address = () => {
    const query = written(views, selection);
    return around.location.pathname + (query && dated(views, query)) + around.location.hash;
  };
  const notices = el("div", { role: "status" });
  const summary = el("p", { class: "summary" });
  const unmoved = document.querySelector(".unmoved");
  const linking = told();
  const link = copyButton(say("browser.copy_view"), () => views.link(), say("browser.link_copied"), linking);
  const live = el("p", { class: "unseen", "aria-live": "polite" });
  for (const part of document.querySelectorAll(".page > header, .numbers, .from-source")) explain(part);
  const form = filterForm(views, selection, chosen, () => {
    Object.assign(selection, everything(views));
    chosen();
  }, addressed ? el("span", { class: "linking" }, link, linking.element) : null);
  onPaper(views, cards);
  const painter = new Painter(cards, ({ question }) => lookUp(views, question, selection), () => { place.dataset.ready = "true"; });

  function chosen() {
    around.history.pushState(null, "", address()); // before anything moves: the browser lays the page out for it
    show();
    notices.replaceChildren();
    announce(live, () => `${summary.textContent} ${painter.inSight()?.words() ?? ""}`);
  }

  function show() {
    delete place.dataset.ready;
    painter.follow();
    const query = written(views, selection);
    summary.textContent = inWords(views, selection);
    form.show(query === "", summary.textContent);
    summary.classList.toggle("unfiltered", query === "");
    unmoved?.classList.toggle("unfiltered", query === "");
    entitle(views, selection);
    linking.tell();
    carry(query);
  }

  function arrive(there) {
    notices.replaceChildren(...arrivalNotices(there).map((words) => el("p", { class: "notice" }, words)));
  }

  around.addEventListener("popstate", () => {
    const there = read(views, around.location.search);
    Object.assign(selection, there.selection);
    arrive(there);
    show();
  });
  const filters = form.empty ? null : bar(views, form);
  if (form.empty) unmoved?.remove();
  const chosenNow = el("div", { class: "chosen" }, summary);
  place.replaceChildren(...(filters ? [filters.element] : []), notices, chosenNow, live, ...sections(views, cards));
  if (!views.answered) chosenNow.append(...contents(place));
  place.append(...(alone ? [from(views)] : []));
  show();
  arrive(arrived);
  const all = folded ? opener(cards) : null;
  const everyTable = workbookButton(views, cards, () => (written(views, selection) ? summary.textContent : ""));
  if (all) chosenNow.append(all);
  place.append(el("p", { class: "more" }, everyTable));
  window.addEventListener("pagehide", () => remember(place, cards));
  window.addEventListener("hashchange", () => reach(cards));
  if (returned()) for (const each of cards) if (remembered().open?.includes(each.question.id)) each.open(true);
  place.dataset.ready = "true";
  filters?.fit();
  if (!around.location.hash) return;
  reach(cards);
  stay(place, painter);
}

/** Whether the server lets other websites show a card. */
const mayEmbed = () => document.body.dataset.embed !== undefined;

/** The question that the address asks for alone, without the page around it. */
function embedded(views) {
  const asked = mayEmbed() && new URLSearchParams(around.location.search).get(EMBED);
  const found = views.questions.find(({ id }) => id === asked);
  document.documentElement.classList.toggle("embed", Boolean(found));
  return found;
}

/** Below an embedded card: what it is from, with a link to the page. */
function from(views) {
  const page = new URL(around.location.href);
  page.searchParams.delete(EMBED);
  page.hash = `q-${views.questions[0].id}`;
  const whole = el("a", { href: page.href }, say("browser.embedded"));
  return el("p", { class: "from" }, `${surveyOf(views)}. ${provenanceOf(views)} `, whole);
}

/** The card that the address names. */
const addressee = (cards) => cards.find(({ question }) => `#q-${question.id}` === around.location.hash);

/** Open the card that the address names. */
function reach(cards) {
  addressee(cards)?.open(true);
}

/** A button that opens all cards, or closes them once all are open. */
function opener(cards) {
  const closed = () => cards.some((each) => !each.isOpen());
  const words = () => say(closed() ? "browser.open_all" : "browser.close_all");
  const button = el("button", { type: "button", class: "plain fold-all", onclick: () => {
    const wanted = closed();
    for (const each of cards) each.open(wanted);
  } }, words());
  document.addEventListener("click", () => { button.textContent = words(); });
  return button;
}

const SETTLED = 500; // milliseconds

/**
 * Land, and land again whenever the page grows, in place of the browser: it would add that to where we scroll.
 * It ends a moment after the page has its style, or once the reader moves.
 */
function stay(place, painter) {
  const { style } = document.documentElement;
  const over = new AbortController();
  const { signal } = over;
  const leave = () => over.abort();
  let at = 0;
  const again = () => {
    if (signal.aborted) return;
    land();
    at = window.scrollY;
  };
  const settle = () => {
    again();
    painter.paint(); // draw the charts near there, which fixes their height
    again();
  };
  const moved = () => Math.abs(window.scrollY - at) > 1 && window.scrollY + window.innerHeight < document.documentElement.scrollHeight - 1; // a page that got shorter scrolls to its end
  const growing = new ResizeObserver(again);
  let soon;
  const end = () => {
    clearTimeout(soon);
    soon = setTimeout(leave, SETTLED);
  };
  style.overflowAnchor = "none";
  signal.addEventListener("abort", () => {
    growing.disconnect();
    style.overflowAnchor = "";
  });
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown"]) window.addEventListener(type, leave, { signal, passive: true });
  window.addEventListener("scroll", () => moved() && leave(), { signal });
  // Without its style the page is of another height. Captured, as another link may take the place of a slow one.
  document.addEventListener("load", ({ target }) => {
    if (!target.matches?.("link[rel=stylesheet]")) return;
    settle();
    end();
  }, { signal, capture: true });
  growing.observe(place);
  settle();
  if (document.querySelector("link[rel=stylesheet]")?.sheet) end();
}

/** Scroll to the part the address names; after a reload or *Back*, to where the reader was. */
function land() {
  const { at, top } = remembered();
  const before = returned() && at && document.getElementById(at);
  if (before) {
    history.scrollRestoration = "manual"; // the browser would restore a pixel position, but charts are not drawn yet
    setTimeout(() => { history.scrollRestoration = "auto"; }, 2000);
    window.scrollBy(0, before.getBoundingClientRect().top - top);
  } else document.getElementById(around.location.hash.slice(1))?.scrollIntoView();
}

/** Whether the reader was here before: after a reload or *Back*. */
function returned() {
  const [arrival] = performance.getEntriesByType("navigation");
  return ["reload", "back_forward"].includes(arrival?.type);
}

/** Let links of an embedded card leave the page around it alone. */
function apart() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    link.target = "_blank";
    link.rel = "noopener";
  });
}

/** Save the first visible heading and its position, and which cards are open, for this address. */
function remember(place, cards) {
  const heading = [...place.querySelectorAll("h2[id], h3[id]")].find((each) => each.getBoundingClientRect().bottom > 0);
  const open = cards.filter((each) => each.isOpen()).map(({ question }) => question.id);
  const where = { open, at: heading?.id, top: heading?.getBoundingClientRect().top };
  try { sessionStorage.setItem(location.href, JSON.stringify(where)); } catch { /* storage is not allowed */ }
}

function remembered() {
  try { return JSON.parse(sessionStorage.getItem(location.href)) ?? {}; } catch { return {}; }
}

/** Name the selected wave in the titles. */
function entitle(views, selection) {
  const wave = waveOf(views, selection);
  document.title = `${[views.title, wave].filter(Boolean).join(", ")} – ${views.survey.title}`;
  for (const place of document.querySelectorAll("h1 .wave")) place.textContent = wave && `, ${wave}`;
}

/** Add the selection to the links to other pages. */
function carry(query) {
  for (const link of document.querySelectorAll(".pages a, .more a, .listed a")) {
    link.href = link.getAttribute("href").replace(/\?[^#]*/, "").replace(/(?=#|$)/, query);
  }
}

/** Notices about the address: it has unknown parts, or the results have changed since. */
function arrivalNotices({ unknown, changed }) {
  const words = [];
  if (changed) {
    words.push(say("browser.changed"));
  }
  if (unknown.length) {
    const names = listed(unknown.map((text) => say("browser.quoted", { text })));
    words.push(say("browser.unknown", { names }));
  }
  return words;
}

/** The filter bar: sticky if it is low enough, otherwise a sticky strip that links back to it. */
function bar(views, form) {
  const back = el("a", { href: "#filters", onclick: form.open }, say("browser.change_filters"));
  const mark = el("p", { class: "mark" }, kindOf(views), back);
  const element = el("section", { class: views.provenance.kind === "illustrative" ? "bar" : "bar real", "aria-label": say("browser.choose") }, mark, form.element);
  const fit = () => {
    form.fit();
    const low = form.element.offsetHeight - form.folded() < window.innerHeight * 0.2 && window.innerWidth >= 700;
    element.classList.toggle("stays", low);
    level(element, mark, low);
    const covered = low ? element.offsetHeight : mark.offsetHeight;
    document.documentElement.style.scrollPaddingTop = `${covered + 16}px`;
  };
  const sizes = new ResizeObserver(fit);
  for (const part of [form.element, element.querySelector(".acting")]) sizes.observe(part); // "Link copied" makes it wider
  new IntersectionObserver(([{ isIntersecting: seen }]) => element.classList.toggle("at-hand", seen)).observe(form.element);
  window.addEventListener("resize", fit);
  return { element, fit };
}

/** Put the mark and the buttons of a low bar on the line of its labels, where they have room there. */
function level(element, mark, low) {
  element.classList.remove("level");
  if (!low) return;
  element.classList.add("level");
  const acting = element.querySelector(".acting");
  element.style.setProperty("--acting", `${acting.offsetWidth}px`);
  const { left, bottom } = mark.getBoundingClientRect();
  const words = document.createRange();
  for (const label of element.querySelectorAll("legend, .compare label")) {
    words.selectNodeContents(label);
    const { right, top } = words.getBoundingClientRect();
    if (top < bottom && right + 16 > left) element.classList.remove("level");
  }
}

/** What the columns of closed questions hold; each line repeats it on a narrow screen. */
const columns = (views) =>
  el(
    "div",
    { class: "columns", "aria-hidden": "true" },
    el("span", {}, say("browser.question")),
    ...(views.provenance.kind === "illustrative"
      ? [el("span", { class: "simulated" }, kindOf(views)), el("span", {}, say("browser.printed"))]
      : [el("span", {}, say("browser.shares")), el("span", {}, say("browser.in_words"))]),
  );

/** Questions under their section headings; matched questions side by side. */
function sections(views, cards) {
  const known = new Set(views.sections.map((section) => section.id));
  const all = [...views.sections, { id: null, label: say(`browser.${known.size ? "other_questions" : "questions"}`) }];
  return all.flatMap(({ id, label, page }) => {
    const here = cards.filter(({ question }) =>
      id === null ? !known.has(question.section) : question.section === id,
    );
    if (here.length === 0) return [];
    const heading = el("h2", { id: id === null ? "other-questions" : `s-${id}`, class: known.size ? null : "unseen" }, label);
    const more = page ? el("p", { class: "more" }, el("a", { href: addressOf(page) }, say("browser.all_questions", { page: label }))) : null;
    const folded = here.some((each) => !each.isOpen());
    const listed = folded ? [columns(views), ...here.map((each) => each.element)] : paired(here);
    return [el("section", { "aria-labelledby": heading.id, class: page ? "of-page" : null }, more ? el("div", { class: "trend-head" }, heading, more) : heading, ...listed)];
  });
}

/** Links to the sections, if there are several. */
function contents(place) {
  const headings = [...place.querySelectorAll("section > h2")];
  if (headings.length < 2) return [];
  const links = headings.map((heading) =>
    el("li", {}, el("a", { href: `#${heading.id}` }, heading.textContent)),
  );
  return [el("nav", { class: "contents", "aria-label": say("browser.on_this_page") }, el("ul", {}, links))];
}

function paired(cards) {
  const left = [...cards];
  const result = [];
  while (left.length) {
    const first = left.shift();
    const at = left.findIndex(({ question }) => first.question.matched?.includes(question.id));
    if (at < 0) result.push(first.element);
    else result.push(el("div", { class: "pair" }, first.element, left.splice(at, 1)[0].element));
  }
  return result;
}

let announcement;

/** Announce a change to screen readers, once the reader has stopped choosing. */
function announce(region, words) {
  clearTimeout(announcement);
  announcement = setTimeout(() => { region.textContent = words(); }, 500);
}

// A notebook includes this script once; its questions, pictures and code call these functions.
globalThis.insightsWorkbench = { code, picture, question };

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
