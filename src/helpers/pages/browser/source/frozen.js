/** Questions and pictures of an executed notebook, drawn from saved state, without a kernel. */

/** A stub of a widget's model: it reads and sets state, but sends nothing. */
function still(state) {
  const nothing = () => {};
  return {
    frozen: true,
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; },
    on: nothing,
    off: nothing,
    save_changes: nothing,
    send: nothing,
  };
}

/** Draw each `[data-face]` element with the function it names (its face), from the JSON inside it. */
export async function thaw(faces) {
  const places = [...document.querySelectorAll("[data-face]")];
  if (places.length === 0) return;
  follow(window.matchMedia("(prefers-color-scheme: dark)"));
  for (const [number, place] of places.entries()) {
    const state = JSON.parse(place.querySelector("script").textContent);
    faces[place.dataset.face]({ model: still(state), el: place });
    unlike(place, number);
    await new Promise((next) => { setTimeout(next); }); // let the browser respond between drawings
  }
  document.body.dataset.ready = "true";
}

/** Set JupyterLab's theme attribute, which faces read, from the reader's colour scheme; light in print. */
function follow(dark) {
  const say = (light) => { document.body.dataset.jpThemeLight = String(light); };
  say(!dark.matches);
  dark.addEventListener("change", () => say(!dark.matches));
  window.addEventListener("beforeprint", () => say(true));
  window.addEventListener("afterprint", () => say(!dark.matches));
}

/** Give a repeated question's heading an id of its own. */
function unlike(place, number) {
  for (const heading of place.querySelectorAll("h3[id]")) {
    if (document.getElementById(heading.id) === heading) continue;
    heading.id = `${heading.id}-${number}`;
    heading.closest("article")?.setAttribute("aria-labelledby", heading.id);
  }
}
