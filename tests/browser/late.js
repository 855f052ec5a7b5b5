// Whatever a page puts off comes a quarter of a second later, as on a busy machine: a test that
// reads before it waits fails at once, not once in a hundred runs.
(() => {
  const LATE = 250;
  const later = window.setTimeout.bind(window);
  const frame = window.requestAnimationFrame.bind(window);
  const get = window.fetch.bind(window);
  const Sight = window.IntersectionObserver;
  window.setTimeout = (call, time, ...rest) => later(call, (time || 0) + LATE, ...rest);
  window.requestAnimationFrame = (call) => frame(() => later(() => call(performance.now()), LATE));
  window.fetch = async (...asked) => { await new Promise((done) => later(done, LATE)); return get(...asked); };
  window.IntersectionObserver = class extends Sight {
    constructor(call, options) { super((seen, self) => later(() => call(seen, self), LATE), options); }
  };
  for (const type of ["toggle", "hashchange", "popstate"]) {
    window.addEventListener(type, (event) => {
      if (event.late) return;
      event.stopImmediatePropagation();
      const { target } = event;
      const again = Object.assign(new event.constructor(type, event), { late: true });
      later(() => target.dispatchEvent(again), LATE);
    }, true);
  }
})();
