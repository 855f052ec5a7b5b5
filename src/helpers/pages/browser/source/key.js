/** The key of a chart: a swatch of colour, or the mark of a dot, beside each name. */

import { el } from "./text.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const MARKS = {
  circle: "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z",
  diamond: "M8 1.5L14.5 8L8 14.5L1.5 8z",
  square: "M3 3h10v10h-10z",
};

/** An SVG square of 16 pixels. */
export function swatch({ colour, symbol }) {
  const svg = document.createElementNS(SVG, "svg");
  const add = (tag, attributes) => {
    const part = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
    svg.append(part);
  };
  for (const [name, value] of [["width", 16], ["height", 16], ["aria-hidden", "true"]]) {
    svg.setAttribute(name, value);
  }
  const [mark, open] = (symbol ?? "").split("-");
  if (symbol) add("path", { d: MARKS[mark], fill: open ? "none" : colour, stroke: colour, "stroke-width": 2 });
  else add("rect", { width: 16, height: 16, rx: 2, fill: colour });
  return svg;
}

export function keyList(items) {
  return el(
    "ul",
    { class: "key", "aria-label": say("browser.key") },
    items.map((item) => el("li", {}, swatch(item), el("span", {}, item.name))),
  );
}
