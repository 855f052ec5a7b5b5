/* The page as one writes it by hand: the views are in it, what is in sight is drawn at once. */

const views = JSON.parse(document.getElementById("views").textContent);
const main = document.querySelector("main");
const CONFIG = { displayModeBar: false, responsive: true };

function add(parent, tag, text = "", properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(text);
  parent.append(element);
  return element;
}

function boxes(label, things) {
  const set = add(main, "fieldset");
  add(set, "legend", label);
  const inputs = things.map((thing) => {
    const holder = add(set, "label");
    const input = add(holder, "input", "", { type: "checkbox", checked: true, onchange: chosen });
    holder.append(thing.label);
    return { id: thing.id, input };
  });
  return () => new Set(inputs.filter(({ input }) => input.checked).map(({ id }) => id));
}

add(main, "h1", views.title);
add(main, "p", views.provenance.banner);
add(main, "p", views.headline);
const who = boxes("Respondent type", views.populations);
const bands = views.dimensions.map((d) => ({ id: d.id, ticked: boxes(d.label, d.bands) }));
const compare = add(add(main, "label", "Compare by "), "select", "", { onchange: chosen });
for (const { id, label } of [{ id: "", label: "No comparison" }, ...views.dimensions]) {
  add(compare, "option", label, { value: id });
}

function lookUp(question) {
  if (!who().has(question.population)) return { reason: "Not asked of anyone chosen." };
  const by = compare.value in question.figures ? compare.value : "";
  const parts = [];
  for (const { id, ticked } of bands) {
    const groups = question.filters[id];
    if (!groups) continue;
    const touched = groups.filter((group) => id === by || group.bands.some((band) => ticked().has(band)));
    const whole = touched.length === groups.length || (question.single_select && touched.length > 1);
    parts.push(`${id}=${whole ? "*" : touched.map((group) => group.id).join(",")}`);
  }
  const view = question.views[`${by}|${parts.join("|")}`];
  if (view?.status !== "ok") return { reason: view?.reason || "Nothing is shown for this choice." };
  return { view, name: view.figure ?? by };
}

function table(columns, rows) {
  const element = document.createElement("table");
  const head = add(element, "tr");
  for (const name of columns) add(head, "th", name, { scope: "col" });
  for (const row of rows) {
    const line = add(element, "tr");
    for (const cell of row) add(line, "td", cell);
  }
  return element;
}

class Card {
  constructor(question) {
    this.question = question;
    this.element = add(main, "section");
    add(this.element, "h3", question.title);
    add(this.element, "p", question.wording);
    add(this.element, "p", question.asked);
    this.sentence = add(add(this.element, "p"), "strong");
    this.chart = add(this.element, "div");
    this.base = add(this.element, "p");
    const folded = add(this.element, "details");
    add(folded, "summary", "Data");
    this.table = add(folded, "div");
    this.notes = add(this.element, "ul");
  }

  show() {
    const { view, name, reason } = lookUp(this.question);
    this.stale = Boolean(view);
    this.sentence.textContent = view ? view.sentence : reason;
    for (const part of [this.chart, this.base, this.table.parentElement, this.notes]) part.hidden = !view;
    if (!view) return;
    this.base.textContent = view.base;
    this.table.replaceChildren(table(this.question.columns[name], view.rows));
    this.notes.replaceChildren();
    for (const words of view.caveats) add(this.notes, "li", words);
    const figure = this.question.figures[name];
    const data = figure.data.map((trace, i) => ({ ...trace, ...view.values[i] }));
    this.figure = [data, { ...figure.layout, ...view.layout }];
    this.chart.style.height = `${figure.layout.height}px`;
  }

  draw() {
    if (!this.stale) return;
    this.stale = false;
    Plotly.react(this.chart, ...this.figure, CONFIG);
  }
}

const cards = views.questions.map((question) => new Card(question));
const sight = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((e) => e.isIntersecting)) {
    cards.find((card) => card.chart === entry.target).draw();
  }
});

function chosen() {
  for (const card of cards) card.show();
  for (const card of cards) {
    const { top, bottom } = card.chart.getBoundingClientRect();
    if (bottom > 0 && top < innerHeight) card.draw();
  }
}

chosen();
for (const card of cards) sight.observe(card.chart);
