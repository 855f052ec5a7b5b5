/** What is around the page: its own window, or a document whose frame it stands in (`embedded.js`). */

const host = globalThis.frameElement?.insightsHost;
const nowhere = {
  location: { href: "", pathname: "", search: "", hash: "" },
  history: { pushState() {} },
  addEventListener() {},
};

/** The window whose address is the page's; one without any where the address says something else. */
export const around = host ? (host.window ?? nowhere) : globalThis;

/** Whether the address leads to what is shown. */
export const addressed = around !== nowhere;

/** The address of another page: it ends as that of this page does. */
export const addressOf = (page) => `${page}${location.pathname.endsWith(".html") ? ".html" : ".ipynb"}`;

/** Whether colours are dark: what the system says, or what is around the page. */
export const dark = host?.dark ?? globalThis.matchMedia("(prefers-color-scheme: dark)");

/** Let the style follow what is around: a frame would ask the system. */
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

/** Let links to other pages lead there: in JupyterLab to their notebooks; where there are no others, nowhere. */
export function lead() {
  const served = around.location.pathname.endsWith(".ipynb");
  for (const link of document.querySelectorAll("a[href]")) {
    const address = link.getAttribute("href");
    const [, name] = /^([a-z0-9_]+)\.ipynb/.exec(address) ?? [];
    if (name && host?.open) link.addEventListener("click", (event) => { event.preventDefault(); host.open(name); });
    else if (name && !served) link.replaceWith(...link.childNodes);
    else if (host && address === "" && !addressed) link.remove();
    else if (host && !address.startsWith("#")) link.target = "_parent";
  }
  for (const list of document.querySelectorAll(".pages, .more")) {
    if (!list.querySelector("a")) list.remove();
  }
  if (host) document.addEventListener("click", within);
}

/** Follow a link inside the page: in a frame that was given its page as text, it would leave the page. */
function within(event) {
  const address = event.target.closest?.("a[href]")?.getAttribute("href");
  if (!address?.startsWith("#")) return;
  event.preventDefault();
  const target = document.getElementById(address.slice(1));
  target?.scrollIntoView();
  target?.focus({ preventScroll: true });
}
