/**
 * Everything on a page in one workbook, as the UK government's guidance on accessible spreadsheets asks:
 * cover, contents and notes, then one table a sheet, marked up as one; no merged or empty cells, filters
 * or frozen panes.
 */

import { columnsOf, surveyOf } from "./context.js";
import { told } from "./copying.js";
import { canWrite, fileButton, fileName, spreadsheets } from "./files.js";
import { kindOf, provenanceOf } from "./lookup.js";
import { notesOf } from "./notes.js";
import { el } from "./text.js";
import { say } from "./words.js";

const MARKS = { "[c]": "table.hidden", "[z]": "table.not_asked" };

/** A button for the workbook of a page, and what became of it; null where no workbook can be made. */
export function workbookButton(views, cards, summary) {
  if (!canWrite()) return null;
  const { element, tell } = told();
  const make = async () => {
    const { several } = await spreadsheets();
    const title = `${views.title}. ${surveyOf(views)}`;
    return several(sheets(views, cards, summary(), title), { title, language: document.documentElement.lang });
  };
  const name = () => `${fileName(views.page, summary())}.xlsx`;
  const button = fileButton("XLSX", say("browser.everything"), name, make, tell);
  return el("span", { class: "files everything" }, button, element);
}

function sheets(views, cards, filters, title) {
  const numbered = [...new Set(cards.flatMap(({ question, found }) => notesOf(question, found()?.view)))];
  const tables = [...cards.flatMap((each) => questionTable(views, each, numbered)), ...printedTables(views, cards)].map((table, i) => ({
    ...table,
    name: say("browser.table_number", { n: i + 1 }),
  }));
  const [cover, contents, notes] = ["cover", "contents", "notes_sheet"].map((part) => say(`browser.${part}`));
  const missing = cards.filter(({ found }) => found()?.reason);
  return [
    { name: cover, width: 90, above: [title, ...about(views, filters).flat()] },
    {
      name: contents,
      above: [say("browser.contents_of", { page: views.title }), say("browser.one_table")],
      columns: [say("browser.sheet"), say("browser.holds")],
      rows: [
        [cover, say("browser.cover_holds")],
        [notes, say("browser.notes_hold")],
        ...tables.map((table) => [table.name, table.above[0]]),
        ...missing.map(({ question, found }) => [say("browser.no_table"), `${question.title}. ${found().reason}`]),
      ],
      links: [cover, notes, ...tables.map(({ name }) => name)],
    },
    {
      name: notes,
      above: [say("browser.notes_of", { page: views.title }), say("browser.one_table")],
      columns: [say("browser.note"), say("browser.note_says")],
      rows: [
        ...Object.entries(MARKS).map(([mark, key]) => [mark, say(`browser.mark_${key.split(".")[1]}`)]),
        ["[x]", say("browser.mark_none")],
        ...numbered.map((words, i) => [say("browser.note_number", { n: i + 1 }), words]),
      ],
    },
    ...tables,
  ];
}

function about(views, filters) {
  const { provenance } = views;
  return [
    [say("browser.survey"), surveyOf(views)],
    [say("browser.provenance"), provenanceOf(views)],
    [say("browser.filters"), filters || say("browser.filters_none")],
    [say("browser.ranges"), provenance.intervals],
    [say("browser.protection"), provenance.protection],
    [say("browser.version_heading"), provenance.fingerprint],
    [say("browser.edition_heading"), views.edition],
    [say("browser.address"), views.link?.()],
    [say("browser.made_on"), new Date().toLocaleDateString(document.documentElement.lang, { dateStyle: "long" })],
  ].filter(([, words]) => words);
}

/** The table of a question with what it is about; nothing if it shows none. */
function questionTable(views, { question, found }, numbered) {
  const shown = found();
  if (!shown || shown.reason) return [];
  const { view } = shown;
  const columns = columnsOf(question, shown);
  const notes = notesOf(question, view).map((words) => say("browser.note_number", { n: numbered.indexOf(words) + 1 }));
  const above = [
    [question.title, shown.filters].filter(Boolean).join(". "),
    kindOf(views),
    [question.wording, question.asked].filter(Boolean).join(" "),
    view.base,
    view.sentence,
    question.source ? say("browser.source", { source: question.source }) : "",
    ...shown.notes,
    notes.join(say("browser.between")),
  ];
  return [{
    above: above.filter(Boolean),
    columns: unlike(columns),
    rows: view.rows.map((row) => row.map(filled)),
    first: columns.indexOf(say("table.share")),
  }];
}

/** What the source prints: numbers, statements and tables. */
function printedTables(views, cards) {
  const statements = cards.flatMap(({ question }) =>
    (question.published ?? []).map(({ statement, value, note }) => [question.title, statement, filled(note ? `${value}. ${note}` : value)]),
  );
  const numbers = (views.numbers ?? []).map(({ value, words, counted, range }) => [value, words, counted, range].map(filled));
  return [
    { above: [say("browser.key_numbers")], columns: ["share", "answer_is", "counted", "range_is"].map((name) => say(`browser.head_${name}`)), rows: numbers },
    { above: [say("browser.report")], columns: ["question", "statement", "printed"].map((name) => say(`browser.head_${name}`)), rows: statements },
    ...(views.printed ?? []).map(({ title, note, columns, rows }) => ({
      above: [title, note].filter(Boolean),
      columns: unlike(columns),
      rows: rows.map((row) => row.map(filled)),
    })),
  ].filter(({ rows }) => rows.length);
}

/** A cell with something in it: a mark, which the notes explain, where there is no value. */
function filled(cell) {
  const [mark] = Object.entries(MARKS).find(([, key]) => cell === say(key)) ?? [];
  return mark ?? (["", "–", null, undefined].includes(cell) ? "[x]" : cell);
}

/** Headings that differ from one another, and are not empty, as those of a marked-up table must. */
const unlike = (columns) =>
  columns.map((name, i) => {
    const text = name || say("browser.column_number", { n: i + 1 });
    const before = columns.slice(0, i).filter((other) => other.toLowerCase() === name.toLowerCase()).length;
    return before ? `${text} ${before + 1}` : text;
  });
