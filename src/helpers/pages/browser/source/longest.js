/** Charts of very many answers draw the most common, until the reader asks for all. */

const MOST = 25; // answers that a chart draws at first
const KEPT = 15; // of more than these

const made = new WeakMap();

/** How many answers a chart has that are sorted by size, and how many of them it draws at first; null if it draws all. */
export function cut(question, by, view) {
  const all = orderOf(question, by, view).length;
  return all > MOST ? { all, drawn: KEPT } : null;
}

/** The view with its most common answers only. */
export function shortened(question, by, view) {
  if (!cut(question, by, view)) return view;
  if (!made.has(view)) made.set(view, common(question.figures[view.figure ?? by], view));
  return made.get(view);
}

const orderOf = (question, by, view) => question.figures[view.figure ?? by].layout.yaxis?.categoryarray ?? [];

function common({ data, layout }, view) {
  const order = layout.yaxis.categoryarray;
  const kept = order.slice(0, KEPT);
  const values = data.map((trace, n) => rowsOf({ y: trace.y, ...view.values[n] }, trace.y.map((place) => kept.includes(place))));
  const { t = 0, b = 0 } = layout.margin;
  const row = (layout.height - t - b) / order.length;
  const yaxis = { ...layout.yaxis, categoryarray: kept, autorange: false, range: [KEPT - 0.5, -0.5] };
  return { ...view, values, layout: { ...view.layout, height: layout.height - row * (order.length - KEPT), yaxis } };
}

/** Those rows of a trace, in each of its lists. */
export function rowsOf(part, wanted) {
  const each = ([name, value]) => {
    if (Array.isArray(value)) return [name, value.length === wanted.length ? value.filter((_, i) => wanted[i]) : value];
    return [name, value && typeof value === "object" ? rowsOf(value, wanted) : value];
  };
  return Object.fromEntries(Object.entries(part).map(each));
}
