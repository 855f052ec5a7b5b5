/** The reader's selection, and its form in the page's address. */

const WHO = "respondent-type";
const BY = "compare-by";
const EDITION = "edition";
export const EMBED = "embed"; // names a question to show alone
const OF_OTHERS = /^(utm_|mc_|[a-z]*clid$|_g[al]$|ref$)/; // added by newsletters and search engines

const ids = (things) => things.map((thing) => thing.id);

/** The default selection: everybody, but only the latest wave. */
export function everything(views) {
  return {
    who: new Set(ids(views.populations)),
    bands: Object.fromEntries(views.dimensions.map((d) => [d.id, new Set(opening(views, d))])),
    by: "",
  };
}

/** Whether a dimension holds the waves: pages show one wave, or all together. */
export const isWave = (views, { id }) => views.wave?.id === id;

const opening = (views, dimension) =>
  isWave(views, dimension) ? [views.wave.latest] : ids(dimension.bands);

/** Whether a question has views that compare the groups of a dimension. */
export const comparedBy = (question, id) => Object.keys(question.figures).some((name) => name.split("~")[0] === id);

/** The dimensions by which at least one question can be compared. */
export function comparable(views) {
  return views.dimensions.filter((d) => views.questions.some((q) => comparedBy(q, d.id)));
}

/** The bands in use for a dimension: all of them while they are compared. */
export function inForce(dimension, selection) {
  const chosen = selection.bands[dimension.id];
  return dimension.bands.filter((band) => dimension.id === selection.by || chosen.has(band.id));
}

/**
 * Read a query string. Returns the `selection`, the `unknown` parts of the query, and whether the
 * page has `changed` since the address was made.
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
    else if (name === EMBED) continue;
    else if (name === WHO) selection.who = orAll(known(value, views.populations), value, selection.who);
    else if (name === BY) selection.by = [...known(value, comparable(views))][0] ?? "";
    else if (dimension) {
      const chosen = known(value, dimension.bands);
      selection.bands[name] = orAll(chosen, value, selection.bands[name]);
    } else if (!OF_OTHERS.test(name)) unknown.push(name);
  }
  return { selection, unknown: unknown.map((word) => word.slice(0, 40)), changed };
}

/** A value with only unknown parts selects all; an empty value selects nothing. */
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

/** Add the page's edition, so that a later reader learns that the results have changed. */
export function dated(views, query) {
  if (!views.edition) return query;
  return `${query || "?"}${query ? "&" : ""}${EDITION}=${views.edition}`;
}
