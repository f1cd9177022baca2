// A long list of which only the rows in sight exist. Rows have one height, or heights that `heightOf`
// tells; the scroll position stays at the end while `isFollowing`.

import { h } from "./dom.js";

export class VirtualList {
  items = [];
  isFollowing = false;
  #rows = new Map();
  #offsets = null;
  #isScheduled = false;
  #lastTop = 0;

  /**
   * `makeRow(item, index)` returns a node; `keyOf(item)` says which node may stay;
   * `heightOf(item)` is the number of lines; `onScrollAway()` is called when the user leaves the end.
   */
  constructor({ rowHeight, makeRow, keyOf, linesOf = null, label, role = "log", onScrollAway = null, onReachEnd = null }) {
    Object.assign(this, { rowHeight, makeRow, keyOf, linesOf, onScrollAway, onReachEnd });
    this.space = h("div", { class: "virtual-space" });
    this.node = h("div", { class: "virtual", tabindex: "0", role, "aria-label": label, "aria-live": "off" }, this.space);
    this.node.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => {
      this.measure();
      this.render();
    }).observe(this.node);
  }

  /** Shows other items; rows with the same key stay the same nodes. */
  set(items) {
    this.items = items;
    this.measure();
    this.schedule();
  }

  /** Items were added at the end of the same list. */
  grown() {
    if (this.linesOf) this.#measureFrom(this.#offsets.length - 1);
    this.schedule();
  }

  measure() {
    if (!this.linesOf) return;
    this.#offsets = [0];
    this.#measureFrom(0);
  }

  #measureFrom(index) {
    const offsets = this.#offsets;
    for (let at = index; at < this.items.length; at++) {
      offsets[at + 1] = offsets[at] + this.linesOf(this.items[at]) * this.rowHeight;
    }
    offsets.length = this.items.length + 1;
  }

  get #height() {
    return this.linesOf ? this.#offsets[this.items.length] : this.items.length * this.rowHeight;
  }

  #top(index) {
    return this.linesOf ? this.#offsets[index] : index * this.rowHeight;
  }

  #indexAt(offset) {
    if (!this.linesOf) return Math.floor(offset / this.rowHeight);
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#offsets[middle + 1] <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.render();
    });
  }

  /** Draws the rows in sight and some around them. */
  render() {
    const box = this.node.clientHeight;
    if (!box) return;
    const height = this.#height;
    this.space.style.height = `${height}px`;
    if (this.isFollowing && Math.abs(this.node.scrollTop + box - height) > 1) {
      this.node.scrollTop = height;
      this.#lastTop = this.node.scrollTop;
    }
    const top = Math.min(this.node.scrollTop, Math.max(0, height - box));
    const first = Math.max(0, this.#indexAt(top) - 8);
    const last = Math.min(this.items.length, this.#indexAt(top + box) + 9);
    const seen = new Set();
    let next = this.space.firstElementChild;
    for (let index = first; index < last; index++) {
      const item = this.items[index];
      const key = this.keyOf(item);
      seen.add(key);
      let row = this.#rows.get(key);
      if (!row || row.item !== item) {
        const node = this.makeRow(item, index, row?.node);
        if (row && row.node !== node) row.node.replaceWith(node);
        this.#rows.set(key, (row = { node, item }));
      }
      row.node.style.transform = `translateY(${this.#top(index)}px)`;
      // In the order of the lines, for selections and screen readers.
      if (row.node === next) next = next.nextElementSibling;
      else this.space.insertBefore(row.node, next);
    }
    for (const [key, row] of this.#rows) {
      if (seen.has(key)) continue;
      row.node.remove();
      this.#rows.delete(key);
    }
  }

  /** Takes its place again after it was hidden, where the browser forgets it. */
  shown() {
    this.node.scrollTop = this.#lastTop;
    this.render();
    this.#lastTop = this.node.scrollTop;
  }

  /** Makes all rows again, for another way of drawing them. */
  redraw() {
    for (const row of this.#rows.values()) row.node.remove();
    this.#rows.clear();
    this.measure();
    this.render();
  }

  get isAtEnd() {
    return this.node.scrollTop + this.node.clientHeight >= this.#height - this.rowHeight;
  }

  scrollToIndex(index) {
    const top = this.#top(index);
    const box = this.node.clientHeight;
    if (top < this.node.scrollTop) this.node.scrollTop = top;
    else if (top + this.rowHeight > this.node.scrollTop + box) this.node.scrollTop = top + this.rowHeight - box;
  }

  #scrolled() {
    if (!this.node.clientHeight) return;
    // Following itself only goes down.
    const isUp = this.node.scrollTop < this.#lastTop - 1;
    const isDown = this.node.scrollTop > this.#lastTop + 1;
    this.#lastTop = this.node.scrollTop;
    if (isUp && this.isFollowing && !this.isAtEnd) this.onScrollAway?.();
    else if (isDown && !this.isFollowing && this.isAtEnd) this.onReachEnd?.();
    this.schedule();
  }
}
