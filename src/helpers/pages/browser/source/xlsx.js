/** Writes tables as XLSX. A separate script, which pages load only at the first XLSX download. */

import writeWorkbook from "write-excel-file/universal";
import { getCellAddress, sanitizeAttributeValue, sanitizeTextContent } from "write-excel-file/utility";

const NUMBER = /^\d[\d,]*(?:\.(\d+))?(\s?%)?$/;
const POINTS = /^([+−])(\d+)$/;
const LONGEST = 32_767;
// Characters that XML cannot hold (controls, lone surrogates), and text that Excel reads as an escape for them.
const UNFIT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|\p{Cs}/gu;
const ESCAPE = /_(?=x[\da-f]{4}_)/gi;

/** A text cell: never a formula, whatever its first character. */
function words(value, style = {}) {
  const fit = String(value ?? "").replace(UNFIT, "").replace(/\r\n?/g, "\n").replace(ESCAPE, "_x005F_");
  const text = fit.slice(0, LONGEST);
  // The library uses texts as keys of a plain object, so names such as "constructor" would clash.
  return { value: text in {} ? `${text} ` : text, type: String, alignVertical: "top", ...style };
}

/** A cell in a number column; anything that is not a number, such as "hidden", stays text. */
function number(value) {
  const points = POINTS.exec(value ?? "");
  if (points) return { value: Number(points[2]) * (points[1] === "+" ? 1 : -1), type: Number, format: "+0;−0;0" };
  const found = NUMBER.exec(value ?? "");
  if (!found) return words(value, { align: "right" });
  const [text, decimals = "", percent] = found;
  const read = Number(text.replace(/[,\s%]/g, ""));
  const places = decimals ? `.${"0".repeat(decimals.length)}` : "";
  if (!percent) return { value: read, type: Number, format: `#,##0${places}` };
  return { value: Number((read / 100).toFixed(decimals.length + 2)), type: Number, format: `0${places}%` };
}

/** The sheet with the table. Columns from `first` on are numbers; labels before it stay text, even if they look like numbers. */
function tableSheet(sheet, columns, rows, first) {
  const isNumber = (i) => first >= 0 && i >= first;
  const bold = { fontWeight: "bold", wrap: true };
  const longest = (i) => Math.max(...[columns[i], ...rows.map((row) => row[i])].map((cell) => String(cell ?? "").length));
  return {
    sheet,
    data: [
      columns.map((name, i) => words(name, isNumber(i) ? { ...bold, align: "right" } : bold)),
      ...rows.map((row) => columns.map((_, i) => (isNumber(i) ? number(row[i]) : words(row[i])))),
    ],
    columns: columns.map((_, i) => ({ width: Math.min(60, Math.max(isNumber(i) ? 10 : 14, longest(i) + 2)) })),
    stickyRowsCount: 1,
  };
}

function aboutSheet(sheet, about) {
  const line = ([heading, text]) => [words(heading, { fontWeight: "bold" }), words(text, { wrap: true })];
  return { sheet, data: about.map(line), columns: [{ width: 18 }, { width: 90 }] };
}

const LINE = 16; // points

/** A row of texts that are wrapped at widths in characters, high enough for all of them. */
function wrapped(cells, widths) {
  const lines = cells.map(({ value }, i) => Math.ceil(String(value).length / (widths[i] * 1.05)) || 1);
  return cells.map((cell) => ({ wrap: true, alignVertical: "top", height: LINE * Math.max(...lines), ...cell }));
}

/** A sheet of a whole page: what it is in the first cell, then a line for each text, then the table. */
function describedSheet({ name, above, columns = [], rows = [], first = -1, width }) {
  const isNumber = (i) => first >= 0 && i >= first;
  const long = (i) => Math.max(...[columns[i], ...rows.map((row) => row[i])].map((cell) => String(cell ?? "").length));
  const widths = width ? [width] : columns.map((_, i) => Math.min(60, Math.max(i || first < 0 ? 14 : 50, long(i) + 4)));
  const bold = { fontWeight: "bold" };
  const line = (text, i) => (i === 0 ? words(text, { ...bold, fontSize: 14 }) : words(text, width && i % 2 ? bold : {}));
  return {
    sheet: name,
    data: [
      ...above.map((text, i) => (first < 0 && !width ? [line(text, i)] : wrapped([line(text, i)], widths))),
      ...(columns.length ? [wrapped(columns.map((text, i) => words(text, { ...bold, align: isNumber(i) ? "right" : "left" })), widths)] : []),
      ...rows.map((row) => wrapped(columns.map((_, i) => (isNumber(i) ? number(row[i]) : words(row[i]))), widths)),
    ],
    columns: widths.map((wide) => ({ width: wide })),
    orientation: "landscape",
  };
}

const RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const AFTER = ["printOptions", "pageMargins", "pageSetup", "headerFooter", "drawing", "tableParts"];

/** Mark up the table of each sheet as one, make links to other sheets, and give the file a title and a language. */
function marked(sheets, { title, language }) {
  const tabled = (i) => Boolean(sheets[i].columns);
  const table = ({ above, columns, rows }, i) => {
    const from = above.length;
    const place = `${getCellAddress(from, 0)}:${getCellAddress(from + rows.length, columns.length - 1)}`;
    const cells = columns.map((name, at) => `<tableColumn id="${at + 1}" name="${sanitizeAttributeValue(words(name).value)}"/>`);
    return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" id="${i + 1}" name="table_${i + 1}" displayName="table_${i + 1}" ref="${place}" totalsRowShown="0"><tableColumns count="${columns.length}">${cells.join("")}</tableColumns></table>`;
  };
  const core = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${sanitizeTextContent(title)}</dc:title><dc:language>${sanitizeTextContent(language)}</dc:language></cp:coreProperties>`;
  const links = ({ above, links = [] }) =>
    links.map((name, i) => (name ? `<hyperlink ref="${getCellAddress(above.length + 1 + i, 0)}" location="'${sanitizeAttributeValue(name)}'!A1"/>` : "")).join("");
  const before = (xml, part, following) => {
    const found = following.map((tag) => xml.search(new RegExp(`<${tag}[ />]`))).filter((at) => at >= 0);
    const at = Math.min(...found, xml.indexOf("</worksheet>"));
    return xml.slice(0, at) + part + xml.slice(at);
  };
  const onePageWide = (xml) =>
    xml.replace(/<worksheet[^>]*>/, (start) => `${start}<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`)
      .replace("<pageSetup ", '<pageSetup fitToWidth="1" fitToHeight="0" ');
  return {
    files: {
      transform: {
        "[Content_Types].xml": {
          insert: () =>
            sheets.map((_, i) => (tabled(i) ? `<Override ContentType="${SPREADSHEET}.table+xml" PartName="/xl/tables/table${i + 1}.xml"/>` : "")).join("") +
            `<Override ContentType="application/vnd.openxmlformats-package.core-properties+xml" PartName="/docProps/core.xml"/>`,
        },
        "_rels/.rels": {
          insert: () => `<Relationship Id="rId-core" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>`,
        },
        "xl/worksheets/_rels/sheet{id}.xml.rels": {
          insert: (_, { sheetIndex: i }) => (tabled(i) ? `<Relationship Id="rId-table" Type="${RELATION}/table" Target="../tables/table${i + 1}.xml"/>` : ""),
        },
        "xl/worksheets/sheet{id}.xml": {
          transform: (xml, _, { sheetIndex: i }) => {
            const linked = links(sheets[i]);
            const fitted = onePageWide(xml);
            const made = linked ? before(fitted, `<hyperlinks>${linked}</hyperlinks>`, AFTER) : fitted;
            return tabled(i) ? before(made, `<tableParts count="1"><tablePart xmlns:r="${RELATION}" r:id="rId-table"/></tableParts>`, []) : made;
          },
        },
      },
      write: {
        files: () => Object.fromEntries([
          ["docProps/core.xml", core],
          ...sheets.flatMap((sheet, i) => (tabled(i) ? [[`xl/tables/table${i + 1}.xml`, table(sheet, i)]] : [])),
        ]),
      },
    },
  };
}

globalThis.insightsSpreadsheet = {
  /** Write a workbook of one question: a sheet with the context, then the table, whose numbers begin in column `first`. */
  single: (about, columns, rows, names, first) =>
    writeWorkbook([aboutSheet(names[0], about), tableSheet(names[1], columns, rows, first)], { fontFamily: "Calibri", fontSize: 11 }).toBlob(),
  /** Write a workbook of sheets, `{ name, above, columns, rows, first, links }`, each with one table or none. */
  several: (sheets, about) =>
    writeWorkbook(sheets.map(describedSheet), { fontFamily: "Arial", fontSize: 12, features: [marked(sheets, about)] }).toBlob(),
};
