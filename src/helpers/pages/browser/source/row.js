/** The line of a closed question: what its small chart draws, and what is said of it. */

import { kindOf } from "./lookup.js";
import { numbers } from "./number.js";
import { el } from "./text.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const MIDDLE = 9;

/** Build the line of a question. `show(found)` fills it with a view. */
export function line(views, question) {
  const label = el("p", { class: "of" });
  const drawing = el("div", { class: "drawn" });
  const value = el("p", { class: "share" });
  const mini = el("div", { class: `mini ${views.provenance.kind}` }, label, drawing, value);
  const finding = el("p", { class: "finding" });
  const said = el("div", {}, finding);
  const element = el("div", { class: "glance" }, mini, said);
  const simulated = views.provenance.kind === "illustrative";
  const [printed] = question.published ?? [];

  function show(found) {
    const view = found.reason ? null : found.view;
    const all = view?.key ? numbers(question, found) : [];
    const spoken = all.length ? view.key.map((at) => all[at]) : [];
    const drawable = spoken.length > 0 && spoken.every(({ share }) => share !== null);
    mini.hidden = !drawable;
    if (drawable) {
      label.textContent = nameOf(spoken[0]);
      drawing.replaceChildren(track(spoken));
      value.textContent = spoken.map(({ share }) => share).join(" → ");
    }
    const words = simulated ? printed?.statement : view?.sentence;
    finding.replaceChildren(...(words ? [tag(simulated), words] : []));
    if (!view) finding.replaceChildren(found.reason ?? "");
  }

  const tag = (isPrinted) => (isPrinted ? el("span", { class: "tag printed" }, say("browser.printed")) : "");
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

/** Draw shares on a line from 0 to 100%: with several points in time the second is the present. */
function track(spoken) {
  const svg = part("svg", { class: "track", height: 2 * MIDDLE, "aria-hidden": "true", focusable: "false" });
  const at = Math.min(1, spoken.length - 1);
  const { range } = spoken[at];
  svg.append(part("line", { x1: 0, x2: "100%", y1: MIDDLE, y2: MIDDLE }));
  svg.append(part("line", { class: "half", x1: "50%", x2: "50%", y1: 1, y2: 2 * MIDDLE - 1 }));
  if (range) {
    const [low, high] = [percent(range.low), percent(range.high)];
    svg.append(part("rect", { x: `${low}%`, width: `${high - low}%`, y: 4, height: 10, rx: 5 }));
  }
  spoken.forEach(({ share }, i) => {
    const kind = i === at ? "now" : i < at ? "then" : "later";
    svg.append(part("circle", { class: kind, cx: `${percent(share)}%`, cy: MIDDLE, r: 5 }));
  });
  return svg;
}

function part(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
