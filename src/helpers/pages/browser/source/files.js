/** A question's downloads: tables and pictures, made in the browser. */

import { about, baseOf, columnsOf, surveyOf } from "./context.js";
import { told } from "./copying.js";
import { provenanceOf } from "./lookup.js";
import { png, svg } from "./picture.js";
import { csv } from "./table.js";
import { el, sentence } from "./text.js";
import { say } from "./words.js";

const SLOW = 300;
// What a CSV file says in every row; a workbook has it, and more, on a sheet of its own.
const EVERY_ROW = ["survey", "question", "filters", "provenance", "version_heading"];
// `currentScript` is set only while this script first runs.
const OWN = document.currentScript?.src;

/** Buttons that download what `found()` returns. If `views` has a function `file`, it makes the table files. */
export function downloads(views, question, found) {
  const { element: said, tell } = told();
  const makers = {
    csv: async () => (await views.file?.("csv")) ?? asCsv(views, question, found()),
    xlsx: async () => (await views.file?.("xlsx")) ?? asXlsx(views, question, found()),
    svg: async () => new Blob([(await drawn()).text], { type: "image/svg+xml" }),
    png: async () => png(await drawn()),
  };
  const drawn = () => svg(question, found(), captions(views, question, found()));

  const button = (ending) => {
    const kind = ending.toUpperCase();
    const label = say("browser.download_of", { kind, question: question.title });
    return fileButton(kind, kind, () => `${fileName(question.id, found().filters)}.${ending}`, makers[ending], tell, label);
  };
  const names = Object.keys(makers).filter((ending) => ending !== "xlsx" || views.file || canWrite());
  const element = el(
    "p",
    { class: "files" },
    el("span", { "aria-hidden": "true" }, say("browser.download")),
    names.map(button),
    said,
  );
  return { element, quiet: () => tell() };
}

/** A button that makes a file of a `kind`, saves it under `name()`, and tells what became of it. */
export function fileButton(kind, words, name, make, tell, label = null) {
  async function give({ currentTarget: button }) {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => tell(say("browser.preparing", { kind })), SLOW);
    try {
      const called = name();
      save(called, await make());
      clearTimeout(slow);
      tell(say("browser.made", { name: called }));
    } catch (problem) {
      clearTimeout(slow);
      tell(problem instanceof Unreachable ? problem.message : say("browser.not_made", { kind }));
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
  return el("button", { type: "button", class: "plain", "aria-label": label, onclick: give }, words);
}

/** A file name of what a file is about and filters, so that different selections get different names. */
export function fileName(id, filters) {
  const chosen = filters.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 80);
  return [id, chosen].filter(Boolean).join("-");
}

function save(name, blob) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function asCsv(views, question, found) {
  const kept = EVERY_ROW.map((name) => say(`browser.${name}`));
  const told = about(views, question, found).filter(([heading]) => kept.includes(heading));
  const text = csv(told, columnsOf(question, found), found.view.rows);
  return new Blob([text], { type: "text/csv;charset=utf-8" });
}

async function asXlsx(views, question, found) {
  const { single: write } = await spreadsheets();
  const sheets = [say("browser.about_sheet"), say("browser.table_sheet")];
  const columns = columnsOf(question, found);
  return write(about(views, question, found), columns, found.view.rows, sheets, columns.indexOf(say("table.share")));
}

class Unreachable extends Error {}

/** Whether the script that writes XLSX is here, or can be fetched. */
export const canWrite = () => Boolean(OWN || globalThis.insightsSpreadsheet);

/** The script that writes XLSX, loaded at first use; its address includes its version. */
export function spreadsheets() {
  if (globalThis.insightsSpreadsheet) return globalThis.insightsSpreadsheet;
  return new Promise((resolve, reject) => {
    const script = el("script", { src: new URL(`xlsx.js?v=${XLSX_VERSION}`, OWN).href });
    script.addEventListener("load", () => resolve(globalThis.insightsSpreadsheet));
    script.addEventListener("error", () => {
      script.remove();
      reject(new Unreachable(say("browser.not_fetched")));
    });
    document.head.append(script);
  });
}

/** Text above and below the chart in a picture. */
function captions(views, question, found) {
  const source = question.source ? say("browser.source", { source: question.source }) : "";
  const data = say("browser.picture_version", { version: views.provenance.fingerprint });
  const asked = [question.title, question.wording].filter(Boolean).map(sentence).join(" ");
  return {
    kind: provenanceOf(views),
    heading: found.view.sentence,
    above: [asked, found.filters].filter(Boolean),
    below: [baseOf(found), ...found.notes, ...(found.view.caveats ?? []), source, `${surveyOf(views)}.`, data].filter(Boolean),
  };
}
