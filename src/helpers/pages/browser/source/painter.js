/** Schedules the drawing of charts. */

import { dark } from "./around.js";

const PRINT_WIDTH = 868; // 0.76 of it on paper (page.css)
const MOMENT = 20; // milliseconds
const PAUSE = 8; // milliseconds between charts, in which the reader's choices come first

/** Call after the next frame, when changes are on screen; in a hidden window, call without waiting for it. */
function afterFrame(call) {
  if (document.hidden) setTimeout(call);
  else requestAnimationFrame(() => setTimeout(call));
}

/**
 * Keeps cards in step with the selection. A chart in sight follows at once, with its words, because readers
 * wait for it; in the next frame all other words, then the other charts, those out of sight when idle. `find(card)` looks up what a card shows, `done()` is called once words and tables follow.
 */
export class Painter {
  constructor(cards, find, done) {
    this.cards = cards;
    this.find = find;
    this.done = done;
    this.widths = new Map();
    const redraw = () => this.again();
    dark.addEventListener("change", redraw);
    window.addEventListener("beforeprint", () => {
      for (const each of cards) each.tell();
      this.closed = cards.filter((each) => !each.isOpen());
      for (const each of this.closed) each.open(true); // a closed card has no width to draw in
      this.again(PRINT_WIDTH);
    });
    window.addEventListener("afterprint", () => {
      for (const each of this.closed ?? []) each.open(false);
      redraw();
    });
    const sight = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((e) => e.isIntersecting)) this.one(this.of(entry.target));
      },
      { rootMargin: "400px" },
    );
    const size = new ResizeObserver((entries) => {
      const changed = entries.filter((e) => Math.round(e.contentRect.width) !== this.widths.get(e.target));
      for (const entry of changed) this.of(entry.target).age();
      if (changed.length) this.resized();
    });
    for (const { plot } of cards) {
      sight.observe(plot);
      size.observe(plot);
    }
  }

  of(plot) {
    return this.cards.find((each) => each.plot === plot);
  }

  one(each, width = each.isOpen() ? Math.round(each.plot.clientWidth) : 0, paper = false) {
    if (width === 0 || !each.isOpen() || !each.paint(width, dark.matches && !paper, paper)) return false;
    this.widths.set(each.plot, width);
    return true;
  }

  /** After a new selection. */
  follow() {
    const first = this.widths.size ? this.seen() : this.cards;
    for (const each of this.cards) each.take(this.find(each));
    // Plotly measures: before words move anything, the browser need not lay the page out for it.
    const draw = () => first.find((each) => each.isOpen() && each.plot.clientWidth && this.one(each, this.widths.get(each.plot)));
    const drawn = draw();
    for (const each of drawn ? [drawn] : first) each.tell();
    if (!drawn) draw();
    clearTimeout(this.timer);
    afterFrame(() => {
      for (const each of this.cards) each.tell();
      setTimeout(() => {
        for (const each of this.cards) each.settle();
        this.paint();
        this.done();
      }, MOMENT);
    });
  }

  /** The cards in the viewport. */
  seen() {
    return this.cards.filter((each) => {
      const { top, bottom, height } = each.element.getBoundingClientRect();
      return height > 0 && bottom > 0 && top < window.innerHeight;
    });
  }

  /** The cards that are open: of a closed one only its line is drawn. */
  opened() {
    return this.cards.filter((each) => each.isOpen());
  }

  /** The card the reader is probably looking at. */
  inSight() {
    return this.seen().find((each) => each.element.getBoundingClientRect().bottom > 120 && each.words());
  }

  /** After a new width: what is in sight is shown before the others are drawn. */
  resized() {
    clearTimeout(this.timer);
    for (const each of this.seen()) this.one(each);
    afterFrame(() => this.paint());
  }

  /** Draw charts in or near the viewport. Measures all first, then draws, to avoid repeated layout. */
  paint() {
    const near = this.opened()
      .map((each) => ({ each, box: each.plot.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > -200 && box.top < window.innerHeight + 200);
    for (const { each, box } of near) this.one(each, Math.round(box.width));
    this.reserve();
    this.rest();
  }

  /** Reserve space for charts not yet drawn. Measures all first, to avoid repeated layout. */
  reserve() {
    const open = this.opened();
    const widths = open.map((each) => Math.round(each.plot.clientWidth));
    open.forEach((each, i) => widths[i] && each.reserve(widths[i], dark.matches));
  }

  /** Draw the remaining charts one at a time, the nearest first, with pauses. */
  rest() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.nearest().some((each) => this.one(each))) this.rest();
    }, PAUSE);
  }

  /** Cards by how far they are from what is in sight. */
  nearest() {
    const middle = window.innerHeight / 2;
    const away = new Map(this.cards.map((each) => {
      const { top, bottom } = each.element.getBoundingClientRect();
      return [each, Math.max(top - middle, middle - bottom)];
    }));
    return [...this.cards].sort((one, other) => away.get(one) - away.get(other));
  }

  /** Redraw all charts; with a print `width` all at once, in light colours. */
  again(width) {
    for (const each of this.cards) each.age();
    if (width) for (const each of this.cards) this.one(each, width, true);
    else this.paint();
  }
}
