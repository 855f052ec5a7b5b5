/** Charts: adapt a prepared figure to the width and colour scheme of the reader's screen. */

import Plotly from "plotly.js-basic-dist-min";

import { rowsOf } from "./longest.js";
import { escaped, lines, neutral, plain } from "./text.js";
import { isTrend, through } from "./through.js";
import { COLUMN, FONT, LABELS, measured, NARROW, WIDE } from "./widths.js";
import { say } from "./words.js";

export const LIGHT = { ink: "#1f2a33", soft: "#4b5b68", rule: "#d5dbe0", paper: "#ffffff" };
const DARK = { ink: "#e8ecef", soft: "#b3bec7", rule: "#3b464f", paper: "#161b20" };

const PANEL = 64; // pixels: the least of a column of bars
const PLOT = 0.66; // of the width, about, when labels are at the left
const CONFIG = { displayModeBar: false, displaylogo: false, responsive: false, showTips: false };

const neutralised = new WeakMap();

/** The figure of a view: the question's traces with the view's values. */
function figure(question, by, view) {
  const spec = question.figures[view.figure ?? by];
  const values = once(view.values);
  const { data, layout } = once(spec);
  return {
    data: data.map((trace, i) => inOneBox({ ...trace, ...values[i] }, data.length > 1)),
    layout: { ...layout, ...neutral(view.layout ?? {}) },
  };
}

/** Neutralise tags in a part of a figure, once per part. */
function once(part) {
  if (!neutralised.has(part)) neutralised.set(part, neutral(part));
  return neutralised.get(part);
}

/** Move a trace's name into its hover box: beside the box, plotly writes it in the trace's colour. */
function inOneBox(trace, named) {
  if (!trace.hovertemplate) return trace;
  const rule = named ? "$2<br>$1<extra></extra>" : "$1<extra></extra>";
  return { ...trace, hovertemplate: trace.hovertemplate.replace(/^(.*)<extra>(.+)<\/extra>$/s, rule) };
}

/** Traces and layout for a width in pixels; `beside` are columns of words at the right of each row (`findings.js`), `tall` a height other than its own. On "paper", and on a "screen" where a label is long, each row is as high as its own words. */
export function dressed(question, by, view, width, dark = false, beside = [], tall = 0, on = "picture") {
  const { data, layout } = figure(question, by, view);
  const colours = dark ? DARK : LIGHT;
  const narrow = width < NARROW;
  const around = narrow ? 32 : LABELS; // pixels beside columns of bars
  if (layout.barmode === "overlay") width = Math.max(width, panel(layout) * data.length + around);
  const annotations = (layout.annotations ?? []).map((note) => ({
    ...note,
    font: { ...note.font, color: colours.soft },
  }));
  const given = { l: 8, r: 28, t: 8, b: 48, ...layout.margin };
  const margin = { ...given, t: roomAbove(annotations), r: Math.max(28, given.r), b: roomBelow(layout) };
  const result = {
    ...layout,
    annotations,
    width,
    height: (layout.height ?? 420) - given.t - given.b + margin.t + margin.b,
    margin,
    autosize: false,
    autotypenumbers: "strict", // answers such as "1" are names of rows
    title: undefined,
    showlegend: false,
    dragmode: false,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...layout.font, family: FONT, size: narrow ? 12.5 : 13, color: colours.ink },
    hoverlabel: {
      align: "left",
      namelength: -1,
      bgcolor: colours.paper,
      bordercolor: colours.soft,
      font: { family: FONT, size: 13, color: colours.ink },
    },
  };
  for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
    result[name] = axis(name, layout[name], colours, layout.barmode === "relative");
  }
  let traces = data.map((trace) => edged(coloured(trace, colours, dark), layout, colours));
  if (isTrend(traces)) return through(traces, result, beside, tall, colours);
  if (traces[0]?.meta === "histogram") return upright(question, by, view, traces, result, tall);
  if (layout.barmode === "relative") traces = spread(question, by, view, traces, result);
  if (layout.barmode === "overlay") {
    const wide = (width - around) / data.length - 8;
    annotations.push(...untold(traces, colours));
    for (const [i, note] of annotations.filter(isColumn).entries()) note.text = broken(plain(data[i].name), note.font.size, wide);
  }
  if (!narrow) traces = aside(traces, result, beside, colours);
  const added = roomAbove(result.annotations) - margin.t;
  result.margin = { ...margin, t: margin.t + added };
  result.height = tall || result.height + added;
  const paper = on === "paper";
  const rows = narrow || paper || (on === "screen" && hasLong(layout.yaxis)) ? listed(traces, layout, beside) : null;
  if (rows && narrow) traces = labelsAbove(result, traces, rows, width, colours);
  else if (rows) closeUp(result, traces, rows, width * PLOT, paper);
  if (isStacked(layout)) numbered(traces, result, rows && narrow ? width - 32 : width * PLOT, colours, narrow ? -1 : 1);
  const rowsNumbered = !(rows && narrow) && traces.some(isDots) && traces.every((trace) => isDots(trace) || isColumn(trace));
  if (rowsNumbered && !rows) traces = numberRows(traces, result);
  if (result.yaxis?.type !== "linear") result.annotations = byNumber(result.annotations, result.yaxis, traces);
  return { data: [...joins(traces, colours), ...together(behind(traces), result, rowsNumbered)].map(withoutBlanks), layout: result };
}

/** Number the rows of notes: plotly would take a label such as 2025 for a number. */
function byNumber(notes, { categoryarray = [] } = {}, traces) {
  const labels = [...new Set([...categoryarray, ...traces.flatMap(({ y = [] }) => y)])];
  return notes.map((note) => (labels.includes(note.y) ? { ...note, y: labels.indexOf(note.y) } : note));
}

/** The least width of a column of bars: no word of a heading is broken. */
function panel({ annotations = [] }) {
  const words = annotations.filter(isColumn).flatMap(({ text, font }) => plain(text).split(/\s+/).map((word) => measured(word, font.size)));
  return Math.max(PANEL, ...words.map((wide) => wide + 9));
}

/** What stands where a column has no bar: hidden, or not asked. */
const untold = (traces, { soft }) =>
  traces.flatMap(({ x, y, base, customdata = [] }) =>
    x.flatMap((share, i) =>
      share === null ? [{ x: base ?? 0, y: y[i], text: customdata[i] ?? "", showarrow: false, xanchor: "left", font: { size: 11, color: soft } }] : []));

/** Put the ranges of all dots behind all dots: plotly would draw the range of a group over the dots of others. */
function behind(traces) {
  const ranges = traces.filter((trace) => isDots(trace) && trace.error_x);
  if (ranges.length === 1) return [...ranges, ...traces.filter((trace) => !ranges.includes(trace))];
  const drawn = ranges.map((trace) => ({ ...trace, marker: { ...trace.marker, opacity: 0 }, hoverinfo: "skip", hovertemplate: undefined }));
  return [...drawn, ...traces.map((trace) => (isDots(trace) ? { ...trace, error_x: undefined } : trace))];
}

const isStacked = ({ barmode }) => barmode === "relative" || barmode === "stack";

/** Set the range of a diverging chart to what its longest bars need, the same for every selection. */
function spread(question, by, view, traces, layout) {
  const [low, high] = reach(question, view.figure ?? by, view);
  layout.xaxis.range = [low - 2, high + 4];
  layout.annotations = layout.annotations.map((note) => (isColumn(note) ? { ...note, x: high + 3 } : note));
  return traces.map((trace) => (isColumn(trace) ? { ...trace, x: trace.x.map(() => high + 3) } : trace));
}

const reached = new WeakMap();

/** How far the bars of a figure reach to both sides, in any of its views. */
function reach(question, name, view) {
  const spec = question.figures[name];
  const known = reached.get(spec);
  if (known) return known;
  const every = Object.values(question.views ?? {}).filter(({ figure }) => figure === name);
  const ends = [-1, 1];
  for (const { values } of every.length ? every : [view]) {
    const sums = new Map();
    values.forEach(({ x = [] }, n) => {
      if (spec.data[n].type !== "bar") return;
      x.forEach((share, i) => {
        const side = share < 0 ? 0 : 1;
        const of = sums.get(i) ?? [0, 0];
        of[side] += share ?? 0;
        sums.set(i, of);
      });
    });
    for (const [low, high] of sums.values()) {
      ends[0] = Math.min(ends[0], low);
      ends[1] = Math.max(ends[1], high);
    }
  }
  reached.set(spec, ends);
  return ends;
}

/** A histogram: columns as high in every view as their shares need, these as large as columns are wide, and the mean written where it has room. */
function upright(question, by, view, traces, layout, tall) {
  const { t, b } = layout.margin;
  const around = 8;
  const wide = layout.width - 2 * around;
  layout.height = tall || layout.height - t - b + 2 * around;
  layout.margin = { l: around, r: around, t: around, b: around };
  layout.yaxis.range = [0, tallest(question, view.figure ?? by, view) * 1.15];
  const [bars, numbers, mean] = traces;
  const room = wide / bars.x.length - 3;
  const size = Math.min(13, (13 * room) / Math.max(...numbers.text.map((words) => measured(words, 13))));
  numbers.textfont = { ...numbers.textfont, size };
  if (mean) {
    const [low, high] = layout.xaxis2.range;
    const at = ((mean.x[0] - low) / (high - low)) * wide;
    const half = measured(mean.text[0], 13) / 2;
    mean.textposition = `bottom ${at < half ? "right" : at > wide - half ? "left" : "center"}`;
  }
  return { data: traces.map(withoutBlanks), layout };
}

/** The largest share that a figure of columns draws in any of its views. */
function tallest(question, name, view) {
  const spec = question.figures[name];
  if (!reached.has(spec)) {
    const every = Object.values(question.views ?? {}).filter(({ figure }) => figure === name);
    const shares = (every.length ? every : [view]).flatMap(({ values: [bars] }) => bars?.y ?? spec.data[0].y);
    reached.set(spec, Math.max(1, ...shares));
  }
  return reached.get(spec);
}

const SHARE = 12; // width of a column of shares, in hundredths of the axis
const [WORD, TICK] = [64, 10]; // pixels: a column of shares at most, between ticks

/** Add columns of words at the right: `{ head, words }`, where `words` are by the label of a row. */
function aside(traces, layout, beside, colours) {
  const known = traces.filter(isColumn);
  if (known.length === 0 || !layout.xaxis.tickvals) return traces;
  const { y } = known[0];
  const told = (layout.width < WIDE ? [] : beside)
    .map(({ head, words }) => ({ head, texts: y.map((label) => words(plain(label)).map(escaped).join("<br>")) }))
    .filter(({ texts }) => texts.some(Boolean));
  const broad = told.map(({ head, texts }) => Math.min(COLUMN, 16 + Math.max(...[head, ...texts].flatMap((text) => text.split("<br>")).map((line) => measured(plain(line), 12)))));
  const wide = layout.width - LABELS - broad.reduce((sum, one) => sum + one, 0);
  const [low, high] = layout.xaxis.range;
  const ticks = layout.xaxis.tickvals;
  const [edge] = ticks.slice(-1);
  const share = (SHARE * (edge - low)) / 100;
  const further = apart(layout, edge, wide, share);
  const end = further(high);
  const point = (end - low) / wide; // of the axis, a pixel
  const room = (further(high) - further(high - share)) / point;
  layout.annotations = layout.annotations.map((note) => {
    if (!isColumn(note)) return note;
    const text = note.xanchor === "center" ? broken(plain(note.text), note.font.size, room - 4) : note.text;
    return { ...note, x: further(note.x), text };
  });
  if (edge - ticks[0] < point * layout.xaxis.ticktext.reduce((sum, text) => sum + measured(text, 13) + TICK, 0)) {
    for (const name of ["tickvals", "ticktext"]) layout.xaxis[name] = layout.xaxis[name].filter((_, i) => i % 2 === 0);
  }
  if (layout.xaxis.title) { // below the drawing, not below its columns too
    const { text, font } = layout.xaxis.title;
    layout.annotations.push({ text, font, x: (low + edge) / 2, xref: "x", y: 0, yref: "paper", yanchor: "top", yshift: -26, showarrow: false });
    layout.xaxis.title = undefined;
  }
  let at = end + 2 * point;
  const made = told.map(({ head, texts }, n) => {
    const x = at;
    at += broad[n] * point;
    layout.annotations.push({ ...layout.annotations.find(isColumn), text: head, x, xanchor: "left", align: "left" });
    return { ...known[0], x: y.map(() => x), text: texts, textposition: "middle right", textfont: { size: 12, color: colours.ink } };
  });
  layout.xaxis.range = [low, at];
  return [...traces.map((trace) => (isColumn(trace) ? { ...trace, x: trace.x.map(further) } : trace)), ...made];
}

/** Where a place beside the drawing, which ends at `edge`, moves to for columns of shares no narrower than the words of their headings. */
function apart({ annotations, xaxis: { range: [low, high] } }, edge, wide, share) {
  const heads = annotations.filter((note) => isColumn(note) && note.xanchor === "center");
  const words = heads.flatMap(({ text, font }) => plain(text).split(/\s+/).map((word) => measured(word, font.size)));
  const need = Math.min(WORD, Math.max(0, ...words) + 5);
  const left = share * wide - need * (high - edge);
  const times = left > 0 ? Math.max(1, (need * (edge - low)) / left) : 1;
  return (x) => (x > edge ? edge + (x - edge) * times : x);
}

/** Lines between the dots of a row: through time dotted towards what is expected, thin between groups. */
function joins(traces, colours) {
  const dots = traces.filter(isDots);
  return dots.slice(1).map((next, n) => {
    const before = new Map(dots[n].y.map((y, i) => [y, dots[n].x[i]]));
    const line = next.meta === "moment"
      ? { color: next.marker.color, width: 2.5, dash: n ? "dot" : "solid" }
      : { color: colours.rule, width: 2 };
    return {
      ...{ type: "scatter", mode: "lines", meta: "join", hoverinfo: "skip", cliponaxis: false },
      x: next.y.flatMap((y, i) => [before.get(y) ?? null, next.x[i], null]),
      y: next.y.flatMap((y) => [y, y, y]),
      line,
    };
  });
}

/** Number the rows of a chart of dots: between its places a category axis has none, for headings above the first row. */
function numberRows(traces, layout) {
  const { categoryarray = [], categoryorder, autorange, ...kept } = layout.yaxis;
  const labels = [...new Set([...categoryarray, ...traces.flatMap(({ y }) => y)])];
  const at = new Map(labels.map((label, i) => [label, i]));
  const range = [-EDGE, labels.length - 1 + EDGE];
  if (isReversed(layout.yaxis)) range.reverse();
  layout.yaxis = { ...kept, type: "linear", tickmode: "array", tickvals: labels.map((_, i) => i), ticktext: labels, range, zeroline: false };
  return traces.map((trace) => ({ ...trace, ...byLabel(trace), y: trace.y.map((label) => at.get(label)) }));
}

const EDGE = 0.4; // of a row, above and below the dots of the first and the last

/** What a dot says when pointed at: the label of its row, not the number. */
const byLabel = ({ hovertemplate, y }) =>
  hovertemplate ? { hovertext: y.map(plain), hovertemplate: hovertemplate.replace("%{y}", "%{hovertext}") } : {};

/** All columns of words, and headings above them, as one trace: plotly draws it sooner than several, and than annotations. */
function together(traces, layout, numbered) {
  const columns = traces.filter(isColumn);
  const heads = numbered ? layout.annotations.filter(isColumn) : [];
  if (columns.length === 0 || columns.length + heads.length < 2) return traces;
  layout.annotations = layout.annotations.filter((note) => !heads.includes(note));
  const above = heads.map(({ x, text, font, xanchor }) => ({
    ...{ x: [x], y: [layout.yaxis.range[1]], text: [text], textfont: font },
    textposition: xanchor === "left" ? "top right" : "top center",
  }));
  const all = [...columns, ...above];
  const each = (part) => all.flatMap((trace) => trace.y.map((_, i) => part(trace, i)));
  const one = {
    ...columns[0],
    x: each(({ x }, i) => x[i]),
    y: each(({ y }, i) => y[i]),
    text: each(({ text }, i) => text[i]),
    textposition: each(({ textposition }) => textposition),
    textfont: { ...columns[0].textfont, color: each(({ textfont }) => textfont.color) },
  };
  return [...traces.filter((trace) => !isColumn(trace)), one];
}

/** A trace of words without its blanks: once a place was blank, plotly never writes there again. */
function withoutBlanks(trace) {
  if (trace.mode !== "text") return trace;
  const told = (list) => (Array.isArray(list) ? list.filter((_, i) => trace.text[i]) : list);
  const { x, y, text, textposition, textfont } = trace;
  return { ...trace, x: told(x), y: told(y), text: told(text), textposition: told(textposition), textfont: { ...textfont, color: told(textfont?.color) } };
}

/** Margins that fit the headings above the bars, and the ticks and title below. */
const roomAbove = (notes) =>
  8 + Math.max(0, ...notes.map(({ text = "", font }) => text.split("<br>").length * (font.size ?? 12) * 1.35));

const roomBelow = ({ xaxis = {} }) =>
  (xaxis.showticklabels === false ? 8 : 32) + (xaxis.title?.text ? 22 : 0);

function axis(name, given, colours, diverging) {
  const title = given.title?.text
    ? { ...given.title, standoff: 8, font: { ...given.title.font, size: 13, color: colours.soft } }
    : undefined;
  return {
    ...given,
    title,
    fixedrange: true,
    automargin: given.automargin ?? true,
    ticklabelstandoff: name.startsWith("y") ? 6 : 2,
    showgrid: given.showgrid ?? name.startsWith("x"),
    showline: given.showline ?? !diverging,
    color: colours.ink,
    gridcolor: colours.rule,
    linecolor: colours.soft,
    zerolinecolor: colours.soft,
    tickfont: { ...given.tickfont, color: colours.ink },
  };
}

function coloured(trace, colours, dark) {
  const result = { ...trace };
  for (const bar of ["error_x", "error_y"]) {
    if (trace[bar] && !isDots(trace)) result[bar] = { ...trace[bar], color: colours.ink };
  }
  if (isColumn(trace)) {
    const { color = colours.ink } = trace.textfont ?? {};
    result.textfont = { ...trace.textfont, color: dark && trace.textfont?.color ? lit(color) : color };
    return result;
  }
  if (typeof trace.marker?.color !== "string") return result;
  const own = trace.marker.color;
  const colour = !isDots(trace) ? shade(trace, dark) : dark ? lit(own) : own;
  result.marker = { ...trace.marker, color: colour };
  if (trace.meta === "trend") Object.assign(result, { line: { ...trace.line, color: colour }, textfont: { ...trace.textfont, color: colours.ink } });
  if (isDots(trace)) result.marker.line = { ...trace.marker.line, color: colour };
  else if (trace.textposition === "outside") result.textfont = { ...trace.textfont, color: colours.ink };
  else if (trace.textfont) result.textfont = { ...trace.textfont, color: inkOn(colour) };
  return result;
}

/** A gap between the parts of a stacked bar, so that colour is not the only difference; the halves of the middle are one. */
function edged(trace, layout, { paper }) {
  if (!isStacked(layout) || !trace.marker) return trace;
  const line = trace.meta === "half" ? { width: 0 } : { color: paper, width: 1.5 };
  return { ...trace, marker: { ...trace.marker, line } };
}

/** A bar colour designed for a light page, adjusted to keep contrast with the page and its interval line. */
function shade({ marker: { color }, error_x: interval }, dark) {
  if (!/^#[\da-f]{6}$/i.test(color)) return color;
  const light = luminance(color);
  if (!interval) return dark ? mixed(color, 255, 0.24) : color;
  if (!dark) return light < 0.22 ? mixed(color, 255, 0.36) : color;
  if (light < 0.12) return mixed(color, 255, 0.24);
  return light > 0.22 ? mixed(color, 0, 0.3) : color;
}

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** Mix a share of black (0) or white (255) into a colour. */
function mixed(colour, other, share) {
  const parts = channels(colour).map((part) => Math.round(part + share * (other - part)));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** A dark colour of dots and their numbers, for a dark page. */
const lit = (colour) => mixed(colour, 255, 0.55);

function luminance(colour) {
  const [red, green, blue] = channels(colour).map((part) => (part / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever reads better on a colour. */
const inkOn = (colour) => (luminance(colour) > 0.18 ? "#000000" : "#ffffff");

/** Labels and positions of the rows of a chart, and the words of its columns; null for any other chart. */
function listed(traces, layout, beside) {
  const drawn = traces.filter((trace) => trace.type === "bar" || isDots(trace));
  const simple = drawn.every(({ type, orientation, yaxis, y }) => (type !== "bar" || orientation === "h") && !yaxis && !Array.isArray(y?.[0]));
  if (drawn.length === 0 || !simple || layout.yaxis2) return null;
  const { tickvals, ticktext, categoryarray } = layout.yaxis ?? {};
  if (tickvals && ticktext) return tickvals.map((at, i) => ({ at, label: plain(ticktext[i]), told: [] }));
  const seen = categoryarray ?? [...new Set(drawn.flatMap(({ y }) => y))];
  const columns = traces.filter(isColumn);
  const moments = drawn.some(({ meta }) => meta === "moment");
  return seen.map((at) => {
    const texts = columns.map(({ y, text }) => plain(text[y.indexOf(at)] ?? ""));
    const told =
      columns.length < 2
        ? texts
        : [moments ? texts.join(" → ") : columns.map(({ name }, i) => `${plain(name)} ${texts[i]}`).join(" · ")];
    const more = beside.map(({ words, times }) => {
      const said = words(plain(at)).join(", ");
      return said && times ? `${times}: ${said}` : said;
    });
    return { at, label: plain(at), told: [...told, ...more].filter(Boolean) };
  });
}

/** Whether a trace or annotation is a column of words beside the drawing. A narrow screen puts these in the labels. Earlier releases name them totals. */
const isColumn = ({ meta, name }) => meta === "column" || name === "column" || name === "totals";
export const isDots = ({ meta }) => meta === "moment" || meta === "group" || meta === "mean" || meta === "trend";

/** For a narrow screen: put labels above their bars or dots, which then get the full width. */
function labelsAbove(layout, traces, rows, width, colours) {
  const size = 12.5;
  const fits = (text) => measured(text, size) <= width - 24;
  const texts = rows.map((row) => [row.label, ...row.told].flatMap((words) => lines(words, fits)));
  const places = placesOf(traces, layout);
  const thick = places === 1 ? 22 : Math.max(14, 22 - places);
  const below = isStacked(layout) ? 18 : 10;
  const downwards = isReversed(layout.yaxis);
  const middles = new Map(); // of the bars or dots of each row, in pixels from the top
  const ends = new Map(); // of its label
  let top = 0;
  for (const i of downwards ? texts.keys() : [...texts.keys()].reverse()) {
    const end = top + texts[i].length * size * 1.3 + 6;
    ends.set(i, end);
    middles.set(rows[i].at, end + (places * thick) / 2);
    top = end + places * thick + below;
  }
  const ticks = layout.xaxis?.showticklabels === false ? 8 : 32;
  const panels = layout.barmode === "overlay";
  const heads = panels || isStacked(layout) ? layout.annotations.filter(isColumn) : [];
  if (!panels) {
    for (const head of heads) Object.assign(head, { x: 0, xref: "paper", xshift: -3, text: plain(head.text) });
  }
  const above = heads.length ? roomAbove(heads) : 0;
  layout.margin = { l: 8, r: 24, t: above, b: ticks + (layout.xaxis?.title?.text ? 20 : 0), pad: 0 };
  layout.height = top + layout.margin.b + above;
  inPixels(layout, traces, rows, middles, top, thick);
  layout.yaxis = {
    ...layout.yaxis,
    automargin: false,
    showgrid: false,
    showline: false,
    showticklabels: false,
    ticks: "",
    title: undefined,
  };
  layout.xaxis = { ...layout.xaxis, automargin: false, nticks: 6 };
  if (layout.xaxis.tickvals && !panels) layout.xaxis.range = [layout.xaxis.tickvals[0], layout.xaxis.tickvals.at(-1)]; // without its columns
  layout.annotations = [
    ...layout.annotations.filter((note) => !isColumn(note) || heads.includes(note)),
    ...rows.map((_, i) => ({
      x: 0,
      xref: "paper",
      xanchor: "left",
      xshift: -3,
      y: ends.get(i) - 1,
      yref: "y",
      yanchor: "bottom",
      text: texts[i].map(escaped).join("<br>"),
      align: "left",
      bgcolor: colours.paper,
      borderpad: 1,
      showarrow: false,
      font: { size, color: colours.ink },
    })),
  ];
  return traces.filter((trace) => !isColumn(trace));
}

/** How many bars a row has beside one another. */
const placesOf = (traces, layout) =>
  isStacked(layout) || layout.barmode === "overlay" ? 1 : Math.max(1, traces.filter(({ type }) => type === "bar").length);

/** Put rows where `middles` says, in pixels from the top of a drawing so `high`, with bars so `thick`. */
function inPixels(layout, traces, rows, middles, high, thick) {
  const places = placesOf(traces, layout);
  const labels = new Map(rows.map(({ at, label }) => [at, label]));
  const downwards = isReversed(layout.yaxis);
  traces.filter(({ type }) => type === "bar").forEach((bar, i) => {
    const place = places === 1 ? 0 : downwards ? i : places - 1 - i;
    bar.width = thick;
    bar.offset = (place - places / 2) * thick;
  });
  layout.lane = thick;
  for (const trace of traces) {
    if (!isColumn(trace)) {
      trace.hovertext = trace.y.map((place) => labels.get(place));
      trace.hovertemplate = trace.hovertemplate?.replace("%{y}", "%{hovertext}");
    }
    trace.y = trace.y.map((place) => middles.get(place));
  }
  layout.annotations = layout.annotations.map((note) => (middles.has(note.y) ? { ...note, y: middles.get(note.y) } : note));
  const { categoryarray, categoryorder, autorange, tickvals, ticktext, ...kept } = layout.yaxis;
  layout.yaxis = { ...kept, type: "linear", range: [high, 0], zeroline: false };
}

const [LINE, OVER] = [16.5, 7]; // pixels: of a line, of numbers over a bar
const [ON_SCREEN, ON_PAPER] = [[14, 24], [5, 18]]; // between rows, and of a bar
const LONG = 3; // lines of a label

/** Whether a label of the rows is so long that others would stand far apart. */
const hasLong = ({ ticktext, categoryarray } = {}) => (ticktext ?? categoryarray ?? []).some((label) => String(label).split("<br>").length >= LONG);

/** Rows as high as their own words and marks, labels at the left. */
function closeUp(layout, traces, rows, room, paper) {
  const places = placesOf(traces, layout);
  const [between, one] = paper ? ON_PAPER : ON_SCREEN;
  const thick = Math.max(10, one - 4 * (places - 1));
  const downwards = isReversed(layout.yaxis);
  const { tickvals = [], ticktext = [] } = layout.yaxis;
  const labels = rows.map(({ at }) => String(ticktext[tickvals.indexOf(at)] ?? at));
  const told = traces.filter(isColumn).map(({ y, text }) => new Map(y.map((at, i) => [at, text[i] ?? ""])));
  const marks = places * thick;
  const over = (at) => (isStacked(layout) && traces.some((bar) => isOver(bar, bar.y.indexOf(at), scaleOf(layout, room))) ? 2 * OVER : 0);
  const high = (at, i) => Math.max(marks + over(at), ...[labels[i], ...told.map((texts) => texts.get(at) ?? "")].map((words) => words.split("<br>").length * LINE));
  const middles = new Map();
  layout.ends = [];
  let top = 0;
  for (const i of downwards ? rows.keys() : [...rows.keys()].reverse()) {
    const own = high(rows[i].at, i) + between;
    middles.set(rows[i].at, top + own / 2);
    top += own;
    layout.ends.push(top);
  }
  const { t, b } = layout.margin;
  layout.height = t + top + b;
  inPixels(layout, traces, rows, middles, top, thick);
  Object.assign(layout.yaxis, { tickmode: "array", tickvals: rows.map(({ at }) => middles.get(at)), ticktext: labels });
}

const [SHEET, PIECE] = [980, 480]; // pixels of a chart: the most for a sheet of paper, and of a piece of a larger one

/** A chart for paper: in pieces, each with its headings, if a sheet has no room for all rows. */
export function pieces({ data, layout }) {
  const { ends = [], margin: { t, b } } = layout;
  if (layout.height <= SHEET || ends.length === 0) return [{ data, layout }];
  const count = Math.ceil(ends.at(-1) / PIECE);
  const nearest = (to) => ends.reduce((best, end) => (Math.abs(end - to) < Math.abs(best - to) ? end : best));
  const cuts = Array.from({ length: count }, (_, i) => nearest((ends.at(-1) * (i + 1)) / count));
  return cuts.map((to, i) => {
    const from = cuts[i - 1] ?? 0;
    const here = (y) => y > from && y <= to;
    const kept = data.map((trace) => {
      const own = rowsOf(trace, trace.y.map((y) => y === 0 || here(y))); // headings are at 0
      return { ...own, y: own.y.map((y) => y || from) };
    });
    const annotations = layout.annotations.filter(({ yref, y }) => yref === "paper" || here(y));
    return { data: kept, layout: { ...layout, annotations, height: t + to - from + b, yaxis: { ...layout.yaxis, range: [to, from] } } };
  });
}

/** Break a text into lines of a width in pixels. */
const broken = (text, size, wide) => lines(text, (part) => measured(part, size) <= wide).map(escaped).join("<br>");

const TYPE = 11; // of the numbers of a stacked bar

const scaleOf = ({ xaxis: { range: [low, high] } }, room) => room / (high - low);

/** Whether a part of a stacked bar is too small for its number. */
function isOver({ type, meta, x, text }, i, scale) {
  if (type !== "bar" || !Array.isArray(text) || !text[i]) return false;
  return Math.abs(x[i]) * scale * (meta === "half" ? 2 : 1) < measured(text[i], TYPE) + 5;
}

/** Write the number of every part of a stacked bar: in it, or over (1) or under (-1) it where it is too small. */
function numbered(traces, layout, room, colours, over) {
  const bars = traces.filter(({ type }) => type === "bar");
  const scale = scaleOf(layout, room);
  const sums = new Map();
  const notes = [];
  bars.forEach((bar) => {
    if (!Array.isArray(bar.text)) return;
    const kept = [...bar.text];
    const half = bar.meta === "half";
    bar.x.forEach((share, i) => {
      const sides = sums.get(i) ?? { ends: [0, 0], outside: [] };
      sums.set(i, sides);
      const side = share < 0 ? 0 : 1;
      const start = sides.ends[side];
      sides.ends[side] += share ?? 0;
      const words = bar.text[i];
      if (!words) return;
      const middle = half ? 0 : start + share / 2;
      const inside = !isOver(bar, i, scale);
      if (inside && !half) return;
      kept[i] = "";
      const away = layout.lane ?? barHeight(layout, bar);
      const shift = inside ? 0 : over * (away / 2 + 6);
      const xshift = inside ? 0 : clearOf(sides.outside, middle * scale, measured(words, TYPE) + 3, side);
      const color = inside ? bar.textfont.color : colours.ink;
      const font = { size: inside ? TYPE : TYPE - 1, color };
      const bgcolor = inside ? bar.marker.color : undefined;
      notes.push({ bgcolor, x: middle, y: bar.y[i], text: words, showarrow: false, xshift, yshift: shift, font, borderpad: 0 });
    });
    bar.text = kept;
    bar.textfont = { ...bar.textfont, size: TYPE };
    bar.constraintext = "none";
  });
  layout.annotations = [...layout.annotations, ...notes];
}

/** How far to move a number of a width to the left (0) or right (1), so that it is not on those before it. */
function clearOf(taken, at, wide, side) {
  const clear = (x) => taken.every(([other, width]) => Math.abs(other - x) >= (width + wide) / 2);
  let x = at;
  while (!clear(x)) x += side ? 1 : -1;
  taken.push([x, wide]);
  return x - at;
}

/** Height in pixels of the bars of a chart whose labels are at the left. */
function barHeight({ height, margin, bargap = 0.28 }, { y }) {
  return ((height - margin.t - margin.b) / Math.max(1, new Set(y).size)) * (1 - bargap);
}

const isReversed = ({ autorange, range } = {}) => autorange === "reversed" || range?.[0] > range?.[1];

/** A standalone figure for a width in pixels, in the screen's colours; it keeps its own legend. */
export function fitted({ data, layout }, width, dark = false) {
  const colours = dark ? DARK : LIGHT;
  const result = { ...neutral(layout), width, autosize: false, dragmode: false };
  result.font = { ...layout.font, family: FONT, size: width < NARROW ? 12 : 13, color: colours.ink };
  for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
    const { color, ...kept } = layout[name];
    result[name] = { ...neutral(kept), fixedrange: true, color: colours.ink, gridcolor: colours.rule };
  }
  result.paper_bgcolor = result.plot_bgcolor = "rgba(0,0,0,0)";
  if (width < NARROW) labelsBroken(result, data, width);
  return { data: neutral(data).map((trace) => inOneBox(trace, data.length > 1)), layout: result };
}

/** For a narrow screen: wrap row labels, so that the plot keeps more than half of the width. */
function labelsBroken(layout, data, width) {
  const counted = data.every(({ x }) => !Array.isArray(x) || x.every((at) => typeof at !== "string"));
  if (counted) layout.xaxis = { ...layout.xaxis, dtick: undefined, tickangle: 0, nticks: 5 };
  const { tickvals, ticktext } = layout.yaxis ?? {};
  const rows = [...new Set(data.flatMap(({ y }) => (Array.isArray(y) ? y : [])))];
  if (!tickvals && rows.some((row) => typeof row !== "string")) return;
  const size = 11;
  const fits = (text) => measured(text, size) <= width * 0.42;
  const labels = (ticktext ?? rows).map((label) => lines(plain(label), fits));
  if (labels.length === 0) return;
  const slot = Math.max(...labels.map((label) => label.length)) * size * 1.3 + 8;
  layout.height = Math.max(layout.height ?? 0, labels.length * slot + 90);
  layout.margin = { ...layout.margin, l: 8, r: 16 };
  layout.yaxis = {
    ...layout.yaxis,
    tickmode: "array",
    tickvals: tickvals ?? rows,
    ticktext: labels.map((label) => label.map(escaped).join("<br>")),
    tickfont: { ...layout.yaxis?.tickfont, size },
    automargin: true,
  };
}

/** Draw or redraw; plotly updates only what has changed. */
export function draw(box, { data, layout }) {
  Plotly.react(box, data, layout, CONFIG);
  for (const part of [box.firstElementChild, document.getElementById("js-plotly-tester")]) {
    part?.setAttribute("aria-hidden", "true"); // a screen reader reads the box's label instead of loose numbers
  }
}

/** The items of a chart's key, in reading order. */
export function key(question, by, view, dark = false) {
  const { data, layout } = figure(question, by, view);
  const named = data.filter((trace) => trace.name && !isColumn(trace) && trace.showlegend !== false);
  const ranked = named.map((trace, i) => ({ trace, rank: trace.legendrank ?? 1000, i }));
  ranked.sort((a, b) => a.rank - b.rank || a.i - b.i);
  if (layout.legend?.traceorder?.includes("reversed")) ranked.reverse();
  const colours = dark ? DARK : LIGHT;
  const first = (value) => (Array.isArray(value) ? value[0] : value);
  return ranked.map(({ trace }) => {
    const marker = coloured(trace, colours, dark).marker ?? {};
    return {
      name: isDots(trace) && trace.error_x ? `${plain(trace.name)} (${say("browser.shaded")})` : plain(trace.name),
      colour: first(marker.color) ?? colours.soft,
      symbol: isDots(trace) ? marker.symbol : "",
    };
  });
}

/** A figure for a file, as text: an SVG element. */
export async function standalone({ data, layout }) {
  const { width, height } = layout;
  const url = await Plotly.toImage({ data, layout, config: CONFIG }, { format: "svg", width, height });
  return decodeURIComponent(url.slice(url.indexOf(",") + 1));
}
