/** A chart as a self-explanatory image file: heading, key, chart, base and provenance. */

import { FONT, key, LIGHT, standalone } from "./chart.js";
import { columns } from "./findings.js";
import { swatch } from "./key.js";
import { lines } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const EDGE = 32;

function node(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Write wrapped text below `y`; returns the y where it ends. */
function paragraph(picture, words, y, size, attributes = {}) {
  for (const line of lines(words, Math.floor((WIDTH - 2 * EDGE) / (size * 0.5)))) {
    y += size * 1.4;
    picture.append(node("text", { x: EDGE, y, "font-size": size, fill: LIGHT.ink, ...attributes }, line));
  }
  return y;
}

/** Write the key in rows below `y`; returns the y where it ends. */
function keyRows(picture, items, y) {
  let x = EDGE;
  y += 18;
  for (const item of items) {
    const wide = 34 + item.name.length * 8.2;
    if (x > EDGE && x + wide > WIDTH - EDGE) {
      x = EDGE;
      y += 24;
    }
    const mark = swatch(item);
    mark.setAttribute("x", x);
    mark.setAttribute("y", y);
    picture.append(mark, node("text", { x: x + 22, y: y + 13, "font-size": 14, fill: LIGHT.ink }, item.name));
    x += wide;
  }
  return y + 20;
}

/** The SVG of a view. `about` has a `heading`, and the lines `above` and `below` the chart. */
export async function svg(question, found, about) {
  const chart = await standalone(question, found.by, found.view, WIDTH - 2 * EDGE, columns(question, found));
  const picture = node("svg", { xmlns: SVG, width: WIDTH, "font-family": FONT });
  const ground = node("rect", { width: "100%", height: "100%", fill: LIGHT.paper });
  picture.append(node("title", {}, about.heading), node("desc", {}, found.view.sentence), ground);
  let y = paragraph(picture, about.heading, 14, 22, { "font-weight": 600 });
  for (const words of about.above) y = paragraph(picture, words, y + 2, 15);
  const items = key(question, found.by, found.view);
  if (items.length > 1) y = keyRows(picture, items, y);
  picture.append(node("g", { id: "chart", transform: `translate(${EDGE} ${y + 10})` }));
  y += 10 + chart.height;
  for (const words of about.below) y = paragraph(picture, words, y + 2, 13, { fill: LIGHT.soft });
  const height = Math.ceil(y + 24);
  picture.setAttribute("height", height);
  picture.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  // Insert the chart as text: as elements, its style attributes would violate the content security policy.
  const text = new XMLSerializer()
    .serializeToString(picture)
    .replace(/(<g id="chart"[^>]*)\/>/, (_, start) => `${start}>${chart.text}</g>`);
  return { text, width: WIDTH, height };
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
