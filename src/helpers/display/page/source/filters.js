/** The form in which a reader chooses. */

import { comparable } from "./selection.js";
import { el } from "./text.js";

/** Build the form. `changed` is called with nothing once `selection` has been changed in place. */
export function filterForm(views, selection, changed, reset) {
  const who = group("Respondent type", views.populations, (id, on) => {
    toggle(selection.who, id, on);
    changed();
  });
  const dimensions = views.dimensions.map((dimension) => ({
    dimension,
    ...group(dimension.label, dimension.bands, (id, on) => {
      toggle(selection.bands[dimension.id], id, on);
      changed();
    }),
  }));
  const compare = compareBy(views, (id) => {
    selection.by = id;
    changed();
  });
  // At rest it keeps the focus: disabled, it would drop a keyboard's reader at the top of the page.
  const atRest = () => clear.getAttribute("aria-disabled") === "true";
  const clear = el("button", { type: "button", class: "plain", onclick: () => atRest() || reset() }, "Reset filters");
  const element = el(
    "form",
    { id: "filters", class: "filters", "aria-label": "Filters", onsubmit: (event) => event.preventDefault() },
    views.populations.length > 1 ? who.element : null,
    dimensions.map((d) => d.element),
    compare?.element,
    clear,
  );

  /** Show the selection in the form. */
  function show(isDefault) {
    who.show(selection.who, false);
    for (const { dimension, show: showGroup } of dimensions) {
      showGroup(selection.bands[dimension.id], dimension.id === selection.by);
    }
    compare?.show(selection.by);
    clear.setAttribute("aria-disabled", String(isDefault));
  }
  return { element, show };
}

function toggle(set, id, on) {
  if (on) set.add(id);
  else set.delete(id);
}

/** Checkboxes under one heading. While a dimension is compared, its boxes are at rest. */
function group(label, options, chosen) {
  const boxes = options.map((option) => {
    const input = el("input", {
      type: "checkbox",
      value: option.id,
      onchange: (event) => chosen(option.id, event.target.checked),
    });
    return { id: option.id, input, element: el("label", { class: "chip" }, input, option.label) };
  });
  const resting = el("span", { class: "resting", hidden: true }, " (all)");
  const element = el(
    "fieldset",
    {},
    el("legend", {}, label, resting),
    el("div", { class: "chips" }, boxes.map((box) => box.element)),
  );
  const show = (set, compared) => {
    element.disabled = compared;
    resting.hidden = !compared;
    for (const box of boxes) box.input.checked = compared || set.has(box.id);
  };
  return { element, show };
}

function compareBy(views, chosen) {
  const dimensions = comparable(views);
  if (dimensions.length === 0) return null;
  const select = el(
    "select",
    { id: "compare-by", onchange: (event) => chosen(event.target.value) },
    el("option", { value: "" }, "No comparison"),
    dimensions.map((d) => el("option", { value: d.id }, d.label)),
  );
  const element = el(
    "div",
    { class: "compare" },
    el("label", { for: "compare-by" }, "Compare by"),
    select,
  );
  return { element, show: (id) => { select.value = id; } };
}
