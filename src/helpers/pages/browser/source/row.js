/** The line of a closed question: what its small chart draws, and what is said of it. */

import { kindOf } from "./lookup.js";
import { nameOf, numbers } from "./number.js";
import { el, setText } from "./text.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const MIDDLE = 9;

/** Build the line of a question. `show(found)` fills it with a view. */
export function line(views, question) {
  const label = el("p", { class: "of" });
  const drawing = track();
  const value = el("p", { class: "share" });
  const differs = el("p", { class: "of differs" });
  const drawn = el("div", { class: "drawn" }, drawing.element);
  const mini = el("div", { class: `mini ${views.provenance.kind}` }, label, drawn, value, differs);
  const simulated = views.provenance.kind === "illustrative";
  const tag = simulated ? el("span", { class: "tag printed" }, say("browser.printed")) : "";
  const finding = el("p", { class: "finding" });
  let written = "";
  const said = el("div", {}, finding);
  const element = el("div", { class: "glance" }, mini, said);
  const [printed] = question.published ?? [];

  function show(found) {
    const view = found.reason ? null : found.view;
    const whole = view ? speaking(question, { view: found.whole ?? view, by: "" }) : [];
    const groups = found.by && whole.length ? ofGroups(question, found, whole[nowOf(whole)]) : [];
    const marks = groups.length ? apart(groups) : inTime(whole);
    const draws = marks.length > 0 && marks.every(({ share }) => share !== null);
    const missing = simulated && found.reason; // what the source prints is the same for every selection
    const other = view ? found.differs.join(" ") : "";
    mini.hidden = !draws && !missing && !other;
    mini.classList.toggle("sides", groups.length > 0);
    drawn.hidden = value.hidden = !draws;
    setText(differs, other);
    differs.hidden = !other;
    if (draws) {
      setText(label, groups.length ? nameOf(whole[nowOf(whole)]) : nameOf(untimed(whole[0])));
      if (groups.length) value.replaceChildren(...sideBySide(marks));
      else setText(value, whole.map(({ share }) => share).join(" → "));
      drawing.draw(marks);
    } else setText(label, missing || "");
    const words = (simulated ? printed?.statement : found.reason || view.sentence) || "";
    if (words !== written) finding.replaceChildren(...(words ? [tag, words] : []));
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

/** The numbers that speak for a view: one, or one at each time. */
const speaking = (question, { view, by }) => numbers(question, { view, by }, (view.key ?? []).map((at) => view.rows[at]));

/** Of several times the second is the present. */
const nowOf = (spoken) => Math.min(1, spoken.length - 1);

/** The numbers of the groups that another number is the whole of, each with its `group`; those that are shown. */
function ofGroups(question, found, { parts }) {
  const isOf = (some) => (own) => some.some(({ name, value }) => own.name === name && own.value === value);
  return numbers(question, found)
    .filter((number) => number.share !== null && parts.every(isOf(number.parts)))
    .map((number) => ({ ...number, group: number.parts.find((own) => !isOf(parts)(own))?.value ?? "" }));
}

const GLYPHS = ["\u25CF", "\u25C6", "\u25B2"]; // as many groups are named

/** Groups, each with its range. */
const apart = (groups) => groups.map((group, i) => ({ ...group, glyph: GLYPHS[groups.length > GLYPHS.length ? 0 : i] }));

/** Points in time; the present has its range. */
function inTime(spoken) {
  const at = nowOf(spoken);
  return spoken.map(({ share, range }, i) => ({ share, range: i === at && range, kind: i === at ? "now" : i < at ? "then" : "later" }));
}

function sideBySide(groups) {
  if (groups.length <= GLYPHS.length) return groups.map(({ group, share, glyph }) => el("span", { "data-glyph": glyph }, `${group} ${share}`));
  const ranked = [...groups].sort((one, other) => percent(one.share) - percent(other.share));
  return [`${ranked[0].share} – ${ranked.at(-1).share}`];
}

const untimed = ({ parts }) => ({ parts: parts.filter(({ name }) => name !== say("table.time")) });

const percent = (text) => Number(text.replace(/[^\d.]/g, ""));

/** A line from 0 to 100%, on which `draw` puts marks: `{ share, range, kind }` or, with a `glyph`, those of groups. */
function track() {
  const ranges = part("g", {});
  const dots = part("g", {});
  const glyphs = part("g", {});
  const element = part("svg", { class: "track", height: 2 * MIDDLE, "aria-hidden": "true", focusable: "false" });
  const half = { class: "half", x1: "50%", x2: "50%", y1: 1, y2: 2 * MIDDLE - 1 };
  element.append(part("line", { x1: 0, x2: "100%", y1: MIDDLE, y2: MIDDLE }), part("line", half), ranges, dots, glyphs);

  function draw(marks) {
    const known = marks.map(({ range }) => range).filter(Boolean);
    const bars = those(ranges, known.length, "rect", { y: 4, height: 10, rx: 5 });
    known.forEach(({ low, high }, i) => {
      bars[i].setAttribute("x", `${percent(low)}%`);
      bars[i].setAttribute("width", `${percent(high) - percent(low)}%`);
    });
    const groups = marks.filter(({ glyph }) => glyph);
    const texts = those(glyphs, groups.length, "text", { y: MIDDLE });
    groups.forEach(({ share, glyph }, i) => {
      texts[i].setAttribute("x", `${percent(share)}%`);
      setText(texts[i], glyph);
    });
    const times = marks.filter(({ kind }) => kind);
    const circles = those(dots, times.length, "circle", { cy: MIDDLE, r: 5 });
    times.forEach(({ share, kind }, i) => {
      circles[i].setAttribute("class", kind);
      circles[i].setAttribute("cx", `${percent(share)}%`);
    });
  }
  return { element, draw };
}

/** As many parts of a group as are needed, made or removed. */
function those(group, n, tag, attributes) {
  while (group.childElementCount > n) group.lastChild.remove();
  while (group.childElementCount < n) group.append(part(tag, attributes));
  return group.children;
}

function part(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
