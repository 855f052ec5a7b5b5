/** Lines through time, each in a lane of its own: a name, numbers above dots, and in words what changed. */

import { COLUMN, LABELS, measured, NARROW, WIDE } from "./widths.js";
import { escaped, lines, plain } from "./text.js";

/** Whether traces are lines through time. */
export const isTrend = ([first]) => first?.meta === "trend";

const LANE = 72; // pixels of a line
const STEP = 14; // between lanes
const LINE = 1.35; // of the size of type
const SPARE = 34; // pixels a lane needs for a number at each dot
const SHORT = "…";

/**
 * Lay lines out: their names at the left, or above on a narrow screen, and in words at the right what changed.
 * In a height `tall` they are as high as there is room; where that is little, only the last number is written.
 */
export function through(traces, layout, beside, tall, colours) {
  const { width } = layout;
  const narrow = width < NARROW;
  const words = traces.map(({ name }) => beside.flatMap((column) => column.words(plain(name))));
  const told = !narrow && width >= WIDE && words.some((each) => each.length) ? COLUMN + 30 : 0;
  const [left, right] = narrow ? [20, 20] : [LABELS, 24 + told];
  const top = layout.xaxis.side === "top";
  const [above, below] = top ? [30, 30] : [8, 56];
  const pitch = tall ? Math.min(2 * LANE, (tall - above - below) / traces.length) : 0; // of rows that are alike
  const size = narrow ? 12.5 : Math.min(13, pitch ? pitch * 0.6 : 13);
  const wide = narrow ? width - 24 : LABELS - 28;
  const named = traces.map(({ name }, i) => [plain(name), ...(told ? [] : [words[i].join(", ")].filter(Boolean))]);
  const texts = named.map((parts) => kept(parts.flatMap((text) => fitted(text, size, wide)), pitch, size));
  const heights = texts.map((text) => pitch || (narrow ? text.length * size * LINE + LANE : Math.max(LANE, text.length * size * LINE)) + STEP);
  const sum = heights.reduce((total, height) => total + height, 0);
  const lane = pitch ? pitch - Math.min(STEP, pitch / 6) : LANE;
  const place = (pixels) => 1 - pixels / sum;
  const spans = lanes(traces, layout);
  const notes = [];
  let at = 0;
  for (const i of traces.map((_, n) => n).sort((a, b) => rankOf(traces[a]) - rankOf(traces[b]))) {
    const from = at + (narrow ? texts[i].length * size * LINE : 0);
    const middle = (from + at + heights[i] - (pitch ? 0 : STEP)) / 2;
    const axis = layout[traces[i].yaxis.replace("y", "yaxis")];
    const domain = [Math.max(0, place(middle + lane / 2)), Math.min(1, place(middle - lane / 2))]; // as high as every other
    Object.assign(axis, { domain, range: spans[i], showgrid: false, zeroline: false });
    const own = layout.annotations.filter(({ name }) => name === "row")[i];
    const name = { ...own, font: { ...own.font, size, color: colours.ink }, text: texts[i].map(escaped).join("<br>"), y: place(middle) };
    notes.push(narrow ? { ...name, x: 0, xanchor: "left", xshift: 8 - left, align: "left", y: place(at), yanchor: "top" } : name);
    if (told) {
      const small = Math.min(12, pitch ? pitch * 0.5 : 12);
      const said = saidIn(words[i], pitch, small, told - 10);
      notes.push({ ...name, text: said.map(escaped).join("<br>"), x: 1, xanchor: "left", xshift: 18, align: "left", font: { size: small, color: colours.ink } });
    }
    notes.push(...gaps(traces[i], place(middle), colours));
    at += heights[i];
  }
  if (top) notes.push({ text: layout.xaxis.title.text, x: 0, xref: "paper", xanchor: "left", y: 0, yref: "paper", yanchor: "top", yshift: -4, showarrow: false, font: { size: 12, color: colours.soft } });
  const room = (width - left - right) / traces[0].x.length;
  const tick = Math.max(...traces[0].x.flatMap((wave) => wave.split("<br>")).map((part) => measured(plain(part), 12.5)));
  const tickfont = { ...layout.xaxis.tickfont, size: Math.min(12.5, (12.5 * (room - 4)) / tick) };
  layout.xaxis = { ...layout.xaxis, automargin: false, showgrid: true, tickangle: 0, tickfont, title: top ? undefined : layout.xaxis.title };
  layout.annotations = notes;
  layout.margin = { l: left, r: right, t: above, b: below, pad: 0 };
  layout.height = above + below + sum;
  const little = pitch > 0 && pitch < SPARE;
  const number = little ? Math.min(11, pitch * 0.55) : 12;
  const needed = 4 + Math.max(...traces.flatMap(({ text }) => text.map((words) => measured(words, number, 600))));
  const data = traces.map((trace) => numbersOf(trace, little ? Infinity : Math.ceil(needed / room), number));
  return { data: little ? data.map(smaller) : data, layout };
}

const fitted = (text, size, wide) => lines(text, (part) => measured(part, size) <= wide);

/** As many lines as a row has room for, the last cut if there are more; all where rows are as high as they need. */
function kept(broken, pitch, size) {
  const most = pitch ? Math.max(1, Math.floor(pitch / (size * LINE))) : broken.length;
  return broken.length > most ? [...broken.slice(0, most - 1), broken[most - 1] + SHORT] : broken;
}

/** What changed, in as many lines as a row has room for: without the waves if that is too much. */
function saidIn(words, pitch, size, wide) {
  const most = pitch ? Math.max(1, Math.floor(pitch / (size * LINE))) : words.length;
  if (words.length <= most) return words;
  const all = fitted(words.join(", "), size, wide);
  return all.length <= most ? all : kept(fitted(words.slice(1).join(", "), size, wide), pitch, size);
}

/** A line in little room: small dots, and the last number at its right. */
const smaller = (trace) => ({ ...trace, textposition: "middle right", marker: { ...trace.marker, size: 5 }, error_y: { ...trace.error_y, thickness: 8 } });

const rankOf = ({ yaxis }) => Number(yaxis.slice(1) || 1);

/** The numbers above the dots of a line: the last in bold, and of the others as many as have room. */
function numbersOf(trace, every, size) {
  const last = trace.text.findLastIndex(Boolean);
  const weight = trace.text.map((_, i) => (i === last ? 700 : 400)); // as tags they would be styles that the page forbids
  return { ...trace, textfont: { ...trace.textfont, size, weight }, text: trace.text.map((number, i) => ((last - i) % every ? "" : number)) };
}

/** What stands where a line has no dot: hidden, or not asked. */
const gaps = ({ y, customdata = [] }, middle, { soft }) =>
  y.flatMap((share, i) => (share === null ? [{ x: i, xref: "x", y: middle, yref: "paper", text: customdata[i] ?? "", showarrow: false, font: { size: 11, color: soft } }] : []));

const [BELOW, ABOVE] = [0.62, 0.92]; // of what lines span, around their middles: room for the numbers above

/** Where each lane begins and ends: all of one unit span as much, at least what the lines of everybody do. */
function lanes(traces, layout) {
  const own = traces.map(({ yaxis }) => layout[yaxis.replace("y", "yaxis")].range);
  const reach = traces.map(({ y, error_y: { array, arrayminus } }, i) => {
    const ends = y.flatMap((at, n) => (at === null ? [] : [at - arrayminus[n], at + array[n]]));
    return ends.length ? [Math.min(...ends), Math.max(...ends)] : own[i];
  });
  return traces.map(({ legendgroup }, i) => {
    const alike = traces.map((_, n) => n).filter((n) => traces[n].legendgroup === legendgroup);
    const span = Math.max((own[i][1] - own[i][0]) / (BELOW + ABOVE), ...alike.map((n) => reach[n][1] - reach[n][0]));
    const middle = (reach[i][0] + reach[i][1]) / 2;
    return [middle - span * BELOW, middle + span * ABOVE];
  });
}
