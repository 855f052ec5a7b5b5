/** When which chart is drawn. */

import { dark } from "./around.js";

const PRINT_WIDTH = 660;
const MOMENT = 20; // milliseconds

/** Call once what has changed is on the screen, and had a moment to get there; at once in a window that nobody sees. */
function afterFrame(call) {
  if (document.hidden) setTimeout(call);
  else requestAnimationFrame(() => setTimeout(call, MOMENT));
}

/**
 * Keeps cards in step with what is chosen: the first chart in sight is drawn at once, since readers
 * wait for it, then what else is in sight, then the rest when there is time. `update(card)` fills a card.
 */
export class Painter {
  constructor(cards, update) {
    this.cards = cards;
    this.update = update;
    this.widths = new Map();
    const redraw = () => this.again();
    dark.addEventListener("change", redraw);
    window.addEventListener("beforeprint", () => this.again(PRINT_WIDTH));
    window.addEventListener("afterprint", redraw);
    const sight = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((e) => e.isIntersecting)) this.one(this.of(entry.target));
      },
      { rootMargin: "400px" },
    );
    const size = new ResizeObserver((entries) => {
      const changed = entries.filter((e) => Math.round(e.contentRect.width) !== this.widths.get(e.target));
      for (const entry of changed) this.of(entry.target).age();
      if (changed.length) this.paint();
    });
    for (const { plot } of cards) {
      sight.observe(plot);
      size.observe(plot);
    }
  }

  of(plot) {
    return this.cards.find((each) => each.plot === plot);
  }

  one(each, width = Math.round(each.plot.clientWidth)) {
    if (width === 0 || !each.paint(width, dark.matches && width !== PRINT_WIDTH)) return false;
    this.widths.set(each.plot, width);
    return true;
  }

  /** Follow a choice: what is in sight with the first of its charts, then all other words; a frame later the rest. */
  follow() {
    const first = this.widths.size ? this.seen() : this.cards; // measured before anything moves
    for (const each of first) this.update(each);
    first.some((each) => this.one(each, this.widths.get(each.plot)));
    for (const each of this.cards) if (!first.includes(each)) this.update(each);
    clearTimeout(this.timer);
    afterFrame(() => {
      for (const each of this.cards) each.settle();
      this.paint();
    });
  }

  /** The cards that are in the window. */
  seen() {
    return this.cards.filter((each) => {
      const { top, bottom, height } = each.element.getBoundingClientRect();
      return height > 0 && bottom > 0 && top < window.innerHeight;
    });
  }

  /** The card that the reader looks at. */
  inSight() {
    return this.seen().find((each) => each.element.getBoundingClientRect().bottom > 120 && each.words());
  }

  /** Draw what is near the window: measured all at once, drawn after. */
  paint() {
    const near = this.cards
      .map((each) => ({ each, box: each.plot.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > -200 && box.top < window.innerHeight + 200);
    for (const { each, box } of near) this.one(each, Math.round(box.width));
    this.reserve();
    this.rest();
  }

  /** Give every chart that waits its room: measured all at once, as reading after writing is slow. */
  reserve() {
    const widths = this.cards.map((each) => Math.round(each.plot.clientWidth));
    this.cards.forEach((each, i) => widths[i] && each.reserve(widths[i], dark.matches));
  }

  /** One chart per idle moment until none is left. */
  rest() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.cards.some((each) => this.one(each))) this.rest();
    }, 30);
  }

  /** Draw all again: for paper in light colours at once, else as usual. */
  again(width) {
    for (const each of this.cards) each.age();
    if (width) for (const each of this.cards) this.one(each, width);
    else this.paint();
  }
}
