/** Copy text, and report what a control did. */

import { el } from "./text.js";
import { say } from "./words.js";

/** A status message beside a control, which screen readers announce. */
export function told() {
  const element = el("span", { class: "said", role: "status" });
  let waiting;
  /** Show a message. A short blank before it makes screen readers announce a repeated one again. */
  async function tell(...words) {
    clearTimeout(waiting);
    if (element.hasChildNodes() && words.length) {
      element.replaceChildren();
      await new Promise((done) => { waiting = setTimeout(done, 60); });
    }
    element.replaceChildren(...words);
  }
  return { element, tell };
}

/** A button that copies what `words()` returns, then reports `done`. */
export function copyButton(label, words, done, { tell }, name = null) {
  const copy = async () => {
    const text = words();
    if (await copied(text)) return tell(done);
    const field = el("textarea", { readonly: true, rows: 3, "aria-label": say("browser.words_to_copy") });
    field.value = text;
    await tell(say("browser.copy_yourself"), field);
    field.focus();
    field.select();
  };
  return el("button", { type: "button", class: "plain", "aria-label": name, onclick: copy }, label);
}

/** Copy text; returns whether it worked. Pages from plain HTTP or a file have no clipboard API. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text);
  }
}

function copiedByHand(text) {
  const before = document.activeElement;
  const field = el("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1", readonly: true });
  field.value = text;
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    // If the browser refuses, the caller shows the text.
  }
  field.remove();
  before?.focus({ preventScroll: true });
  return done;
}
