/** Which ready-made view of a question answers a selection, and what to say about it. */

import { comparedBy, inForce, isWave } from "./selection.js";
import { capital, listed, lower } from "./text.js";

const KINDS = { illustrative: "Illustrative data", public: "Public data", private: "Private data" };

/** What kind of data a page shows: in words on the page and in every file it gives. */
export const kindOf = (views) => KINDS[views.provenance.kind] ?? "Data of unknown kind";

/** The kind and the sentence of the banner, which may begin with the kind itself. */
export function provenanceOf(views) {
  const { banner } = views.provenance;
  return banner.startsWith(kindOf(views)) ? banner : `${kindOf(views)}. ${banner}`;
}

/** Why a dimension is not offered, in words; empty where nothing is said. */
export const whyNot = ({ not_offered: reasons = {} }, { id, label }) => reasons[id] ?? reasons[label] ?? "";

const TOGETHER = "all waves together";

/** The waves that asked a question. */
const asked = (question, wave) => wave.bands.filter(({ id }) => question.waves.includes(id));

const labels = (things) => things.map((thing) => thing.label);

/**
 * Find the view of a question.
 *
 * Returns `{ view, by, notes, filters }`, or `{ reason, short, notes, filters }` in words where
 * there is nothing to draw. `notes` say where the view differs from what was chosen; `filters`
 * says what it shows.
 */
export function lookUp(views, question, selection) {
  const reason = refusal(views, question, selection);
  if (reason) return { ...reason, notes: [], filters: "" };
  const by = comparedBy(question, selection.by) ? selection.by : "";
  const notes = [];
  if (selection.by && !by) notes.push(notCompared(views, question, selection.by));
  const key = [];
  const filters = [];
  let ofWave = ""; // the base of a view names its wave itself
  for (const dimension of views.dimensions) {
    const groups = question.filters[dimension.id];
    const bands = inForce(dimension, selection);
    if (!groups && isWave(views, dimension)) {
      if (bands.length < dimension.bands.length && !question.waves) notes.push(notFiltered(question, dimension));
      ofWave = question.waves ? listed(labels(asked(question, dimension))) : TOGETHER;
      filters.push(ofWave);
      continue;
    }
    if (!groups) {
      if (bands.length < dimension.bands.length) notes.push(notFiltered(question, dimension));
      continue;
    }
    const cover = covering(groups, bands, question.single_select || isWave(views, dimension));
    if (cover.length === 0) {
      const none = `${dimension.label}: no group on offer here holds ${listed(labels(bands), "or")}.`;
      return { reason: none, notes, filters: "" };
    }
    const whole = cover.length === groups.length;
    key.push(`${dimension.id}=${whole ? "*" : cover.map((group) => group.id).join(",")}`);
    if (dimension.id === by) filters.push(`compared by ${lower(dimension.label)}`);
    else if (!whole) filters.push(`${lower(dimension.label)}: ${listed(labels(cover))}`);
    else if (isWave(views, dimension)) filters.push(TOGETHER);
    if (isWave(views, dimension) && dimension.id !== by) ofWave = filters.at(-1);
    const more = wider(question, dimension, bands, cover, whole);
    if (more) notes.push(more);
  }
  const view = question.views[`${by}|${key.join("|")}`];
  const others = filters.filter((words) => words !== ofWave);
  const said = { notes, filters: capital(filters.join("; ")), others: capital(others.join("; ")) };
  if (!view) return { reason: question.limit || "This combination is not part of the release.", ...said };
  if (view.status !== "ok") {
    return { reason: view.reason || "This view cannot be shown.", view, by, ...said };
  }
  notes.push(...(view.hidden ?? []));
  return { view, by, ...said };
}

/** Why nothing is asked of this question: another respondent type, or nothing chosen. */
function refusal(views, question, selection) {
  if (!selection.who.has(question.population)) {
    const chosen = views.populations.filter((p) => selection.who.has(p.id));
    const asked = views.populations.find((p) => p.id === question.population);
    if (chosen.length === 0) return { reason: "No respondent type is chosen. Choose at least one.", short: true };
    const not = listed(chosen.map((p) => lower(p.label)), "or");
    return { reason: `Not asked of ${not}. Asked of ${lower(asked.label)}.`, short: true, others: true };
  }
  const wave = views.dimensions.find((d) => isWave(views, d));
  if (wave && question.waves && !inForce(wave, selection).some(({ id }) => question.waves.includes(id))) {
    const chosen = inForce(wave, selection);
    const there = listed(labels(asked(question, wave)));
    if (chosen.length) return { reason: `Not asked in ${listed(labels(chosen), "or")}. Asked in ${there}.`, short: true };
  }
  if (question.unavailable) return { reason: question.unavailable };
  const empty = views.dimensions.filter((d) => inForce(d, selection).length === 0);
  if (empty.length === 0) return null;
  const where = listed(empty.map((d) => `“${d.label}”`));
  return { reason: `Nothing is chosen under ${where}, so there is nobody to show. Choose at least one.` };
}

/** The groups that hold the chosen bands: all groups where the view would not exist otherwise. */
function covering(groups, bands, single) {
  const chosen = new Set(bands.map((band) => band.id));
  const touched = groups.filter((group) => group.bands.some((band) => chosen.has(band)));
  return single && touched.length > 1 ? groups : touched;
}

/** What to say when a question shows more people than were chosen. */
function wider(question, dimension, bands, cover, whole) {
  const chosen = new Set(bands.map((band) => band.id));
  if (bands.length === dimension.bands.length) return "";
  if (cover.every((group) => group.bands.every((band) => chosen.has(band)))) return "";
  const name = `Wider than chosen (${dimension.label})`;
  if (!whole) {
    return `${name}: ${listed(labels(cover))} is shown, the smallest group on offer that holds ${listed(labels(bands))}.`;
  }
  const how = question.single_select ? "for one group at a time or for all" : "for wider groups only";
  return `${name}: this question is shown ${how}, so everyone who answered is shown.`;
}

function notFiltered(question, dimension) {
  const why = whyNot(question, dimension);
  return `Not filtered by ${lower(dimension.label)}: everyone who answered is shown.${why ? ` ${why}` : ""}`;
}

function notCompared(views, question, id) {
  const dimension = views.dimensions.find((d) => d.id === id);
  const why = whyNot(question, dimension);
  return `Not compared by ${lower(dimension.label)}.${why ? ` ${why}` : ""}`;
}

/** The wave that is shown, as it stands beside a title; empty where there is one alone. */
export function waveOf(views, selection) {
  const wave = views.dimensions.find((d) => isWave(views, d));
  if (!wave) return "";
  const bands = inForce(wave, selection);
  if (wave.id === selection.by) return `compared by ${lower(wave.label)}`;
  return bands.length === wave.bands.length ? TOGETHER : listed(labels(bands));
}

/** The selection in one sentence, for the summary above the questions. */
export function inWords(views, selection) {
  const chosen = views.populations.filter((p) => selection.who.has(p.id));
  const all = chosen.length === views.populations.length;
  const who = all ? "all respondent types" : listed(chosen.map((p) => lower(p.label)));
  const parts = [chosen.length ? who : "no respondent type"];
  for (const d of views.dimensions) {
    const bands = inForce(d, selection);
    if (d.id === selection.by) parts.push(`compared by ${lower(d.label)}`);
    else if (bands.length === 0) parts.push(`${lower(d.label)}: none chosen`);
    else if (isWave(views, d) && bands.length === d.bands.length) parts.push(TOGETHER);
    else if (bands.length < d.bands.length) parts.push(`${lower(d.label)}: ${listed(labels(bands))}`);
  }
  return `Showing ${parts.join("; ")}.`;
}
