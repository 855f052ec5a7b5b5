/** One question on the page: text, chart, base, table, notes and downloads. */

import { addressOf } from "./around.js";
import { dressed, draw, key, pieces } from "./chart.js";
import { baseOf, columnsOf, surveyOf } from "./context.js";
import { copyButton, told } from "./copying.js";
import { crosstab } from "./crosstab.js";
import { downloads } from "./files.js";
import { belonging, columns, differences, verdict } from "./findings.js";
import { keyList } from "./key.js";
import { kindOf, provenanceOf } from "./lookup.js";
import { cut, shortened } from "./longest.js";
import { noteCard } from "./notes.js";
import { numberCard } from "./number.js";
import { line } from "./row.js";
import { shareCard } from "./sharing.js";
import { explain } from "./terms.js";
import { el, lower, opener, setText } from "./text.js";
import { say } from "./words.js";

/**
 * Build the card of a question. `take(found)` gives it a view, `tell()` fills in the words. Chart and tables are
 * apart: `reserve(width, dark)` sets the chart's height, `paint(width, dark)` draws it, `settle()` makes
 * the tables; each does nothing if it is up to date.
 * `views` may have two functions: `file`, which makes table files, and `link`, which returns the
 * address of what is shown. A `folded` card is a line until the reader opens it.
 */
export function card(views, question, folded = false) {
  const brief = Boolean(views.answered); // on the page of key findings: the chart and what it says

  const row = folded ? line(views, question) : null;
  const fold = row ? el("button", { type: "button", class: "fold", "aria-controls": `c-${question.id}`, onclick: toggle }, question.title) : null;
  const heading = el("h3", { id: `q-${question.id}`, tabindex: "-1" }, fold ?? question.title);
  const note = el("div", { class: "note", hidden: true });
  const reason = el("p", { class: "reason", hidden: true });
  const short = el("p", { class: "not-asked", hidden: true });
  const withheld = el("div", { class: "withheld", hidden: true }); // below the chart: names of hidden answers can be many
  const sentence = el("span", {});
  const judged = el("p", { class: "word", hidden: true });
  const beside = brief ? el("p", { class: "word", hidden: true }) : null; // where there is room: the first screen says whether groups differ
  const copying = told();
  const named = say("browser.copy_sentence_of", { question: question.title });
  const copy = copyButton(say("browser.copy_sentence"), inFull, say("browser.sentence_copied"), copying, named);
  const legend = el("div");
  const plot = el("div", { class: "chart", role: "img" });
  const further = el("div"); // pieces of a chart that is longer than a sheet of paper
  const parts = el("p", { class: "acts part", hidden: true });
  const base = el("p", { class: "base" });
  const rows = el("div");
  const behind = el("details", { ontoggle: fill }, opener(say("browser.data"), question.title), rows);
  const compared = el("div");
  const differing = el("details", { hidden: true, ontoggle: fill }, opener(say("browser.differences"), question.title), compared);
  const files = downloads(views, question, () => found);
  const quoted = numberCard(views, question);
  const shared = shareCard(views, question);
  const notes = noteCard(question);
  const shown = el(
    "div",
    { class: "drawing-of" },
    legend,
    plot,
    further,
    parts,
    withheld,
    el("p", { class: "sentence" }, sentence),
    judged,
    base,
    el("p", { class: "acts" }, copy, copying.element),
  );
  const tools = el("div", { class: "tools" }, behind, differing, quoted.element, shared?.element, files.element, notes.element);
  tools.addEventListener("toggle", () => tools.classList.toggle("wide", Boolean(tools.querySelector("details[open]"))), true);
  const put = [question.wording, question.asked].filter(Boolean).join(" · ");
  const body = el(
    "div",
    { id: `c-${question.id}`, class: brief ? "card brief" : "card" },
    put && !brief ? el("p", { class: "wording" }, put) : null,
    views.provenance.kind === "illustrative" && views.pages ? el("p", { class: "band" }, kindOf(views)) : null,
    note,
    reason,
    shown,
    beside,
    put && brief ? el("p", { class: "wording" }, put) : null,
    published(question),
    tools,
    brief ? null : small(views, question),
  );
  const element = el("article", { class: folded ? "question foldable" : "question", "aria-labelledby": heading.id }, heading, row?.element, short, body);
  body.addEventListener("beforematch", () => open(true));
  let found = null;
  let stale = false;
  let untold = false; // of words
  let unsettled = false; // of tables
  let next = null; // the figure to draw
  let all = false; // of very many answers
  let drawnAt = {}; // the width and colours of the chart
  let keyed = []; // the items of the key
  open(!folded);

  /** Open or close the card. The browser's search finds the text of a closed one, and opens it. */
  function open(wanted) {
    tell();
    if (wanted) body.removeAttribute("hidden");
    else body.setAttribute("hidden", "until-found");
    fold?.setAttribute("aria-expanded", String(wanted));
    element.classList.toggle("closed", !wanted);
    linkTerms();
  }

  function toggle() {
    open(element.classList.contains("closed"));
  }

  function take(chosen) {
    found = chosen;
    next = null;
    untold = true;
    stale = unsettled = !found.reason;
  }

  function tell() {
    if (!untold) return;
    untold = false;
    const view = found.reason ? null : found.view;
    row?.show(found);
    short.hidden = !found.short;
    body.classList.toggle("gone", Boolean(found.short));
    if (row) row.element.hidden = Boolean(found.short);
    element.classList.toggle("aside", Boolean(found.short));
    if (found.short) short.replaceChildren(found.reason, ...(found.others ? elsewhere(views, question) : []));
    reason.hidden = !found.reason;
    setText(reason, found.reason ?? "");
    tellAll(note, found.differing ?? found.notes);
    tellAll(withheld, view?.hidden ?? []);
    for (const part of [shown, behind, files.element]) part.hidden = !view;
    notes.show(found);
    differing.hidden = belonging(question, found).length === 0;
    for (const place of [judged, beside].filter(Boolean)) {
      setText(place, verdict(views, question, found));
      place.hidden = !place.textContent;
    }
    quoted.show(found);
    copying.tell();
    shared?.show();
    files.quiet();
    if (view) {
      setText(sentence, view.sentence);
      plot.setAttribute("aria-label", say("browser.chart", { words: view.sentence }));
      setText(base, baseOf(found));
      tellPart();
      fill();
    }
    linkTerms();
  }

  /** Say that the chart draws a part of the answers, and offer the rest. */
  function tellPart() {
    const counts = cut(question, found.by, found.view);
    parts.hidden = !counts;
    if (!counts) return;
    const words = say(all ? "browser.draw_part" : "browser.draw_all", counts);
    const button = el("button", { type: "button", class: "plain", onclick: drawAll }, words, el("span", { class: "unseen" }, `– ${question.title}`));
    const focused = parts.contains(document.activeElement);
    parts.replaceChildren(...(all ? [] : [say("browser.part", counts)]), button);
    if (focused) button.focus();
  }

  function drawAll() {
    all = !all;
    tellPart();
    const { width, dark } = drawnAt;
    stale = true;
    next = null;
    paint(width, dark);
  }

  /** Link words to the glossary, which notebooks do not have. */
  function linkTerms() {
    if (views.pages && !element.classList.contains("closed")) explain(body);
  }

  /** Make the tables now only if one is open. */
  function fill() {
    if (behind.open || differing.open) settle();
  }

  /** Make the tables; returns whether there were some to make. */
  function settle() {
    if (!unsettled) return false;
    unsettled = false;
    compared.replaceChildren(...differences(question, found));
    rows.replaceChildren(crosstab(caption(), columnsOf(question, found), found.view.rows, Boolean(found.view.figure ?? found.by)));
    return true;
  }

  const caption = () => [question.title, lower(found.filters)].filter(Boolean).join(", ");

  /** Set the chart's height before drawing, so that the content below moves only once. */
  function reserve(width, dark, paper) {
    if (!stale || (next?.width === width && next.dark === dark)) return;
    const items = key(question, found.by, found.view, dark);
    if (JSON.stringify(items) !== JSON.stringify(keyed)) legend.replaceChildren(...(items.length > 1 ? [keyList(items)] : []));
    keyed = items;
    drawnAt = { width, dark };
    const view = all ? found.view : shortened(question, found.by, found.view);
    next = { width, dark, figure: dressed(question, found.by, view, width, dark, columns(question, found), 0, paper ? "paper" : "screen") };
    plot.style.height = `${next.figure.layout.height}px`;
    const scrolls = next.figure.layout.width > width;
    if (scrolls) plot.tabIndex = 0;
    else plot.removeAttribute("tabindex");
    plot.classList.toggle("scrolls", scrolls);
  }

  /** Draw the chart; returns whether there was anything to draw. */
  function paint(width, dark, paper) {
    if (!stale) return false;
    reserve(width, dark, paper);
    stale = false;
    const [first, ...rest] = paper ? pieces(next.figure) : [next.figure];
    draw(plot, first);
    plot.style.height = `${first.layout.height}px`;
    const boxes = rest.map(() => el("div", { class: "chart" }));
    further.replaceChildren(...boxes.map((box) => el("div", { class: "piece" }, keyed.length > 1 ? keyList(keyed) : null, box)));
    rest.forEach((piece, i) => draw(boxes[i], piece));
    next = null;
    return true;
  }

  /** The sentence with its context: base, filters, question, survey and kind of data. */
  function inFull() {
    const from = `${question.title}. ${surveyOf(views)}.`;
    return [found.view.sentence, baseOf(found), from, provenanceOf(views)].join(" ");
  }

  return {
    element,
    open,
    isOpen: () => !element.classList.contains("closed"),
    take,
    tell,
    reserve,
    paint,
    settle,
    plot,
    found: () => found,
    /** Mark the chart for redrawing: its width or colour scheme has changed. */
    age: () => {
      stale = Boolean(found && !found.reason);
      next = null;
    },
    notes: notes.printed,
    words: () => (found.reason ? "" : found.view.sentence),
  };
}

function tellAll(box, texts) {
  box.hidden = texts.length === 0;
  box.replaceChildren(...texts.map((words) => el("p", {}, words)));
}

/** Links to matched questions asked of other populations. */
function elsewhere(views, question) {
  const others = views.questions.filter((other) => question.matched?.includes(other.id));
  if (others.length === 0) return [];
  const links = others.flatMap((other, i) => [
    i ? say("browser.between") : say("browser.compare"),
    el("a", { href: `#q-${other.id}` }, other.title),
  ]);
  return [...links, "."];
}

const FEW = 3;

/** What the source prints about this question: the first statements, then all. */
function published(question) {
  const all = question.published ?? [];
  if (all.length === 0) return null;
  const list = (some) => el("ul", {}, some.map(({ statement, note }) => el("li", {}, statement, note ? el("span", { class: "against" }, ` ${note}`) : null)));
  return el(
    "aside",
    { class: "source", "aria-label": say("browser.report_caption", { question: question.title }) },
    el("h4", {}, say("browser.report")),
    list(all.slice(0, FEW)),
    all.length > FEW ? el("details", {}, opener(say("browser.report_more", { n: all.length }), question.title), list(all.slice(FEW))) : null,
  );
}

/** The source and the method: dashboards link to the method, notebooks spell it out. */
function small(views, question) {
  const source = question.source ? say("browser.source", { source: question.source }) : "";
  if (!views.pages) {
    const words = [source, question.method ?? ""].filter(Boolean).join(" ");
    return words ? el("p", { class: "method" }, words) : null;
  }
  const link = el("a", { href: `${addressOf("method")}#method` }, say("browser.method_link"));
  return el("p", { class: "method" }, source, " ", el("span", { class: "more" }, link));
}
