/** Writes tables as XLSX. A separate script, which pages load only at the first XLSX download. */

import writeWorkbook from "write-excel-file/universal";

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

/** Write a workbook: a sheet with the context, then the table, whose numbers begin in column `first`. */
globalThis.insightsSpreadsheet = (about, columns, rows, names, first) =>
  writeWorkbook([aboutSheet(names[0], about), tableSheet(names[1], columns, rows, first)], { fontFamily: "Calibri", fontSize: 11 }).toBlob();
