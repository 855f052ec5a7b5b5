/** What must stand beside a number wherever it goes: question, base, filters, data. */

import { provenanceOf } from "./lookup.js";

export const surveyOf = ({ survey }) => [survey.title, survey.wave].filter(Boolean).join(", ");

/** Base and filters of what is shown, in one line. */
export function baseOf(found) {
  return [found.view.base.replace(/\.$/, ""), found.others ?? found.filters].filter(Boolean).join(". ") + ".";
}

/** Headings of the table of a view. */
export const columnsOf = (question, found) => question.columns[found.view.figure ?? found.by];

/** Everything a reader of a file must know, as pairs of heading and words. */
export function about(views, question, found) {
  const { view } = found;
  const { fingerprint, intervals } = views.provenance;
  const pairs = [
    ["Survey", surveyOf(views)],
    ["Question", question.title],
    ["Wording", question.wording],
    ["Asked", question.asked],
    ["Filters", found.filters || "none"],
    ...found.notes.map((words) => ["Note", words]),
    ["Base", view.base],
    ["In words", view.sentence],
    ...(view.caveats ?? []).map((words) => ["Caveat", words]),
    ["Method", question.method],
    ["Intervals", intervals],
    ["Source", question.source],
    ["Provenance", provenanceOf(views)],
    ["Data fingerprint", fingerprint],
    ["Edition", views.edition],
    ["Address", views.link?.(`q-${question.id}`)],
  ];
  return pairs.filter(([, words]) => words);
}
