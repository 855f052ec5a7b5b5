/** The address of a question, to share, and the card alone, to put on another website. */

import { copyButton, told } from "./copying.js";
import { el, opener } from "./text.js";
import { say } from "./words.js";

const TALL = 680; // pixels of an embedded card: most charts and their words fit

/**
 * The *Share* part of a card; null if the page has no address. `show()` updates it for a selection.
 * `views.link(part)` returns the address; `views.embed(id)`, where the server allows it, that of the card alone.
 */
export function shareCard(views, question) {
  if (!views.link) return null;
  const { element: said, tell } = told();
  const link = field("input", `share-${question.id}`, say("browser.share_link"), () => views.link(`q-${question.id}`));
  const code = views.embed && field("textarea", `embed-${question.id}`, say("browser.share_embed"), () => frame(views.embed(question.id), question.title));
  const fields = [link, code].filter(Boolean);
  const element = el(
    "details",
    { class: "share", ontoggle: show },
    opener(say("browser.share"), question.title),
    fields.map((each) => el(
      "p",
      { class: "pick" },
      el("label", { for: each.element.id }, each.label),
      each.element,
      copyButton(say("browser.copy"), each.words, say("browser.copied"), { tell }, `${say("browser.copy")}: ${each.label} – ${question.title}`),
    )),
    el("p", { class: "acts" }, said),
  );

  function show() {
    tell();
    if (element.open) for (const each of fields) each.element.value = each.words();
  }
  return { element, show };
}

function field(tag, id, label, words) {
  return { label, words, element: el(tag, { id, readonly: true, rows: tag === "textarea" ? 3 : null, onfocus: (event) => event.target.select() }) };
}

function frame(address, title) {
  const safe = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<iframe src="${safe(address)}" title="${safe(title)}" width="100%" height="${TALL}" loading="lazy"></iframe>`;
}
