/** What the reader has chosen, and how that stands in the address of the page. */

const WHO = "respondent-type";
const BY = "compare-by";
const EDITION = "edition";
const OF_OTHERS = /^(utm_|mc_|[a-z]*clid$|_g[al]$|ref$)/; // what newsletters and search engines add

const ids = (things) => things.map((thing) => thing.id);

/** What a page opens with: everybody, of the latest wave alone where there are several. */
export function everything(views) {
  return {
    who: new Set(ids(views.populations)),
    bands: Object.fromEntries(views.dimensions.map((d) => [d.id, new Set(opening(views, d))])),
    by: "",
  };
}

/** Whether a dimension tells waves apart: of those one is shown, unless all are chosen together. */
export const isWave = (views, { id }) => views.wave?.id === id;

const opening = (views, dimension) =>
  isWave(views, dimension) ? [views.wave.latest] : ids(dimension.bands);

/** Whether some view of a question compares the groups of a dimension. */
export const comparedBy = (question, id) => Object.keys(question.figures).some((name) => name.split("~")[0] === id);

/** The dimensions that at least one question can be compared by. */
export function comparable(views) {
  return views.dimensions.filter((d) => views.questions.some((q) => comparedBy(q, d.id)));
}

/** Bands in force for a dimension: all of them while they are compared with one another. */
export function inForce(dimension, selection) {
  const chosen = selection.bands[dimension.id];
  return dimension.bands.filter((band) => dimension.id === selection.by || chosen.has(band.id));
}

/**
 * Read a query string. Returns the selection, in words what the page does not know, and whether the
 * address was made when the page held something else.
 */
export function read(views, search) {
  const selection = everything(views);
  const unknown = [];
  let changed = false;
  const known = (value, things) => {
    const found = value.split(",").filter((id) => id !== "");
    const allowed = new Set(ids(things));
    unknown.push(...found.filter((id) => !allowed.has(id)));
    return new Set(found.filter((id) => allowed.has(id)));
  };
  for (const [name, value] of new URLSearchParams(search)) {
    const dimension = views.dimensions.find((d) => d.id === name);
    if (name === EDITION) changed = Boolean(views.edition) && value !== views.edition;
    else if (name === WHO) selection.who = orAll(known(value, views.populations), value, selection.who);
    else if (name === BY) selection.by = [...known(value, comparable(views))][0] ?? "";
    else if (dimension) {
      const chosen = known(value, dimension.bands);
      selection.bands[name] = orAll(chosen, value, selection.bands[name]);
    } else if (!OF_OTHERS.test(name)) unknown.push(name);
  }
  return { selection, unknown: unknown.map((word) => word.slice(0, 40)), changed };
}

/** A value of which nothing is known chooses all; an empty value chooses nothing. */
function orAll(chosen, value, all) {
  return chosen.size === 0 && value !== "" ? all : chosen;
}

/** The query string of a selection; empty for the default. */
export function written(views, selection) {
  const parts = [];
  const add = (name, things, chosen, usual = ids(things)) => {
    const kept = ids(things).filter((id) => chosen.has(id));
    if (kept.join() !== usual.join()) parts.push(`${name}=${kept.join(",")}`);
  };
  add(WHO, views.populations, selection.who);
  for (const d of views.dimensions) add(d.id, d.bands, selection.bands[d.id], opening(views, d));
  if (selection.by) parts.push(`${BY}=${selection.by}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

/** The same with the edition of the page, by which a later reader learns that it has changed. */
export function dated(views, query) {
  if (!views.edition) return query;
  return `${query || "?"}${query ? "&" : ""}${EDITION}=${views.edition}`;
}
