/** The search box: what is found while one types, in its context and by chat, and the chat of the find that was opened. */

/** Milliseconds after the last key before a question is asked. */
const TYPED = 250;
/** Finds that "more" adds. */
const STEP = 50;

class SearchBox extends ThreadPanel {
  constructor(model) {
    super(model, "search");
    this.limit = STEP;
    this.opened = "";
    this.day = new Intl.DateTimeFormat(this.lang, { day: "numeric", month: "short", year: "2-digit", hour: "2-digit", minute: "2-digit" });
    this.exact = new Intl.DateTimeFormat(this.lang, { dateStyle: "full", timeStyle: "medium" });
    this.build();
  }

  build() {
    const t = this.texts;
    const field = { type: "search", placeholder: t.search, "aria-label": t.search, "aria-describedby": `${this.id}-hint`, maxlength: "400" };
    this.field = h("input", { ...field, autocomplete: "off", spellcheck: "false", oninput: () => this.typed(), onkeydown: (event) => this.fieldKey(event) });
    this.newest = button(t.newest, () => this.turn(), "wakit-toggle");
    this.newest.setAttribute("aria-pressed", "false");
    this.head.append(this.field, this.newest);
    this.hint = h("p", { id: `${this.id}-hint`, class: "wakit-quiet" }, t.hint);
    this.count = h("p", { class: "wakit-quiet", role: "status", hidden: true });
    this.table = h("table", { class: "wakit-finds", "aria-label": t.title, onkeydown: (event) => this.tableKey(event) });
    this.moreButton = button(t.more, () => this.askMore(), "wakit-link");
    this.moreButton.hidden = true;
    this.results = h("div", { class: "wakit-results", hidden: true }, this.table, this.moreButton);
    this.body.classList.remove("wakit-threaded");
    this.body.replaceChildren(this.problem, this.hint, this.count, this.results, this.buildChat());
  }

  buildChat() {
    this.name = h("bdi", { class: "wakit-name" });
    this.number = h("span", { class: "wakit-quiet" });
    const head = h("div", { class: "wakit-row" }, h("strong", {}, this.name), this.number, button(this.texts.close, () => this.shut()));
    this.chat = h("div", { class: "wakit-threaded", hidden: true }, head, this.thread.element, this.typing);
    this.chat.addEventListener("keydown", (event) => this.chatKey(event));
    return this.chat;
  }

  // -- what is asked

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), TYPED);
  }

  ask(limit = STEP) {
    clearTimeout(this.timer);
    this.limit = limit;
    const question = this.field.value;
    if (question.trim()) tell(this.count, this.texts.searching);
    this.send("search", { question, newest: this.isNewest(), limit });
  }

  askMore() {
    this.ask(this.limit + STEP);
  }

  isNewest() {
    return this.newest.getAttribute("aria-pressed") === "true";
  }

  turn() {
    this.newest.setAttribute("aria-pressed", String(!this.isNewest()));
    this.ask();
  }

  // -- what comes from the kernel

  take(message, buffers) {
    if (message.t === "finds") this.draw(message);
    else if (message.t === "opened") this.show(message.key);
    else if (message.t === "who") this.introduce(message);
    else super.take(message, buffers);
  }

  /** An answer to another question than the one in the field is late, unless another view asked it. */
  draw(finds) {
    const types = this.root.contains(document.activeElement) && document.activeElement === this.field;
    if (finds.question !== this.field.value && types) return;
    this.field.value = finds.question;
    this.newest.setAttribute("aria-pressed", String(finds.newest));
    tell(this.problem, null);
    tell(this.count, finds.hint ?? finds.count);
    this.hint.hidden = Boolean(finds.question.trim());
    this.results.hidden = !finds.groups.length;
    this.moreButton.hidden = !finds.more;
    const focused = document.activeElement?.closest?.("tr")?.dataset.key;
    this.table.replaceChildren(this.widths(), this.columns(), ...finds.groups.map((group) => this.group(group)));
    this.mark();
    if (focused) this.rowOf(focused)?.querySelector("button").focus();
  }

  widths() {
    return h("colgroup", {}, ...["when", "who", "before", "word", "after"].map((name) => h("col", { class: `wakit-col-${name}` })));
  }

  columns() {
    const { when, who, before, find, after } = this.texts;
    return h("thead", { class: "wakit-unseen" }, h("tr", {}, ...[when, who, before, find, after].map((name) => h("th", { scope: "col" }, name))));
  }

  group({ name, rows }) {
    const title = h("th", { scope: "rowgroup", colspan: "5" }, h("bdi", {}, name), h("span", { class: "wakit-quiet" }, ` · ${rows.length}`));
    return h("tbody", {}, h("tr", { class: "wakit-find-chat" }, title), ...rows.map((row) => this.find(row)));
  }

  find(row) {
    const when = h("time", { title: this.exact.format(row.ts), datetime: new Date(row.ts).toISOString() }, this.day.format(row.ts));
    const who = row.mine ? this.texts.you : row.who;
    const word = h("button", { type: "button", "aria-expanded": "false" }, row.word || "…");
    const after = row.after.map(([text, lit]) => (lit ? h("mark", {}, text) : text));
    if (row.revoked) after.push(h("span", { class: "wakit-note-of" }, ` (${this.texts.deleted})`));
    return h(
      "tr",
      { class: "wakit-find", "data-key": row.key, onclick: () => this.press(row.key) },
      h("td", { class: "wakit-find-when" }, when),
      h("td", { class: "wakit-find-who" }, h("bdi", {}, who)),
      h("td", { class: "wakit-find-before" }, h("span", { dir: "auto" }, row.before)),
      h("td", { class: "wakit-find-word" }, word),
      h("td", { class: "wakit-find-after" }, h("span", { dir: "auto" }, ...after)),
    );
  }

  introduce({ name, number }) {
    setText(this.name, name);
    setText(this.number, number === name ? "" : number);
  }

  // -- what is opened

  press(key) {
    if (key === this.opened) this.shut();
    else this.send("open", key);
  }

  shut() {
    const row = this.rowOf(this.opened);
    this.send("open", "");
    (row?.querySelector("button") ?? this.field).focus();
  }

  show(key) {
    this.opened = key;
    this.chat.hidden = !key;
    this.root.toggleAttribute("data-opened", Boolean(key));
    if (!key) this.thread.reset([]);
    this.mark();
  }

  mark() {
    for (const row of this.table.querySelectorAll(".wakit-find")) {
      const isOpen = row.dataset.key === this.opened;
      row.toggleAttribute("data-open", isOpen);
      row.querySelector("button").setAttribute("aria-expanded", String(isOpen));
      if (isOpen) row.scrollIntoView({ block: "nearest" });
    }
  }

  rowOf(key) {
    return [...this.table.querySelectorAll(".wakit-find")].find((row) => row.dataset.key === key);
  }

  // -- keys

  fieldKey(event) {
    if (event.key === "Enter") this.ask();
    else if (event.key === "ArrowDown") this.step(event, 0);
  }

  tableKey(event) {
    const words = this.words();
    const at = words.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: words.length - 1 }[event.key];
    if (to !== undefined && at >= 0) this.step(event, to);
    else if (event.key === "Escape") this.back(event);
  }

  chatKey(event) {
    if (event.key === "Escape") this.back(event);
  }

  words() {
    return [...this.table.querySelectorAll(".wakit-find button")];
  }

  step(event, to) {
    event.preventDefault();
    event.stopPropagation();
    if (to < 0) this.field.focus();
    else this.words()[to]?.focus();
  }

  back(event) {
    event.stopPropagation();
    if (this.opened) this.shut();
    else this.field.focus();
  }
}

export default {
  render({ model, el }) {
    return new SearchBox(model).open(el);
  },
};
