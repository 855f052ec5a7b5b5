/**
 * Show a page of the dashboards below a cell, in a frame that nothing around it reaches. `place` is
 * the element of an output. Where no script runs, the words of the output before it stay.
 */
(place, title, page) => {
  const output = place.nodeType ? place : place[0]; // jQuery's in nbconvert's classic template
  const voila = document.body.dataset.voila;
  const laboratory = !voila && document.getElementById("jupyter-config-data");
  const frame = document.createElement("iframe");

  /** The words that stand for the page: in the output before this one. */
  function words() {
    for (let at = output; at; at = at.parentElement) {
      const found = at.querySelectorAll(".insights-words");
      if (found.length) return [...found].at(-1);
    }
    return null;
  }

  // JupyterLab has made these links open notebooks.
  const open = (name) => words()?.querySelector(`a[data-page="${name}"]`)?.click();
  const own = voila || (!laboratory && /\.html?$/.test(location.pathname));
  frame.insightsHost = { window: own ? globalThis : null, open: laboratory ? open : null };
  frame.title = title;
  frame.srcdoc = page;
  frame.style.cssText = "display: block; width: 100%; border: 0;";
  const height = () => { frame.style.height = laboratory ? "max(28rem, 100vh - 14rem)" : "max(28rem, 100vh - 2rem)"; };
  const theme = () => {
    const light = document.body.dataset.jpThemeLight;
    frame.style.colorScheme = light ? (light === "false" ? "dark" : "light") : "";
  };
  height();
  theme();
  new MutationObserver(theme).observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  frame.addEventListener("load", () => {
    const instead = words();
    if (instead) instead.style.display = "none";
  });
  addEventListener("beforeprint", () => {
    const all = frame.contentDocument?.documentElement;
    if (all) frame.style.height = `${all.scrollHeight}px`;
  });
  addEventListener("afterprint", height);
  output.replaceChildren(frame);
}
