/** The form with filters and comparison. */

import { comparable, isWave } from "./selection.js";
import { el } from "./text.js";
import { say } from "./words.js";

/** Build the form. It changes `selection` in place, then calls `changed()`. `extra` stands at its end. */
export function filterForm(views, selection, changed, reset, extra = null) {
  const who = group(say("browser.respondent_type"), views.populations, (id, on) => {
    toggle(selection.who, id, on);
    changed();
  });
  const take = (dimension) => (bands) => {
    selection.bands[dimension.id] = new Set(bands);
    changed();
  };
  const boxes = ({ id: name, label, bands }) =>
    group(label, bands, (id, on) => {
      toggle(selection.bands[name], id, on);
      changed();
    });
  const dimensions = views.dimensions.map((dimension) => ({
    dimension,
    ...(isWave(views, dimension) ? waves(dimension, take(dimension)) : boxes(dimension)),
  }));
  // Of three or more dimensions show one and fold the others away: they would push the charts down the page.
  const wave = dimensions.filter((d) => isWave(views, d.dimension));
  const choices = dimensions.filter((d) => !wave.includes(d));
  const others = choices.length > 2 ? choices.slice(1) : [];
  const more = others.length ? moreFilters(others.map((d) => d.element)) : null;
  const compare = compareBy(views, (id) => {
    selection.by = id;
    changed();
  });
  // Use aria-disabled: a disabled button would lose focus and send keyboard users to the top of the page.
  const atRest = () => clear.getAttribute("aria-disabled") === "true";
  const clear = el("button", { type: "button", class: "plain", onclick: () => atRest() || reset() }, say("browser.reset"));
  const choosing = [
    views.populations.length > 1 ? who.element : null,
    ...[...wave, ...choices.filter((d) => !others.includes(d))].map((d) => d.element),
    compare?.element,
    more,
  ].filter(Boolean);
  const controls = [
    ...choosing,
    el("span", { class: "acting" }, clear, extra),
  ];
  const chosen = el("span", { class: "selected" });
  const sheet = el("details", { class: "sheet" }, el("summary", {}, say("browser.filters"), " ", chosen), el("div", { class: "filters" }, controls));
  const element = el(
    "form",
    { id: "filters", class: "filters", "aria-label": say("browser.filters"), onsubmit: (event) => event.preventDefault() },
    sheet,
  );
  // A phone shows the controls when asked to; a wider screen shows them always, without a summary to close them.
  const wide = window.matchMedia("(min-width: 700px)");
  const open = () => { sheet.open = true; };
  wide.addEventListener("change", () => wide.matches && open());
  if (wide.matches) open();

  /** Show the selection in the form, and `words` for it beside the button of a phone. */
  function show(isDefault, words) {
    chosen.textContent = isDefault ? "" : words;
    who.show(selection.who, false);
    for (const { dimension, show: showGroup } of dimensions) {
      showGroup(selection.bands[dimension.id], dimension.id === selection.by);
    }
    compare?.show(selection.by);
    const narrowed = ({ dimension: { id, bands } }) => selection.bands[id].size < bands.length;
    if (more && others.some(narrowed)) more.open = true;
    clear.setAttribute("aria-disabled", String(isDefault));
  }
  const top = dimensions.filter(({ dimension }) => !others.some((d) => d.dimension === dimension));
  const foldable = [who, ...top].filter((each) => each.fit);
  /** Show of each group of boxes what has room on a line: more would push the charts down the page. */
  function fit() {
    if (wide.matches) for (const each of foldable) each.fit(sheet.lastChild);
  }
  /** Pixels that filters take which are folded away at first: they scroll in a bar that stays. */
  const folded = () => (more?.open ? more.offsetHeight - more.firstChild.offsetHeight : 0);
  return { element, empty: choosing.length === 0, show, open, fit, folded };
}

function moreFilters(elements) {
  return el(
    "details",
    { class: "further" },
    el("summary", {}, say("browser.more_filters", { n: elements.length })),
    el("div", { class: "filters" }, elements),
  );
}

function toggle(set, id, on) {
  if (on) set.add(id);
  else set.delete(id);
}

/** Checkboxes under one heading; disabled while their dimension is compared. */
function group(label, options, chosen) {
  const boxes = options.map((option) => {
    const input = el("input", {
      type: "checkbox",
      value: option.id,
      onchange: (event) => chosen(option.id, event.target.checked),
    });
    return { id: option.id, input, element: el("label", { class: "chip" }, input, option.label) };
  });
  const resting = el("span", { class: "resting", hidden: true }, say("browser.all"));
  const element = el(
    "fieldset",
    {},
    el("legend", {}, label, resting),
    el("div", { class: "chips" }, boxes.map((box) => box.element)),
  );
  const chips = element.lastChild;
  const more = el("button", { type: "button", class: "plain", onclick: () => {
    const first = boxes.find((box) => box.element.hidden);
    unfold();
    first.input.focus();
  } });
  let unfolded = false;
  let width = 0;

  function unfold() {
    unfolded = true;
    more.remove();
    for (const box of boxes) box.element.hidden = false;
  }

  /** Fold away the boxes that have no room on a line: beside the other controls of a form, else on one of their own. */
  function fit(form) {
    if (unfolded || width === form.clientWidth) return;
    width = form.clientWidth;
    for (const box of boxes) box.element.hidden = false;
    more.remove();
    if (boxes.at(-1).element.offsetTop === boxes[0].element.offsetTop) return;
    more.textContent = say("browser.more_bands", { n: boxes.length - 1 });
    chips.append(more);
    const own = more.offsetWidth + GAP;
    const others = [...form.children].filter((each) => each !== element).reduce((sum, each) => sum + each.offsetWidth + APART, 0);
    const room = Math.max(width - others, width * LEAST) - own;
    let taken = 0;
    const kept = boxes.filter((box) => (taken += box.element.offsetWidth + GAP) <= room).length || 1;
    for (const box of boxes.slice(kept)) box.element.hidden = true;
    more.textContent = say("browser.more_bands", { n: boxes.length - kept });
    if (boxes.some((box) => box.element.hidden && !box.input.checked)) unfold();
  }

  const show = (set, compared) => {
    element.disabled = compared;
    resting.hidden = !compared;
    for (const box of boxes) box.input.checked = compared || set.has(box.id);
    if (boxes.some((box) => box.element.hidden && !box.input.checked)) unfold();
  };
  return { element, show, fit };
}

const [GAP, APART, LEAST] = [6, 22, 0.4]; // pixels between boxes, and between controls; the least part of a line

/** Radio buttons: one wave, or all together. */
function waves({ id: name, label, bands }, chosen) {
  const all = bands.map(({ id }) => id);
  const choices = [...bands.map(({ id, label: words }) => ({ ids: [id], words })), { ids: all, words: say("browser.All_waves") }];
  const buttons = choices.map(({ ids, words }) => {
    const input = el("input", { type: "radio", name: `wave-${name}`, onchange: () => chosen(ids) });
    return { ids, input, element: el("label", { class: "chip" }, input, words) };
  });
  const resting = el("span", { class: "resting", hidden: true }, say("browser.side_by_side"));
  const element = el(
    "fieldset",
    {},
    el("legend", {}, label, resting),
    el("div", { class: "chips" }, buttons.map((button) => button.element)),
  );
  const show = (set, compared) => {
    element.disabled = compared;
    resting.hidden = !compared;
    for (const { ids, input } of buttons) {
      input.checked = !compared && ids.length === set.size && ids.every((id) => set.has(id));
    }
  };
  return { element, show };
}

function compareBy(views, chosen) {
  const dimensions = comparable(views);
  if (dimensions.length === 0) return null;
  const select = el(
    "select",
    { id: "compare-by", onchange: (event) => chosen(event.target.value) },
    el("option", { value: "" }, say("browser.no_comparison")),
    dimensions.map((d) => el("option", { value: d.id }, d.label)),
  );
  const element = el(
    "div",
    { class: "compare" },
    el("label", { for: "compare-by" }, say("browser.compare_by")),
    select,
  );
  return { element, show: (id) => { select.value = id; } };
}
