/** One question on the page: text, chart, base, table, notes and downloads. */

import { addressOf } from "./around.js";
import { dressed, draw, key } from "./chart.js";
import { baseOf, columnsOf, surveyOf } from "./context.js";
import { copyButton, told } from "./copying.js";
import { downloads } from "./files.js";
import { keyList } from "./key.js";
import { provenanceOf } from "./lookup.js";
import { numberCard } from "./number.js";
import { table } from "./table.js";
import { el, lower, opener } from "./text.js";
import { say } from "./words.js";

/**
 * Build the card of a question. `show(found)` fills it with a view. The chart and the table follow
 * later: `reserve(width, dark)` sets the chart's height, `paint(width, dark)` draws it, and `settle()`
 * makes the table; each does nothing if it is up to date.
 * `views` may have two functions: `file`, which makes table files, and `link`, which returns the
 * address of what is shown.
 */
export function card(views, question) {
  const heading = el("h3", { id: `q-${question.id}`, tabindex: "-1" }, question.title);
  const note = el("div", { class: "note", hidden: true });
  const reason = el("p", { class: "reason", hidden: true });
  const short = el("p", { class: "not-asked", hidden: true });
  const sentence = el("span", {});
  const copying = told();
  const named = say("browser.copy_sentence_of", { question: question.title });
  const copy = copyButton(say("browser.copy_sentence"), inFull, say("browser.sentence_copied"), copying, named);
  const legend = el("div");
  const plot = el("div", { class: "chart", role: "img" });
  const base = el("p", { class: "base" });
  const rows = el("div");
  const behind = el("details", { ontoggle: fill }, opener(say("browser.data"), question.title), rows);
  const files = downloads(views, question, () => found);
  const quoted = numberCard(views, question);
  const notes = el("div");
  const shown = el(
    "div",
    {},
    el("p", { class: "sentence" }, sentence),
    legend,
    plot,
    base,
    el("p", { class: "acts" }, copy, copying.element),
  );
  const put = [question.wording, question.asked].filter(Boolean).join(" · ");
  const body = el(
    "div",
    {},
    put ? el("p", { class: "wording" }, put) : null,
    note,
    reason,
    shown,
    el("div", { class: "tools" }, behind, quoted.element, published(question), files.element),
    notes,
    small(views, question),
  );
  const element = el("article", { class: "question", "aria-labelledby": heading.id }, heading, short, body);
  let found = null;
  let stale = false;
  let untold = false;
  let next = null; // the figure to draw

  function show(chosen) {
    found = chosen;
    next = null;
    const view = found.reason ? null : found.view;
    short.hidden = !found.short;
    body.hidden = Boolean(found.short);
    element.classList.toggle("aside", Boolean(found.short));
    if (found.short) short.replaceChildren(found.reason, ...(found.others ? elsewhere(views, question) : []));
    reason.hidden = !found.reason;
    reason.textContent = found.reason ?? "";
    note.hidden = found.notes.length === 0;
    note.replaceChildren(...found.notes.map((words) => el("p", {}, words)));
    for (const part of [shown, behind, files.element]) part.hidden = !view;
    notes.replaceChildren(...noteList(question, found.view));
    stale = Boolean(view);
    quoted.show(found);
    copying.tell();
    files.quiet();
    if (!view) return;
    sentence.textContent = view.sentence;
    plot.setAttribute("aria-label", say("browser.chart", { words: view.sentence }));
    base.textContent = baseOf(found);
    untold = true;
    fill();
  }

  /** Make the table now only if it is open. */
  function fill() {
    if (behind.open) settle();
  }

  /** Make the table; returns whether there was one to make. */
  function settle() {
    if (!untold || !found || found.reason) return false;
    untold = false;
    rows.replaceChildren(table(caption(), columnsOf(question, found), found.view.rows));
    return true;
  }

  const caption = () => [question.title, lower(found.filters)].filter(Boolean).join(", ");

  /** Set the chart's height before drawing, so that the content below moves only once. */
  function reserve(width, dark) {
    if (!stale || (next?.width === width && next.dark === dark)) return;
    const items = key(question, found.by, found.view, dark);
    legend.replaceChildren(...(items.length > 1 ? [keyList(items)] : []));
    next = { width, dark, figure: dressed(question, found.by, found.view, width, dark) };
    plot.style.height = `${next.figure.layout.height}px`;
  }

  /** Draw the chart; returns whether there was anything to draw. */
  function paint(width, dark) {
    if (!stale) return false;
    reserve(width, dark);
    stale = false;
    draw(plot, next.figure);
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
    show,
    reserve,
    paint,
    settle,
    plot,
    /** Mark the chart for redrawing: its width or colour scheme has changed. */
    age: () => {
      stale = Boolean(found && !found.reason);
      next = null;
    },
    words: () => (found.reason ? "" : found.view.sentence),
  };
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

/** Notes: caveats, what is hidden, and why a filter is not offered. */
function noteList(question, view) {
  const words = [...(view?.caveats ?? []), ...(question.hidden ?? []), ...Object.values(question.not_offered ?? {})];
  if (words.length === 0) return [];
  return [el("h4", {}, say("browser.notes")), el("ul", { class: "notes" }, words.map((text) => el("li", {}, text)))];
}

/** What the report printed about this question. */
function published(question) {
  if (!question.published?.length) return null;
  const rows = question.published.map(({ statement, value }) => [statement, value]);
  return el(
    "details",
    {},
    opener(say("browser.report"), question.title),
    el("p", { class: "method" }, say("browser.report_note")),
    table(say("browser.report_caption", { question: question.title }), [say("browser.statement"), say("browser.published")], rows),
  );
}

/** The source and the method: dashboards link to the method, notebooks spell it out. */
function small(views, question) {
  const source = question.source ? say("browser.source", { source: question.source }) : "";
  if (!views.pages) {
    const words = [source, question.method ?? ""].filter(Boolean).join(" ");
    return words ? el("p", { class: "method" }, words) : null;
  }
  const link = el("a", { href: `${addressOf("about")}#method` }, say("browser.method_link"));
  return el("p", { class: "method" }, source, " ", el("span", { class: "more" }, link));
}
