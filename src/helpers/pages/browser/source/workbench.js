/** Widgets in notebooks: questions and pictures, computed by Python. */

import { draw, fitted } from "./chart.js";
import { copyButton, told } from "./copying.js";
import { card } from "./question.js";
import { el } from "./text.js";
import { say } from "./words.js";

const NEAR = "300px";
const LATER = 400;

/**
 * Show a question. In the model, `about` holds the survey and the question, `found` the view for the
 * current filters, `seen` whether the question is visible, and `stale` whether the view is out of date.
 */
export function question({ model, el: place }) {
  const about = model.get("about");
  const asked = { ...about.question, figures: {}, columns: {} };
  const shown = card({ ...about, file: model.frozen ? null : fileOf(model) }, asked);
  const mark = el("p", { class: "provenance", role: "note" }, about.provenance.banner);
  place.classList.add("insights-question");
  place.replaceChildren(el("div", {}, mark, shown.element));

  const dark = () => document.body.dataset.jpThemeLight === "false";
  let width = 0;
  const paint = () => {
    width = Math.round(shown.plot.clientWidth);
    if (width > 0) shown.paint(width, dark());
  };
  const fill = () => {
    const { figure, columns, ...found } = model.get("found");
    if (figure) {
      asked.figures = { [found.by]: figure };
      asked.columns = { [found.by]: columns };
      found.view = { ...found.view, values: figure.data };
    }
    shown.take(found);
    shown.tell();
    paint();
    shown.settle();
    place.dataset.drawn = String(Number(place.dataset.drawn ?? 0) + 1);
  };
  const again = () => {
    shown.age();
    paint();
  };
  const wanted = () => model.get("stale") && model.send({ kind: "refresh" });
  const late = () => {
    if (model.get("stale")) setTimeout(wanted, model.get("seen") ? 0 : LATER);
  };

  const sight = new IntersectionObserver(
    (entries) => {
      const seen = entries.at(-1).isIntersecting;
      if (seen !== model.get("seen")) {
        model.set("seen", seen);
        model.save_changes();
      }
      if (seen) wanted();
    },
    { rootMargin: NEAR },
  );
  const size = new ResizeObserver(() => Math.round(shown.plot.clientWidth) !== width && again());
  const theme = new MutationObserver(again);
  model.on("change:found", fill);
  model.on("change:stale", late);
  sight.observe(place);
  size.observe(shown.plot);
  theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  fill();
  return () => {
    for (const observer of [sight, size, theme]) observer.disconnect();
    model.off("change:found", fill);
    model.off("change:stale", late);
  };
}

/** Show a standalone figure; `words` is its text alternative. */
export function picture({ model, el: place }) {
  const plot = el("div", { class: "chart", role: "img" });
  const words = el("p", { class: "base" });
  place.classList.add("insights-question");
  place.replaceChildren(plot, words);
  let width = 0;
  const paint = () => {
    width = Math.round(plot.clientWidth);
    if (width === 0) return;
    const figure = fitted(model.get("figure"), width, document.body.dataset.jpThemeLight === "false");
    plot.style.height = `${figure.layout.height}px`;
    draw(plot, figure);
  };
  const fill = () => {
    words.textContent = model.get("words");
    plot.setAttribute("aria-label", say("browser.chart", { words: model.get("words") }));
    paint();
    place.dataset.drawn = String(Number(place.dataset.drawn ?? 0) + 1);
  };
  const size = new ResizeObserver(() => Math.round(plot.clientWidth) !== width && paint());
  const theme = new MutationObserver(paint);
  model.on("change:figure change:words", fill);
  size.observe(plot);
  theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  fill();
  return () => {
    for (const observer of [size, theme]) observer.disconnect();
    model.off("change:figure change:words", fill);
  };
}

/** Show code, with a button that copies it. */
export function code({ model, el: place }) {
  const status = told();
  const shown = el("code");
  const copy = copyButton(say("browser.copy_code"), () => model.get("code"), say("browser.copied_code"), status);
  place.classList.add("insights-question");
  place.replaceChildren(el("pre", { class: "code" }, shown), el("div", { class: "acts" }, copy, status.element));
  const fill = () => { shown.textContent = model.get("code"); };
  model.on("change:code", fill);
  fill();
  return () => model.off("change:code", fill);
}

/** Ask Python for a file: only Python has the unrounded numbers. */
const fileOf = (model) => (ending) =>
  new Promise((resolve) => {
    const take = (message, buffers) => {
      if (message.kind !== "file" || message.ending !== ending) return;
      model.off("msg:custom", take);
      resolve(new Blob([buffers[0]], { type: message.type }));
    };
    model.on("msg:custom", take);
    model.send({ kind: "file", ending });
  });
