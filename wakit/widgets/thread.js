/**
 * A list of messages that only has in the page what can be seen: the feed, a conversation and the inbox show one each.
 *
 * Rows have any height, so the list keeps those it has measured and guesses the others. What the person looks at stays where it is when rows
 * come, change or are measured; only somebody who is at the end follows it. Text goes into text nodes.
 */

/** Most rows in the page at a time. */
const ROWS = 48;
/** Rows beyond the edges of what can be seen. */
const BEYOND = 8;
/** Most rows kept; the oldest are fetched again when somebody scrolls up to them. */
const KEPT = 5000;
/** Pixels of a row that was never measured. */
const GUESS = 58;
/** Pixels from the end that still count as being there, and from the beginning that ask for more. */
const NEAR_END = 24;
const NEAR_START = 400;

class Thread {
  /**
   * `texts` are the words, `lang` formats dates; `more(row)` asks for what is before the first row, `newer(row)` for what is behind the last
   * where the list does not reach the present (`null`: for the present itself); `jump(key)` asks for the surroundings of a message; `menu(row)` returns buttons for a row, `media(row)` what stands for its file.
   */
  constructor({ texts, lang, more, newer, jump, menu = () => [], media = () => null }) {
    Object.assign(this, { texts, more, newer, jump, menu, media });
    this.rows = [];
    this.at = new Map();
    this.heights = new Map();
    this.drawn = new Map();
    this.range = [0, 0];
    this.news = 0;
    this.asked = null;
    this.late = [];
    this.present = true;
    this.begins = false;
    this.time = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
    this.day = new Intl.DateTimeFormat(lang, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
    this.exact = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "medium" });
    this.build();
  }

  build() {
    const t = this.texts;
    this.above = h("div", { "aria-hidden": "true" });
    this.below = h("div", { "aria-hidden": "true" });
    this.middle = h("div", { class: "wakit-rows" });
    this.list = h(
      "div",
      { class: "wakit-list", role: "log", "aria-label": t.messages, "aria-live": "off", tabindex: "0", onscroll: () => this.scrolled() },
      this.above,
      this.middle,
      this.below,
    );
    this.pill = button("", () => this.toEnd(), "wakit-pill");
    this.pill.hidden = true;
    this.empty = h("p", { class: "wakit-empty wakit-quiet" }, t.empty);
    this.element = h("div", { class: "wakit-thread" }, this.empty, this.list, this.pill);
    this.sized = new ResizeObserver(() => this.resized());
    this.sized.observe(this.list);
  }

  close() {
    this.sized.disconnect();
    cancelAnimationFrame(this.frame);
  }

  // -- what comes

  /** Show these rows instead; `present` says that nothing is newer, `lit` names a row to go to. */
  reset(rows, { present = true, begins = false, lit = null } = {}) {
    this.rows = [];
    this.at.clear();
    this.heights.clear();
    for (const element of this.drawn.values()) element.remove();
    this.drawn.clear();
    Object.assign(this, { present, begins, lit, news: 0, asked: null, late: [] });
    this.take(rows, false);
    this.paint();
    if (lit !== null && this.at.has(lit)) this.show(lit);
    else this.toEnd();
  }

  /** Rows from before the first one, and whether there is nothing before them. */
  prepend(rows, begins) {
    this.asked = null;
    this.begins = begins;
    this.keeping(() => {
      this.take(rows, true);
      this.forgetLast();
    });
  }

  /** Rows that just came. */
  append(rows) {
    const stuck = this.isAtEnd();
    const fresh = rows.filter((row) => !this.at.has(row.key));
    if (this.present) {
      this.keeping(() => {
        this.take(fresh, false);
        if (stuck) this.forgetFirst();
        else this.forgetLast();
      });
    } else if (this.asked === "newer") this.late.push(...fresh);
    if (!stuck) this.announce(fresh.filter((row) => !row.mine).length);
  }

  /** The rows that somebody asked for by scrolling down, where the list did not reach the present. */
  extend(rows, present) {
    const all = present ? [...rows, ...this.late] : rows;
    Object.assign(this, { asked: null, late: [] });
    this.keeping(() => {
      this.present = present;
      this.take(all, false);
      this.forgetFirst();
    });
  }

  /** Rows as they are now; those that are not here stay where they are. */
  update(rows) {
    const known = rows.filter((row) => this.at.has(row.key));
    this.keeping(() => {
      for (const row of known) {
        this.rows[this.at.get(row.key)] = row;
        this.redraw(row.key);
      }
    });
  }

  /** Draw a row again: what stands for its file came. */
  refresh(key) {
    if (this.at.has(key)) this.update([this.rows[this.at.get(key)]]);
  }

  redraw(key) {
    this.drawn.get(key)?.remove();
    this.drawn.delete(key);
    this.heights.delete(key);
  }

  take(rows, first) {
    const known = [...new Map(rows.filter((row) => !this.at.has(row.key)).map((row) => [row.key, row])).values()];
    this.rows = first ? [...known, ...this.rows] : [...this.rows, ...known];
    if (!first && known.length && this.isUnordered(known)) this.rows.sort((a, b) => a.ts - b.ts);
    this.number();
    this.empty.hidden = this.rows.length > 0;
  }

  /** Late deliveries go where they belong. */
  isUnordered(known) {
    const behind = this.rows[this.rows.length - known.length - 1];
    return (behind && behind.ts > known[0].ts) || known.some((row, index) => index && known[index - 1].ts > row.ts);
  }

  number() {
    this.at.clear();
    this.rows.forEach((row, index) => this.at.set(row.key, index));
  }

  forgetFirst() {
    if (this.rows.length <= KEPT) return;
    for (const { key } of this.rows.splice(0, this.rows.length - KEPT)) this.redraw(key);
    this.begins = false;
    this.number();
  }

  /** Somebody far up gets the present again when they come back to it. */
  forgetLast() {
    if (this.rows.length <= KEPT) return;
    for (const { key } of this.rows.splice(KEPT)) this.redraw(key);
    this.present = false;
    this.number();
  }

  // -- what can be seen

  height(row) {
    return this.heights.get(row.key) ?? GUESS;
  }

  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    return this.present && scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  /** Do something to the rows, and leave what the person looks at where it is: the end, or else a row. */
  keeping(work) {
    if (this.isAtEnd()) {
      work();
      this.toEnd();
      return;
    }
    const anchor = this.anchor();
    work();
    this.paint(anchor);
  }

  /** The first row that can be seen, and how far it is from the upper edge. */
  anchor() {
    let top = 0;
    for (const row of this.rows) {
      const height = this.height(row);
      if (top + height > this.list.scrollTop) return { key: row.key, offset: top - this.list.scrollTop };
      top += height;
    }
    return null;
  }

  top(key) {
    let top = 0;
    for (const row of this.rows) {
      if (row.key === key) return top;
      top += this.height(row);
    }
    return top;
  }

  scrolled() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (!this.wasAtEnd || !this.isAtEnd()) this.paint(this.anchor());
      if (this.isAtEnd()) this.announce(-this.news);
      this.ask();
    });
  }

  /** Whoever comes near an edge gets what lies behind it. */
  ask() {
    if (this.asked !== null || !this.rows.length) return;
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollTop < NEAR_START && !this.begins) {
      this.asked = "more";
      this.more(this.rows[0]);
    } else if (!this.present && scrollHeight - scrollTop - clientHeight < NEAR_START) {
      this.asked = "newer";
      this.newer(this.rows[this.rows.length - 1]);
    }
  }

  resized() {
    const stuck = this.isAtEnd() || this.wasAtEnd;
    this.heights.clear();
    this.paint(this.anchor());
    if (stuck) this.toEnd();
  }

  /** Have the rows in the page that can be seen, measured, and nothing else. */
  paint(anchor = null) {
    for (let turn = 0; turn < 3; turn += 1) {
      if (anchor) this.list.scrollTop = this.top(anchor.key) - anchor.offset;
      this.place();
      if (!this.measure()) break;
    }
    if (anchor) this.list.scrollTop = this.top(anchor.key) - anchor.offset;
    this.wasAtEnd = this.isAtEnd();
  }

  /** Have the newest rows in the page; going through all the others to find them would cost more than drawing them. */
  paintEnd() {
    for (let turn = 0; turn < 3; turn += 1) {
      this.place(this.newest());
      if (!this.measure()) break;
    }
    this.list.scrollTop = this.list.scrollHeight;
    this.wasAtEnd = true;
  }

  newest() {
    const { length } = this.rows;
    let [from, pixels] = [length, 0];
    while (from > 0 && pixels < this.list.clientHeight) pixels += this.height(this.rows[--from]);
    return [Math.max(0, from - BEYOND, length - ROWS), length];
  }

  place([from, to] = this.visible()) {
    this.above.style.height = `${this.sum(0, from)}px`;
    this.below.style.height = `${this.sum(to, this.rows.length)}px`;
    const wanted = this.rows.slice(from, to);
    const keys = new Set(wanted.map((row) => row.key));
    for (const [key, element] of this.drawn) {
      if (keys.has(key)) continue;
      element.remove();
      this.drawn.delete(key);
    }
    let here = this.middle.firstChild;
    wanted.forEach((row, index) => {
      const element = this.drawn.get(row.key) ?? this.draw(row);
      this.head(element, row, this.rows[from + index - 1]);
      if (element !== here) this.middle.insertBefore(element, here);
      else here = here.nextSibling;
    });
    this.range = [from, to];
  }

  visible() {
    const { scrollTop, clientHeight } = this.list;
    let [index, top] = [0, 0];
    while (index < this.rows.length - 1 && top + this.height(this.rows[index]) < scrollTop) top += this.height(this.rows[index++]);
    const from = Math.max(0, index - BEYOND);
    let to = index;
    while (to < this.rows.length && top < scrollTop + clientHeight) top += this.height(this.rows[to++]);
    return [from, Math.min(this.rows.length, Math.max(to + BEYOND, from + 1), from + ROWS)];
  }

  sum(from, to) {
    let pixels = 0;
    for (let index = from; index < to; index += 1) pixels += this.height(this.rows[index]);
    return pixels;
  }

  /** Return whether a height is another one than was thought. */
  measure() {
    let changed = false;
    for (const [key, element] of this.drawn) {
      const pixels = element.getBoundingClientRect().height;
      if (pixels && Math.abs((this.heights.get(key) ?? -1) - pixels) > 0.5) {
        this.heights.set(key, pixels);
        changed = true;
      }
    }
    return changed;
  }

  toEnd() {
    if (!this.present) {
      this.newer(null);
      return;
    }
    this.paintEnd();
    this.announce(-this.news);
  }

  /** Go to a row and light it up for a moment. */
  show(key) {
    if (!this.at.has(key)) return false;
    const middle = (this.list.clientHeight - GUESS) / 3;
    this.paint({ key, offset: middle });
    const element = this.drawn.get(key);
    element?.classList.add("wakit-lit");
    setTimeout(() => element?.classList.remove("wakit-lit"), 2500);
    return true;
  }

  announce(more) {
    this.news = Math.max(0, this.news + more);
    const label = this.news === 1 ? this.texts.one_new : this.texts.many_new;
    tell(this.pill, this.news ? label.replace("{count}", this.news) : null);
  }

  // -- one row

  /** The day over a row, where it is another one than that of the row before. */
  head(element, row, before) {
    const day = this.day.format(row.ts);
    tell(element.day, before && this.day.format(before.ts) === day ? null : day);
  }

  draw(row) {
    const day = h("div", { class: "wakit-day", hidden: true });
    const inside = row.system ? h("div", { class: "wakit-system" }, row.text ?? "") : this.bubble(row);
    const side = row.system ? "" : row.mine ? "wakit-mine" : "wakit-theirs";
    const element = Object.assign(h("div", { class: `wakit-row-of ${side}`, "data-key": row.key }, day, inside), { day });
    this.drawn.set(row.key, element);
    return element;
  }

  bubble(row) {
    const parts = [];
    if (row.chat_name) parts.push(h("div", { class: "wakit-chat" }, h("bdi", {}, row.chat_name)));
    if (row.name) parts.push(h("bdi", { class: `wakit-sender wakit-tone-${row.tone ?? 0}` }, row.name));
    if (row.forwarded) parts.push(h("div", { class: "wakit-note-of" }, `↪ ${this.texts.forwarded}`));
    if (row.quoted) parts.push(this.quote(row));
    const file = row.revoked ? null : this.media(row);
    if (file) parts.push(file);
    parts.push(...this.words(row), this.foot(row));
    const bubble = h("div", { class: "wakit-bubble", "data-state": row.state ?? null }, ...parts);
    if (row.reactions?.length) bubble.append(this.reactions(row));
    return bubble;
  }

  /** What was said, what is said of it, and what was taken back for those who ask. */
  words(row) {
    if (row.revoked) {
      const gone = h("span", { class: "wakit-note-of" }, `⊘ ${this.texts.revoked}`);
      if (!row.text) return [gone];
      const original = h("p", { class: "wakit-said", dir: "auto", hidden: true }, row.text);
      const ask = button(this.texts.show_original, () => this.keeping(() => this.reveal(row, original, ask)), "wakit-link");
      return [gone, ask, original];
    }
    const said = row.text ? [h("p", { class: "wakit-said", dir: "auto" }, ...linked(row.text))] : [];
    return row.label && !row.media ? [h("span", { class: "wakit-note-of" }, row.label), ...said] : said;
  }

  reveal(row, original, ask) {
    original.hidden = !original.hidden;
    setText(ask, original.hidden ? this.texts.show_original : this.texts.hide_original);
    this.heights.delete(row.key);
  }

  quote(row) {
    const { name, text, key } = row.quoted;
    const open = () => this.show(key) || this.jump(key);
    const parts = [h("bdi", { class: "wakit-sender" }, name || ""), h("span", { dir: "auto" }, text || "…")];
    return h("button", { type: "button", class: "wakit-quote", "aria-label": this.texts.quoted, onclick: open }, ...parts);
  }

  foot(row) {
    const parts = [];
    if (row.problem) parts.push(h("span", { class: "wakit-problem" }, row.problem));
    parts.push(...this.menu(row));
    if (row.edited && !row.revoked) parts.push(h("span", {}, this.texts.edited));
    parts.push(h("time", { title: this.exact.format(row.ts), datetime: new Date(row.ts).toISOString() }, this.time.format(row.ts)));
    if (row.tick) parts.push(h("span", { class: `wakit-tick wakit-${row.state}`, role: "img", "aria-label": row.tick_name, title: row.tick_name }, row.tick));
    return h("div", { class: "wakit-foot" }, ...parts);
  }

  reactions(row) {
    const each = ({ reaction, people }) =>
      h("span", { title: people.join(", "), "aria-label": `${reaction} ${people.join(", ")}` }, people.length > 1 ? `${reaction} ${people.length}` : reaction);
    return h("div", { class: "wakit-reactions" }, ...row.reactions.map(each));
  }
}

/** Addresses in a text become links; nothing but http and https does, and nobody learns where the person came from. */
function linked(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'»]/g)) {
    parts.push(text.slice(end, found.index));
    parts.push(h("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow" }, found[0]));
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)];
}
