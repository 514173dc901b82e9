/** The inbox: chats by what needs an answer, the chosen one beside them, and where to answer it. */

/** Milliseconds between two looks at how long everybody has been waiting. */
const AGES = 20000;

/** What may be a phone number. */
const NUMBER = /^\+?[\d\s().-]{7,24}$/;

class Inbox extends TalkPanel {
  constructor(model) {
    super(model, "inbox");
    this.chats = [];
    this.aged = 0;
    this.dates = new Intl.DateTimeFormat(this.lang, { day: "numeric", month: "short" });
    this.hours = new Intl.DateTimeFormat(this.lang, { hour: "2-digit", minute: "2-digit" });
    this.exact = new Intl.DateTimeFormat(this.lang, { dateStyle: "full", timeStyle: "short" });
    this.build();
    this.turn(null);
  }

  build() {
    const t = this.texts;
    this.finder = h("input", { type: "search", placeholder: t.find, "aria-label": t.find, maxlength: "100", oninput: () => this.list(), onkeydown: (event) => this.found(event) });
    this.people = h("nav", { class: "wakit-people", "aria-label": t.title });
    const back = button("←", () => this.leave(), "wakit-icon wakit-back");
    back.setAttribute("aria-label", t.back);
    this.choose = h("p", { class: "wakit-empty wakit-quiet" }, t.choose);
    this.desk = h("div", { class: "wakit-open" }, h("div", { class: "wakit-open-head" }, back, h("strong", {}, this.name), this.number));
    this.desk.append(this.thread.element, this.typing, this.composer.list, this.composer.element);
    const left = h("div", { class: "wakit-left" }, this.finder, this.people);
    const right = h("div", { class: "wakit-right" }, this.choose, this.desk);
    this.body.replaceChildren(this.problem, h("div", { class: "wakit-desk" }, left, right));
  }

  // -- the chosen chat

  turnTo(chat) {
    this.turn(chat);
    this.send("open", chat);
    this.composer.field.focus();
  }

  leave() {
    const before = this.chat;
    this.turn(null);
    this.send("open", "");
    this.people.querySelector(`[data-chat="${CSS.escape(before ?? "")}"]`)?.focus();
  }

  turn(chat) {
    this.chat = chat;
    this.root.toggleAttribute("data-chat", chat !== null);
    this.desk.hidden = chat === null;
    this.choose.hidden = chat !== null;
    const row = this.chats.find((one) => one.chat === chat);
    setText(this.name, row?.name);
    setText(this.number, "");
    this.typists.clear();
    this.composer.turn();
    this.composer.draw();
    this.list();
  }

  // -- all chats

  list() {
    const wanted = plain(this.finder.value.trim());
    const fitting = this.chats.filter((one) => plain(one.name).includes(wanted));
    const groups = [[this.texts.needs, fitting.filter((one) => one.since !== null)], [this.texts.recent, fitting.filter((one) => one.since === null)]];
    const focused = this.people.contains(document.activeElement) ? document.activeElement.dataset.chat : null;
    const parts = groups.filter(([, some]) => some.length).flatMap(([title, some]) => [h("h3", {}, title, h("span", { class: "wakit-quiet" }, ` ${some.length}`)), ...some.map((one) => this.person(one))]);
    const number = this.finder.value.trim();
    if (NUMBER.test(number)) parts.push(h("button", { type: "button", class: "wakit-begin", onclick: () => this.beginWith(number) }, this.texts.begin.replace("{number}", number)));
    else if (!parts.length) parts.push(h("p", { class: "wakit-quiet wakit-none" }, this.chats.length ? this.texts.none_fits : this.texts.no_chats));
    this.people.replaceChildren(...parts);
    if (focused) this.people.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
  }

  /** Enter opens the first chat that is found, or begins one with the number that was typed. */
  found(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    this.people.querySelector("button")?.click();
  }

  beginWith(number) {
    tell(this.problem, null);
    this.send("begin", number);
  }

  person(one) {
    const waits = one.since === null ? null : this.texts.waits.replace("{when}", this.exact.format(one.since));
    const age = h("time", { class: one.since === null ? "" : "wakit-age", title: waits ?? this.exact.format(one.ts) }, one.since === null ? this.when(one.ts) : this.age(one.since));
    const line = h("span", { class: "wakit-last" });
    if (one.tick) line.append(h("span", { class: `wakit-tick wakit-${one.state}`, role: "img", "aria-label": one.tick_name }, one.tick), " ");
    line.append(h("bdi", {}, one.line));
    const unread = one.unread ? h("span", { class: "wakit-unread", "aria-label": this.texts.unread.replace("{count}", one.unread) }, one.unread) : "";
    const properties = { type: "button", class: "wakit-person", "data-chat": one.chat, "aria-current": one.chat === this.chat ? "true" : null, onclick: () => this.turnTo(one.chat) };
    const face = h("span", { class: `wakit-face wakit-tone-${one.tone}`, "aria-hidden": "true" }, initials(one.name));
    return h("button", properties, face, h("span", { class: "wakit-who" }, h("bdi", {}, one.name), age), h("span", { class: "wakit-under" }, line, unread));
  }

  /** How long somebody has been waiting: minutes, hours or days. */
  age(since) {
    const minutes = Math.floor((Date.now() - since) / 60000);
    if (minutes < 1) return this.texts.now;
    if (minutes < 60) return `${minutes} min`;
    return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
  }

  when(ts) {
    return new Date(ts).toDateString() === new Date().toDateString() ? this.hours.format(ts) : this.dates.format(ts);
  }

  tick() {
    super.tick();
    if (performance.now() - this.aged < AGES) return;
    this.aged = performance.now();
    this.list();
  }

  // -- what the kernel says

  take(message, buffers) {
    if (message.t === "chats") this.takeChats(message);
    else if (message.t === "begin") this.begin(message);
    else super.take(message, buffers);
  }

  begin({ account, replies }) {
    this.account = account;
    this.composer.offerReplies(replies);
  }

  takeChats({ chats }) {
    this.chats = chats;
    this.list();
  }

  chosen({ chat }) {
    if (chat === this.chat) return;
    const isBegun = this.finder.value !== "" && chat !== null;
    this.finder.value = "";
    const [name, number] = [this.name.textContent, this.number.textContent]; // told just before, and in no list if nobody wrote yet
    this.turn(chat);
    this.introduce({ name, number });
    if (isBegun) this.composer.field.focus();
  }

  takeRows(message) {
    super.takeRows(message);
    if (message.rows.some((row) => !row.mine) && document.visibilityState === "visible") this.send("read");
  }

  takeTyping(typist) {
    if (this.chat !== null) super.takeTyping(typist);
  }
}

/** The first letters of somebody's first two names; a number has none. */
function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") || "#";
}

export default {
  render({ model, el }) {
    return new Inbox(model).open(el);
  },
};
