/** Charts: adapt a prepared figure to the width and colour scheme of the reader's screen. */

import Plotly from "plotly.js-basic-dist-min";

import { labelled } from "./labels.js";
import { escaped, lines, neutral, plain } from "./text.js";

export const LIGHT = { ink: "#1f2a33", soft: "#4b5b68", rule: "#d5dbe0", paper: "#ffffff" };
const DARK = { ink: "#e8ecef", soft: "#b3bec7", rule: "#3b464f", paper: "#161b20" };

const NARROW = 600;
const CONFIG = { displayModeBar: false, displaylogo: false, responsive: false, showTips: false };
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

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

/** Traces and layout for a width in pixels; a `still` chart has its numbers beside its bars. */
export function dressed(question, by, view, width, dark = false, still = false) {
  const { data, layout } = figure(question, by, view);
  const colours = dark ? DARK : LIGHT;
  const narrow = width < NARROW;
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
    title: undefined,
    showlegend: false,
    uniformtext: { minsize: narrow ? 10 : 11, mode: "hide" },
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
  const plotWidth = narrow ? width - 32 : width * 0.7;
  const stacked = layout.barmode === "relative";
  const traces = data.map((trace) => {
    const made = legible(coloured(trace, colours, dark), layout, plotWidth);
    return stacked && made.marker ? { ...made, marker: { ...made.marker, line: edge(colours) } } : made;
  });
  const rows = narrow ? horizontalRows(traces, layout) : null;
  if (!rows) return still ? labelled({ data: traces, layout: result }) : { data: traces, layout: result };
  return { data: labelsAbove(result, traces, rows, width, colours), layout: result };
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
    if (trace[bar]) result[bar] = { ...trace[bar], color: colours.ink };
  }
  if (typeof trace.marker?.color !== "string") return result;
  const colour = shade(trace, dark);
  const pattern = trace.marker.pattern;
  result.marker = { ...trace.marker, color: colour };
  if (pattern && dark) result.marker.pattern = { ...pattern, fgcolor: colours.paper };
  if (trace.textfont) result.textfont = { ...trace.textfont, color: inkOn(colour) };
  return result;
}

/** A gap between the parts of a stacked bar, so that colour is not the only difference. */
const edge = ({ paper }) => ({ color: paper, width: 1.5 });

/** A bar colour designed for a light page, adjusted to keep contrast with the page and its interval line. */
function shade({ marker: { color }, error_x: interval }, dark) {
  if (!/^#[\da-f]{6}$/i.test(color)) return color;
  const light = luminance(color);
  if (!interval) return dark ? mixed(color, 255, 0.24) : color;
  if (!dark) return light < 0.22 ? mixed(color, 255, 0.36) : color;
  if (light < 0.12) return mixed(color, 255, 0.24);
  return light > 0.22 ? mixed(color, 0, 0.3) : color;
}

/** Leave out a number in a bar if its interval line would cross it. */
function legible(trace, { xaxis = {} }, plotWidth) {
  const lower = trace.error_x?.arrayminus;
  if (!lower || !Array.isArray(trace.text) || !xaxis.range) return trace;
  const scale = plotWidth / (xaxis.range[1] - xaxis.range[0]);
  const clear = (i) => (trace.x[i] - lower[i]) * scale > 38;
  return { ...trace, text: trace.text.map((words, i) => (clear(i) ? words : "")) };
}

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** Mix a share of black (0) or white (255) into a colour. */
function mixed(colour, other, share) {
  const parts = channels(colour).map((part) => Math.round(part + share * (other - part)));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function luminance(colour) {
  const [red, green, blue] = channels(colour).map((part) => (part / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever reads better on a colour. */
const inkOn = (colour) => (luminance(colour) > 0.18 ? "#000000" : "#ffffff");

/** Labels and positions of the rows of a horizontal bar chart; null for any other chart. */
function horizontalRows(traces, layout) {
  const bars = traces.filter((trace) => trace.type === "bar");
  const simple = bars.every((bar) => bar.orientation === "h" && !bar.yaxis && !Array.isArray(bar.y?.[0]));
  if (bars.length === 0 || !simple || layout.yaxis2) return null;
  const { tickvals, ticktext, categoryarray } = layout.yaxis ?? {};
  if (tickvals && ticktext) return tickvals.map((at, i) => ({ at, label: plain(ticktext[i]) }));
  const seen = categoryarray ?? [...new Set(bars.flatMap((bar) => bar.y))];
  const totals = traces.find(isTotals);
  const head = plain(layout.annotations?.find(isTotals)?.text ?? "");
  return seen.map((at) => {
    const total = totals?.text?.[totals.y.indexOf(at)];
    return { at, label: plain(at), total: total ? `${head}: ${plain(total)}` : "" };
  });
}

/** Whether a trace or annotation belongs to the totals beside the bars. A narrow screen puts these in the labels. */
const isTotals = ({ name }) => name === "totals";

/** For a narrow screen: put labels above their bars, so that bars get the full width. */
function labelsAbove(layout, traces, rows, width, colours) {
  const size = 12.5;
  const fits = (text) => measured(text, size) <= width - 24;
  const texts = rows.map((row) => [...lines(row.label, fits), ...lines(row.total ?? "", fits)]);
  const stacked = layout.barmode === "relative" || layout.barmode === "stack";
  const bars = traces.filter((trace) => trace.type === "bar");
  const places = stacked ? 1 : bars.length;
  const thick = places === 1 ? 22 : Math.max(14, 22 - places);
  const label = Math.max(...texts.map((text) => text.length)) * size * 1.3 + 6;
  const slot = label + places * thick + 10;
  const downwards = isReversed(layout.yaxis) ? 1 : -1;
  bars.forEach((bar, i) => {
    const place = stacked ? 0 : downwards > 0 ? i : bars.length - 1 - i;
    const top = (label + place * thick) / slot - 0.5;
    bar.width = thick / slot;
    bar.offset = downwards > 0 ? top : -top - bar.width;
  });
  const ticks = layout.xaxis?.showticklabels === false ? 8 : 32;
  layout.margin = { l: 8, r: 24, t: 0, b: ticks + (layout.xaxis?.title?.text ? 20 : 0), pad: 0 };
  layout.height = rows.length * slot + layout.margin.b;
  layout.yaxis = {
    ...layout.yaxis,
    automargin: false,
    range: downwards > 0 ? [rows.length - 0.5, -0.5] : [-0.5, rows.length - 0.5],
    showline: false,
    showticklabels: false,
    ticks: "",
    title: undefined,
  };
  layout.xaxis = { ...layout.xaxis, automargin: false, nticks: 6 };
  layout.annotations = [
    ...layout.annotations.filter((note) => !isTotals(note)),
    ...rows.map((row, i) => ({
      x: 0,
      xref: "paper",
      xanchor: "left",
      xshift: -3,
      y: row.at,
      yref: "y",
      yanchor: "bottom",
      yshift: slot / 2 - label + 1,
      text: texts[i].map(escaped).join("<br>"),
      align: "left",
      bgcolor: colours.paper,
      borderpad: 1,
      showarrow: false,
      font: { size, color: colours.ink },
    })),
  ];
  return traces.filter((trace) => !isTotals(trace));
}

const pen = document.createElement("canvas").getContext("2d");

/** Width of a text in pixels, in the font of the reader's system. */
function measured(text, size) {
  pen.font = `${size}px ${FONT}`;
  return pen.measureText(text).width;
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
  const named = data.filter((trace) => trace.name && !isTotals(trace) && trace.showlegend !== false);
  const ranked = named.map((trace, i) => ({ trace, rank: trace.legendrank ?? 1000, i }));
  ranked.sort((a, b) => a.rank - b.rank || a.i - b.i);
  if (layout.legend?.traceorder?.includes("reversed")) ranked.reverse();
  const colours = dark ? DARK : LIGHT;
  const first = (value) => (Array.isArray(value) ? value[0] : value);
  return ranked.map(({ trace }) => {
    const marker = coloured(trace, colours, dark).marker ?? {};
    return {
      name: plain(trace.name),
      colour: first(marker.color) ?? colours.soft,
      shape: first(marker.pattern?.shape) ?? "",
      line: marker.pattern?.fgcolor ?? colours.paper,
    };
  });
}

/** A figure for a file, as text: an SVG element. */
export async function standalone({ data, layout }) {
  const { width, height } = layout;
  const url = await Plotly.toImage({ data, layout, config: CONFIG }, { format: "svg", width, height });
  return decodeURIComponent(url.slice(url.indexOf(",") + 1));
}
