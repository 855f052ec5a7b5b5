/** The page's surroundings: its own window, or the document whose frame holds it (`embedded.js`). */

const host = globalThis.frameElement?.insightsHost;
const nowhere = {
  location: { href: "", pathname: "", search: "", hash: "" },
  history: { pushState() {}, replaceState() {} },
  addEventListener() {},
};

/** The window whose address belongs to the page; a stub if there is none, as in JupyterLab. */
export const around = host ? (host.window ?? nowhere) : globalThis;

/** Whether another document surrounds the page: Voila's own template, JupyterLab, nbconvert's HTML. */
export const framed = Boolean(host);

/** Whether the page has an address of its own. */
export const addressed = around !== nowhere;

/** The address of another page, with the same ending as this page's. */
export const addressOf = (page) => `${page}${location.pathname.endsWith(".html") ? ".html" : ".ipynb"}`;

/** Whether colours are dark: follows the surrounding document in a frame, otherwise the system. */
export const dark = host?.dark ?? globalThis.matchMedia("(prefers-color-scheme: dark)");

/** Apply the surrounding document's colour scheme: media queries in a frame see only the system's. */
function colours() {
  document.documentElement.style.colorScheme = dark.matches ? "dark" : "light";
  for (const rule of [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])) {
    if (rule.media?.mediaText.includes("prefers-color-scheme")) asked.add(rule);
  }
  for (const rule of asked) rule.media.mediaText = dark.matches ? "all" : "not all";
}
const asked = new Set();
if (host) {
  dark.addEventListener("change", colours);
  colours();
}

/** Adapt a link to where the page is: JupyterLab opens notebooks; without other pages, links become plain text. */
export function adapt(link) {
  const address = link.getAttribute("href");
  const [, name] = /^([a-z0-9_]+)\.ipynb/.exec(address) ?? [];
  if (name && host?.open) link.addEventListener("click", (event) => { event.preventDefault(); host.open(name); });
  else if (name && !served) link.replaceWith(...link.childNodes);
  else if (host && address === "" && !addressed) link.remove();
  else if (host && !address.startsWith("#")) link.target = "_parent";
}
const served = around.location.pathname.endsWith(".ipynb");

/** Whether links to other pages lead there. */
export const linked = Boolean(host?.open) || served || (!host && location.pathname.endsWith(".html"));

/** Adapt all links. */
export function lead() {
  for (const link of document.querySelectorAll("a[href]")) adapt(link);
  for (const list of document.querySelectorAll(".pages, .more")) {
    if (!list.querySelector("a, button")) list.remove();
  }
  if (host) document.addEventListener("click", within);
}

/** Scroll to links within the page by script: in a frame made with `srcdoc` they would leave the page. */
function within(event) {
  const address = event.target.closest?.("a[href]")?.getAttribute("href");
  if (!address?.startsWith("#")) return;
  event.preventDefault();
  const target = document.getElementById(address.slice(1));
  target?.scrollIntoView();
  target?.focus({ preventScroll: true });
}
