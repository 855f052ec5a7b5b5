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

/** Let links to other pages lead there: in JupyterLab to their notebooks; where there are no others, nowhere. */
export function lead() {
  const served = around.location.pathname.endsWith(".ipynb");
  for (const link of document.querySelectorAll("a[href]")) {
    const [, name] = /^([a-z0-9_]+)\.ipynb/.exec(link.getAttribute("href")) ?? [];
    if (!name) continue;
    if (host?.open) link.addEventListener("click", (event) => { event.preventDefault(); host.open(name); });
    else if (!served) link.replaceWith(...link.childNodes);
    else if (host) link.target = "_parent";
  }
  for (const list of document.querySelectorAll(".pages, .more")) {
    if (!list.querySelector("a")) list.remove();
  }
}
