/** The context that every copied or downloaded number carries: question, base, filters, data. */

import { provenanceOf } from "./lookup.js";
import { say } from "./words.js";

export const surveyOf = ({ survey }) => [survey.title, survey.wave].filter(Boolean).join(", ");

/** Base and filters in one line. */
export function baseOf(found) {
  return [found.view.base.replace(/\.$/, ""), found.others ?? found.filters].filter(Boolean).join(". ") + ".";
}

/** Column headings of a view's table. */
export const columnsOf = (question, found) => question.columns[found.view.figure ?? found.by];

/** What a reader of a file needs to know, as pairs of heading and text. */
export function about(views, question, found) {
  const { view } = found;
  const { fingerprint, intervals } = views.provenance;
  const pairs = [
    [say("browser.survey"), surveyOf(views)],
    [say("browser.question"), question.title],
    [say("browser.wording"), question.wording],
    [say("browser.asked"), question.asked],
    [say("browser.filters"), found.filters || say("browser.filters_none")],
    ...[...found.notes, ...(view.caveats ?? [])].map((words) => [say("browser.note"), words]),
    [say("browser.base"), view.base],
    [say("browser.in_words"), view.sentence],
    [say("browser.method"), question.method],
    [say("browser.ranges"), intervals],
    [say("browser.source_heading"), question.source],
    [say("browser.provenance"), provenanceOf(views)],
    [say("browser.version_heading"), fingerprint],
    [say("browser.edition_heading"), views.edition],
    [say("browser.address"), views.link?.(`q-${question.id}`)],
  ];
  return pairs.filter(([, words]) => words);
}
