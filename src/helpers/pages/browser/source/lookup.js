/** Find the prepared view of a question for a selection, and say how it differs from what was chosen. */

import { comparedBy, inForce, isWave } from "./selection.js";
import { capital, lower } from "./text.js";
import { either, listed, say } from "./words.js";

/** The kind of data, in words: simulated, public or private. */
export const kindOf = ({ provenance: { kind } }) =>
  say(["illustrative", "public", "private"].includes(kind) ? `kind.${kind}` : "kind.unknown");

/** The kind of data and the banner, without repeating a kind that begins the banner. */
export function provenanceOf(views) {
  const { banner } = views.provenance;
  return banner.startsWith(kindOf(views)) ? banner : `${kindOf(views)}. ${banner}`;
}

/** The reason why a dimension is not offered; empty if none is given. */
export const whyNot = ({ not_offered: reasons = {} }, { id, label }) => reasons[id] ?? reasons[label] ?? "";

/** The waves that asked a question. */
const asked = (question, wave) => wave.bands.filter(({ id }) => question.waves.includes(id));

const labels = (things) => things.map((thing) => thing.label);

const ofDimension = ({ label }, groups) =>
  say("browser.of_dimension", { dimension: lower(label), groups: listed(labels(groups)) });

/**
 * Find the view of a question.
 *
 * Returns `{ view, by, whole, everyone, notes, differing, differs, filters, others }`, or `{ reason, short, notes, filters }` if
 * there is nothing to draw. `whole` is the view without its comparison, `everyone` whether no filter is set, `notes`
 * say how the view differs from what was chosen (`differing`, and in a few words `differs`) and what is hidden; `filters` is what it shows, and `others`
 * leaves out the wave.
 */
export function lookUp(views, question, selection) {
  const reason = refusal(views, question, selection);
  if (reason) return { ...reason, notes: [], filters: "" };
  const by = comparedBy(question, selection.by) ? selection.by : "";
  const notes = [];
  const differs = [];
  const differ = (how, dimension, words) => {
    notes.push(words);
    differs.push(say(`browser.${how}`, { dimension: lower(dimension.label) }));
  };
  if (selection.by && !by) {
    const dimension = views.dimensions.find(({ id }) => id === selection.by);
    differ("not_compared", dimension, notCompared(question, dimension));
  }
  const key = [];
  const filters = [];
  let everyone = true; // of the wave that pages open with
  let ofWave = ""; // already named in the base of a view
  for (const dimension of views.dimensions) {
    const groups = question.filters[dimension.id];
    const bands = inForce(dimension, selection);
    if (!groups && isWave(views, dimension)) {
      if (bands.length < dimension.bands.length && !question.waves) differ("unfiltered_by", dimension, notFiltered(question, dimension));
      ofWave = question.waves ? listed(labels(asked(question, dimension))) : say("browser.all_waves");
      filters.push(ofWave);
      continue;
    }
    if (!groups) {
      if (bands.length < dimension.bands.length) differ("unfiltered_by", dimension, notFiltered(question, dimension));
      continue;
    }
    const cover = covering(groups, bands, question.single_select || isWave(views, dimension));
    if (cover.length === 0) {
      const none = say("browser.no_group", { dimension: dimension.label, groups: either(labels(bands)) });
      return { reason: none, notes, filters: "" };
    }
    const whole = cover.length === groups.length;
    const opening = isWave(views, dimension) && dimension.id !== by;
    const latest = cover.length === 1 && cover[0].bands.includes(views.wave?.latest);
    everyone &&= opening ? latest : whole;
    key.push(`${dimension.id}=${whole ? "*" : cover.map((group) => group.id).join(",")}`);
    if (dimension.id === by) filters.push(say("browser.compared_by", { dimension: lower(dimension.label) }));
    else if (!whole) filters.push(ofDimension(dimension, cover));
    else if (isWave(views, dimension)) filters.push(say("browser.all_waves"));
    if (isWave(views, dimension) && dimension.id !== by) ofWave = filters.at(-1);
    const more = wider(question, dimension, bands, cover, whole);
    if (more) differ("wider_by", dimension, more);
  }
  const view = question.views[`${by}|${key.join("|")}`];
  const others = filters.filter((words) => words !== ofWave);
  const said = { notes, filters: capital(filters.join("; ")), others: capital(others.join("; ")) };
  if (!view) return { reason: question.limit || say("browser.not_released"), ...said };
  if (view.status !== "ok") {
    return { reason: view.reason || say("browser.not_shown"), view, by, ...said };
  }
  said.notes = [...notes, ...(view.hidden ?? [])];
  return { view, differing: notes, by, whole: question.views[`|${key.join("|")}`], everyone, differs, ...said };
}

/** Why a question has nothing to show: not asked of those selected, nothing selected, or not available. */
function refusal(views, question, selection) {
  if (!selection.who.has(question.population)) {
    const chosen = views.populations.filter((p) => selection.who.has(p.id));
    const asked = views.populations.find((p) => p.id === question.population);
    if (chosen.length === 0) return { reason: say("browser.no_type_chosen"), short: true };
    const people = either(chosen.map((p) => lower(p.label)));
    return { reason: say("browser.not_asked_of", { people, others: lower(asked.label) }), short: true, others: true };
  }
  const wave = views.dimensions.find((d) => isWave(views, d));
  if (wave && question.waves && !inForce(wave, selection).some(({ id }) => question.waves.includes(id))) {
    const chosen = inForce(wave, selection);
    const others = listed(labels(asked(question, wave)));
    if (chosen.length) return { reason: say("browser.not_asked_in", { waves: either(labels(chosen)), others }), short: true };
  }
  if (question.unavailable) return { reason: question.unavailable };
  const empty = views.dimensions.filter((d) => inForce(d, selection).length === 0);
  if (empty.length === 0) return null;
  const dimensions = listed(empty.map((d) => say("browser.quoted", { text: d.label })));
  return { reason: say("browser.nothing_chosen", { dimensions }) };
}

/** The groups that hold the chosen bands; all groups if the question has no view for several. */
function covering(groups, bands, single) {
  const chosen = new Set(bands.map((band) => band.id));
  const touched = groups.filter((group) => group.bands.some((band) => chosen.has(band)));
  return single && touched.length > 1 ? groups : touched;
}

/** A note if a question shows more people than were chosen. */
function wider(question, dimension, bands, cover, whole) {
  const chosen = new Set(bands.map((band) => band.id));
  if (bands.length === dimension.bands.length) return "";
  if (cover.every((group) => group.bands.every((band) => chosen.has(band)))) return "";
  const name = { dimension: dimension.label };
  if (!whole) return say("browser.wider", { ...name, groups: listed(labels(cover)), chosen: listed(labels(bands)) });
  return question.single_select ? say("browser.wider_single", name) : say("browser.wider_all", name);
}

function notFiltered(question, dimension) {
  const said = say("browser.not_filtered", { dimension: lower(dimension.label) });
  return [said, whyNot(question, dimension)].filter(Boolean).join(" ");
}

function notCompared(question, dimension) {
  const said = say("browser.not_compared", { dimension: lower(dimension.label) });
  return [said, whyNot(question, dimension)].filter(Boolean).join(" ");
}

/** The selected wave in words, for a title; empty if the survey has one wave. */
export function waveOf(views, selection) {
  const wave = views.dimensions.find((d) => isWave(views, d));
  if (!wave) return "";
  const bands = inForce(wave, selection);
  if (wave.id === selection.by) return say("browser.compared_by", { dimension: lower(wave.label) });
  return bands.length === wave.bands.length ? say("browser.all_waves") : listed(labels(bands));
}

/** The selection in one sentence, for the top of the page. */
export function inWords(views, selection) {
  const chosen = views.populations.filter((p) => selection.who.has(p.id));
  const all = chosen.length === views.populations.length;
  const [first, ...others] = views.populations;
  const everybody = () => (others.length ? say("browser.all_types") : say("browser.all_people", { people: lower(first.label) }));
  const who = all ? everybody() : listed(chosen.map((p) => lower(p.label)));
  const parts = [chosen.length ? who : say("browser.no_type")];
  for (const d of views.dimensions) {
    const bands = inForce(d, selection);
    if (d.id === selection.by) parts.push(say("browser.compared_by", { dimension: lower(d.label) }));
    else if (bands.length === 0) parts.push(say("browser.none_chosen", { dimension: lower(d.label) }));
    else if (isWave(views, d) && bands.length === d.bands.length) parts.push(say("browser.all_waves"));
    else if (bands.length < d.bands.length) parts.push(ofDimension(d, bands));
  }
  return say("browser.showing", { what: parts.join("; ") });
}
