/** The line of a closed question: what its small chart draws, and what is said of it. */

import { kindOf } from "./lookup.js";
import { numbers } from "./number.js";
import { el, setText } from "./text.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const MIDDLE = 9;

/** Build the line of a question. `show(found)` fills it with a view. */
export function line(views, question) {
  const label = el("p", { class: "of" });
  const drawing = track();
  const value = el("p", { class: "share" });
  const mini = el("div", { class: `mini ${views.provenance.kind}` }, label, el("div", { class: "drawn" }, drawing.element), value);
  const simulated = views.provenance.kind === "illustrative";
  const tag = simulated ? el("span", { class: "tag printed" }, say("browser.printed")) : "";
  const finding = el("p", { class: "finding" });
  let written = "";
  const said = el("div", {}, finding);
  const element = el("div", { class: "glance" }, mini, said);
  const [printed] = question.published ?? [];

  function show(found) {
    const view = found.reason ? null : found.view;
    const spoken = view?.key ? numbers(question, found, view.key.map((at) => view.rows[at])) : [];
    const drawable = spoken.length > 0 && spoken.every(({ share }) => share !== null);
    mini.hidden = !drawable;
    if (drawable) {
      setText(label, nameOf(spoken[0]));
      setText(value, spoken.map(({ share }) => share).join(" → "));
      drawing.draw(spoken);
    }
    const known = view && (simulated ? printed?.statement : view.sentence);
    const words = known || (view ? "" : found.reason);
    if (words !== written) finding.replaceChildren(...(known ? [tag, words] : [words]));
    written = words;
  }

  const mark = [];
  if (question.assumed) {
    const words = question.assumed === "wholly" ? say("browser.assumed_wholly") : say("browser.assumed_partly");
    mark.push(el("span", { class: "tag assumed" }, words));
  }
  if (simulated) mini.prepend(el("span", { class: "tag simulated" }, kindOf(views)));
  if (mark.length) said.append(el("p", { class: "marks" }, mark));
  return { element, show };
}

/** Item and answer of a number, without the point in time. */
const nameOf = ({ parts }) => parts.filter(({ name }) => name !== say("table.time")).map(({ value }) => value).join(" · ");

const percent = (text) => Number(text.replace(/[^\d.]/g, ""));

/** A line from 0 to 100%, on which `draw` puts shares: with several points in time the second is the present. */
function track() {
  const range = part("rect", { y: 4, height: 10, rx: 5 });
  const dots = part("g", {});
  const element = part("svg", { class: "track", height: 2 * MIDDLE, "aria-hidden": "true", focusable: "false" });
  const half = { class: "half", x1: "50%", x2: "50%", y1: 1, y2: 2 * MIDDLE - 1 };
  element.append(part("line", { x1: 0, x2: "100%", y1: MIDDLE, y2: MIDDLE }), part("line", half), range, dots);

  function draw(spoken) {
    const at = Math.min(1, spoken.length - 1);
    const { low, high } = spoken[at].range ?? { low: "0", high: "0" };
    range.setAttribute("x", `${percent(low)}%`);
    range.setAttribute("width", `${percent(high) - percent(low)}%`);
    while (dots.childElementCount > spoken.length) dots.lastChild.remove();
    spoken.forEach(({ share }, i) => {
      const dot = dots.children[i] ?? dots.appendChild(part("circle", { cy: MIDDLE, r: 5 }));
      dot.setAttribute("class", i === at ? "now" : i < at ? "then" : "later");
      dot.setAttribute("cx", `${percent(share)}%`);
    });
  }
  return { element, draw };
}

function part(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
