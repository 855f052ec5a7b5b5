/** The key of a chart: a swatch of colour and pattern beside each name. */

import { el } from "./text.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const STROKES = {
  "/": "M-2 10L10 -2M4 18L18 4",
  "\\": "M-2 6L10 18M4 -2L18 12",
  "-": "M0 5H16M0 11H16",
  "|": "M5 0V16M11 0V16",
};
STROKES.x = `${STROKES["/"]}${STROKES["\\"]}`;
STROKES["+"] = `${STROKES["-"]}${STROKES["|"]}`;
STROKES["."] = "M4 4h2M10 4h2M4 10h2M10 10h2";

/** An SVG square of 16 pixels. */
export function swatch({ colour, shape, line }) {
  const svg = document.createElementNS(SVG, "svg");
  const add = (tag, attributes) => {
    const part = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
    svg.append(part);
  };
  for (const [name, value] of [["width", 16], ["height", 16], ["aria-hidden", "true"]]) {
    svg.setAttribute(name, value);
  }
  add("rect", { width: 16, height: 16, rx: 2, fill: colour });
  if (STROKES[shape]) add("path", { d: STROKES[shape], stroke: line, "stroke-width": 2, fill: "none" });
  return svg;
}

export function keyList(items) {
  return el(
    "ul",
    { class: "key", "aria-label": say("browser.key") },
    items.map((item) => el("li", {}, swatch(item), el("span", {}, item.name))),
  );
}
