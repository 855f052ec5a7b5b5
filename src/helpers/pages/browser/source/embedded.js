/**
 * Show a dashboard page below a cell, in a frame isolated from the document around it. `place` is the
 * output's element. Without JavaScript, readers see the plain HTML of the previous output.
 */
(place, title, page) => {
  const output = place.nodeType ? place : place[0]; // a jQuery object in nbconvert's classic template
  const voila = document.body.dataset.voila;
  const laboratory = !voila && document.getElementById("jupyter-config-data");
  const frame = document.createElement("iframe");

  /** The plain HTML of the page, in the output before this one. */
  function words() {
    for (let at = output; at; at = at.parentElement) {
      const found = at.querySelectorAll(".insights-words");
      if (found.length) return [...found].at(-1);
    }
    return null;
  }

  // JupyterLab makes these links open notebooks, so click one.
  const open = (name) => words()?.querySelector(`a[data-page="${name}"]`)?.click();
  const own = voila || (!laboratory && /\.html?$/.test(location.pathname));
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = Object.assign(new EventTarget(), { matches: false });
  const theme = () => {
    const light = document.body.dataset.jpThemeLight;
    dark.matches = light ? light === "false" : system.matches;
    dark.dispatchEvent(new Event("change"));
  };
  const height = () => { frame.style.height = `max(28rem, 100vh - ${laboratory ? 14 : 2}rem)`; };

  theme();
  system.addEventListener("change", theme);
  new MutationObserver(theme).observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  addEventListener("beforeprint", () => {
    const all = frame.contentDocument?.documentElement;
    if (all) frame.style.height = `${all.scrollHeight}px`;
  });
  addEventListener("afterprint", height);
  frame.addEventListener("load", () => {
    const place = frame.contentDocument?.getElementById("explorer");
    const instead = words();
    if (place && !place.dataset.ready) frame.remove();
    else if (instead) instead.style.display = "none";
  });
  if (own) document.title = title;
  frame.insightsHost = { window: own ? globalThis : null, open: laboratory ? open : null, dark };
  frame.title = title;
  frame.srcdoc = page;
  frame.style.cssText = "display: block; width: 100%; border: 0;";
  height();
  output.replaceChildren(frame);
}
