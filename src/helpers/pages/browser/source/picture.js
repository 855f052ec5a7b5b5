/** A chart as a self-explanatory slide of 16:9: kind of data, finding, question, key, chart, base and source. */

import { dressed, isDots, key, LIGHT, standalone } from "./chart.js";
import { columns } from "./findings.js";
import { swatch } from "./key.js";
import { cut, shortened } from "./longest.js";
import { escaped, lines, plain } from "./text.js";
import { isTrend } from "./through.js";
import { FONT, measured } from "./widths.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1280;
const HEIGHT = 720;
const EDGE = 40;
const WIDE = WIDTH - 2 * EDGE;
const BAND = "#fff3d6";
const ON_BAND = "#7a4b00";

function node(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Whether a text of a size fits into a width. */
const fitting = (size, width, weight) => (text) => measured(text, size, weight) <= width;

/** The largest of some sizes in which a text has at most so many lines, and these. */
function set(words, sizes, most, weight) {
  const made = sizes.map((size) => ({ size, broken: lines(words, fitting(size, WIDE, weight)) }));
  return made.find(({ broken }) => broken.length <= most) ?? made.at(-1);
}

/** Write lines below `y`; returns the y where they end. */
function write(picture, { size, broken }, y, attributes = {}) {
  for (const line of broken) {
    y += size * 1.3;
    picture.append(node("text", { x: EDGE, y, "font-size": size, fill: LIGHT.ink, ...attributes }, line));
  }
  return y;
}

/** Write what kind of data this is in a band, which stands out without colour too; returns its end. */
function band(picture, words) {
  const { size, broken } = set(words, [15, 13, 11], 1, 700);
  picture.append(node("rect", { x: EDGE, y: 16, width: WIDE, height: 28, fill: BAND, stroke: ON_BAND, "stroke-width": 2 }));
  picture.append(node("text", { x: EDGE + 10, y: 35, "font-size": size, "font-weight": 700, fill: ON_BAND }, broken.join(" ")));
  return 44;
}

/** A line with two ends, as a chart draws ranges. */
function rangeMark() {
  const svg = node("svg", { width: 24, height: 16 });
  svg.append(node("path", { d: "M2 8H22M2 4V12M22 4V12", stroke: LIGHT.ink, "stroke-width": 1.5, fill: "none" }));
  return svg;
}

/** Write the key in rows below `y`; returns the y where it ends. */
function keyRows(picture, items, y) {
  let x = EDGE;
  y += 10;
  for (const { mark, name } of items) {
    const wide = 52 + measured(name, 14);
    if (x > EDGE && x + wide > WIDTH - EDGE) {
      x = EDGE;
      y += 22;
    }
    mark.setAttribute("x", x);
    mark.setAttribute("y", y);
    picture.append(mark, node("text", { x: x + 28, y: y + 13, "font-size": 14, fill: LIGHT.ink }, name));
    x += wide;
  }
  return y + 18;
}

const SHORTEST = "…";

/** A label in as many lines as there are, the last cut if it is too long. */
function label(words, size, most, width) {
  const fits = fitting(size, width);
  const broken = lines(words, fits);
  const kept = broken.slice(0, most);
  if (broken.length > most || !kept.every(fits)) {
    let last = kept.at(-1);
    while (last && !fits(last + SHORTEST)) last = last.slice(0, -1).trimEnd();
    kept[kept.length - 1] = last + SHORTEST;
  }
  return kept.map(escaped).join("<br>");
}

const PITCH = 34; // pixels of a row that has room for two lines of words

/** A chart that fits into a height: type and labels as large as rows have room for, so that nothing overlaps. */
function fitted(question, found, height) {
  const view = shortened(question, found.by, found.view);
  const drawn = (beside, tall) => dressed(question, found.by, view, WIDE, false, beside, tall);
  const own = drawn([]).layout;
  const within = Math.min(height, own.height * 1.6);
  const drawing = drawn([]).data;
  if (isTrend(drawing)) return drawn(columns(question, found), within);
  const names = [...new Set(drawing.flatMap(({ y }) => y ?? []))];
  if (!drawing.some(isDots) && !names.every((name) => typeof name === "string")) return drawn([], within);
  const rows = own.yaxis.tickvals ?? own.yaxis.categoryarray ?? names;
  const texts = own.yaxis.ticktext ?? rows;
  const pitch = (within - own.margin.t - own.margin.b) / Math.max(1, rows.length);
  const { data, layout } = drawn(pitch < PITCH ? [] : columns(question, found), within);
  const size = Math.min(15, pitch * 0.8);
  const most = Math.max(1, Math.floor(pitch / (size * 1.35)));
  const small = Math.min(13, pitch * 0.5);
  const written = (trace) => ({ ...trace, textfont: { ...trace.textfont, size: Math.min(trace.type === "bar" ? small : trace.textfont.size ?? 13, size) } });
  return {
    data: data.map((trace) => (trace.textfont ? written(trace) : trace)),
    layout: {
      ...layout,
      annotations: layout.annotations?.map((note) => (note.yref === "paper" || note.name ? note : { ...note, font: { ...note.font, size: Math.min(note.font.size, small) } })),
      yaxis: {
        ...layout.yaxis,
        tickmode: "array",
        tickvals: rows,
        ticktext: texts.map((text) => label(plain(text), size, most, WIDE * 0.38)),
        tickfont: { ...layout.yaxis.tickfont, size },
      },
    },
  };
}

/** The SVG of a view. `about` has a `kind` of data, a `heading`, and the lines `above` and `below` the chart. */
export async function svg(question, found, about) {
  const { by, view } = found;
  const picture = node("svg", { xmlns: SVG, width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "font-family": FONT });
  picture.append(node("title", {}, about.heading), node("desc", {}, about.above.join(" ")), node("rect", { width: "100%", height: "100%", fill: LIGHT.paper }));
  let y = band(picture, about.kind);
  y = write(picture, set(about.heading, [28, 24, 20, 17], 3, 600), y + 2, { "font-weight": 600 });
  for (const words of about.above) y = write(picture, set(words, [15, 13, 11], 2), y + 3, { fill: LIGHT.soft });
  const series = key(question, by, view);
  const items = series.length > 1 ? series.map((item) => ({ mark: swatch(item), name: item.name })) : [];
  const { data } = question.figures[view.figure ?? by];
  if (view.values.some(({ error_x: range }, i) => range && data[i].type === "bar")) items.push({ mark: rangeMark(), name: say("browser.range_key") });
  if (items.length) y = keyRows(picture, items, y);
  const counts = cut(question, by, view);
  const said = counts ? [say("browser.part", counts), ...about.below] : about.below;
  const below = set(said.join(" "), [13, 12, 11, 10, 9], 4);
  const foot = HEIGHT - 16 - below.broken.length * below.size * 1.3;
  const chart = fitted(question, found, foot - y - 12);
  picture.append(node("g", { id: "chart", transform: `translate(${EDGE} ${y + 6})` }));
  write(picture, below, foot, { fill: LIGHT.soft });
  const inside = await standalone(chart);
  // Insert the chart as text: as elements, its style attributes would violate the content security policy.
  const text = new XMLSerializer()
    .serializeToString(picture)
    .replace(/(<g id="chart"[^>]*)\/>/, (_, start) => `${start}>${inside}</g>`);
  return { text, width: WIDTH, height: HEIGHT };
}

/** The PNG of an SVG, at double resolution. */
export async function png({ text, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}
