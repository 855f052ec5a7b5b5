/** Drawings of a notebook that was executed elsewhere: what Python had computed is all there is. */

/** The part of a widget's model that a drawing asks for. Nobody answers what it sends. */
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

/** Draw every `[data-face]` of the page with the face it names, from the JSON inside it. */
export async function thaw(faces) {
  const places = [...document.querySelectorAll("[data-face]")];
  if (places.length === 0) return;
  follow(window.matchMedia("(prefers-color-scheme: dark)"));
  for (const [number, place] of places.entries()) {
    const state = JSON.parse(place.querySelector("script").textContent);
    faces[place.dataset.face]({ model: still(state), el: place });
    unlike(place, number);
    await new Promise((next) => { setTimeout(next); }); // the reader comes first
  }
  document.body.dataset.ready = "true";
}

/** Faces ask JupyterLab for light or dark; here the reader's own preference answers. Paper is light. */
function follow(dark) {
  const say = (light) => { document.body.dataset.jpThemeLight = String(light); };
  say(!dark.matches);
  dark.addEventListener("change", () => say(!dark.matches));
  window.addEventListener("beforeprint", () => say(true));
  window.addEventListener("afterprint", () => say(!dark.matches));
}

/** A notebook may show a question twice: a heading's id belongs to the first. */
function unlike(place, number) {
  for (const heading of place.querySelectorAll("h3[id]")) {
    if (document.getElementById(heading.id) === heading) continue;
    heading.id = `${heading.id}-${number}`;
    heading.closest("article")?.setAttribute("aria-labelledby", heading.id);
  }
}
