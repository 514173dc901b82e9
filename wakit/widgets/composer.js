/**
 * Where a person writes: the text, a file, the message that it answers; and above it what was sent from here and did not arrive yet.
 *
 * What is sent is drawn at once and told to the kernel, which tells how it goes on. The key of a message is made here, when the one before it
 * went out: whatever is clicked twice or loaded again has the same key, and the host sends a key once.
 */

/** Bytes of one piece of a file: a Jupyter server passes on messages of some megabytes, not more. */
const PIECE = 1 << 20;
/** Most bytes of a text. */
const LONGEST = 64 * 1024;
/** Milliseconds after the last key before what is not sent yet is told to the kernel. */
const PONDER = 300;
/** What people at a counter answer with; a keyboard or the system has all others. */
const FACES = [..."🙂😊😀😂😍🤗🤔😅😢🙏👍👎👌👏💪🤝❤️🎉✅❌⏰📍📦🚚☕🛒💵🎁".matchAll(/\p{Emoji}\uFE0F?/gu)].map(([face]) => face);
/** Most pixels of the field where a person writes. */
const TALLEST = 140;

class Composer {
  /**
   * `send(t, value, more, buffers)` tells the kernel; `place()` names what a draft belongs to; `to()` returns who it is for, or `null` where
   * that is not known (and says so); `shows(one)` tells which messages are drawn; `names` says whether they tell for whom they are.
   */
  constructor({ texts, lang, send, to, place = () => "", shows = () => true, names = false, sent = () => {} }) {
    Object.assign(this, { texts, send, to, place, shows, names, onsent: sent });
    this.drafts = new Map();
    this.written = [];
    this.own = new Map();
    this.limit = 16 * 1024 * 1024;
    this.time = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
    this.exact = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "medium" });
    this.build();
    this.clear();
  }

  build() {
    const t = this.texts;
    this.list = h("div", { class: "wakit-sent", role: "log", "aria-label": t.sent_here, hidden: true });
    this.note = h("p", { class: "wakit-offline", role: "status", hidden: true });
    this.problem = h("p", { class: "wakit-alert", role: "alert", hidden: true });
    this.answered = h("div", { class: "wakit-strip", hidden: true });
    this.attached = h("div", { class: "wakit-strip", hidden: true });
    this.choices = h("div", { class: "wakit-choices", role: "listbox", "aria-label": t.replies, hidden: true });
    this.faces = h("div", { class: "wakit-faces", role: "group", "aria-label": t.emoji, hidden: true }, ...FACES.map((face) => this.face(face)));
    this.field = h("textarea", {
      rows: "1",
      placeholder: t.write,
      "aria-label": t.write,
      title: t.write_hint,
      dir: "auto",
      oninput: () => this.typed(),
      onkeydown: (event) => this.pressed(event),
      onpaste: (event) => this.dropped(event, event.clipboardData),
    });
    this.chooser = h("input", { type: "file", hidden: true, tabindex: "-1", onchange: () => this.chosen() });
    const clip = button("📎", () => this.chooser.click(), "wakit-icon");
    const go = button("➤", () => this.submit(), "wakit-icon wakit-primary");
    this.quick = button("⚡", () => this.toggleChoices(), "wakit-icon");
    this.quick.hidden = true;
    this.smile = button("☺", () => this.toggleFaces(), "wakit-icon");
    this.smile.setAttribute("aria-expanded", "false");
    for (const [element, label] of [[clip, t.attach], [go, t.send], [this.quick, t.replies], [this.smile, t.emoji]]) {
      element.setAttribute("aria-label", label);
      element.title = label;
    }
    const line = h("div", { class: "wakit-line" }, clip, this.quick, this.smile, this.field, go, this.chooser);
    const over = (event) => this.over(event);
    this.element = h(
      "div",
      { class: "wakit-composer", "data-drop": t.drop_file, ondragenter: over, ondragover: over, ondragleave: () => this.leave(), ondrop: (event) => this.dropped(event, event.dataTransfer) },
      this.note,
      this.problem,
      this.choices,
      this.faces,
      this.answered,
      this.attached,
      line,
    );
  }

  // -- what is not sent yet

  clear() {
    this.draft = { key: crypto.randomUUID(), text: "", to: this.draft?.to ?? null, file: null, reply: null };
    this.field.value = "";
    this.show();
  }

  /** Turn to what was written for another chat, or begin there. */
  turn() {
    clearTimeout(this.timer);
    const kept = this.drafts.get(this.place());
    this.clear();
    if (kept) {
      this.draft = { ...this.draft, ...kept };
      this.field.value = kept.text ?? "";
    }
    this.show();
  }

  show() {
    const { file, reply } = this.draft;
    this.strip(this.attached, file && [h("span", {}, "📎 "), h("bdi", {}, file.name), h("span", { class: "wakit-quiet" }, bytes(file.size))], this.texts.remove_file, () => this.change({ file: null }));
    this.strip(this.answered, reply && [h("span", { class: "wakit-who-of" }, this.texts.replying.replace("{who}", reply.name ?? "")), h("span", { class: "wakit-strip-text", dir: "auto" }, reply.text ?? "")], this.texts.no_reply, () => this.change({ reply: null }));
    this.grow();
  }

  strip(element, parts, label, drop) {
    element.replaceChildren();
    element.hidden = !parts;
    if (!parts) return;
    const close = button("✕", drop, "wakit-link");
    close.setAttribute("aria-label", label);
    element.append(...parts, close);
  }

  change(more) {
    this.draft = { ...this.draft, ...more };
    this.show();
    this.keep();
  }

  /** Answer this message: its id, whose it is, and its words. */
  answer(reply) {
    this.change({ reply });
    this.field.focus();
  }

  keep() {
    clearTimeout(this.timer);
    const place = this.place();
    this.drafts.set(place, this.draft);
    this.timer = setTimeout(() => this.send("draft", place, { draft: this.draft }), PONDER);
  }

  typed() {
    tell(this.problem, null);
    this.change({ text: this.field.value });
    this.offer();
  }

  grow() {
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${Math.min(TALLEST, this.field.scrollHeight + 2)}px`;
  }

  pressed(event) {
    if (event.key === "Escape" && !this.choices.hidden) return this.hideChoices();
    if (event.key === "ArrowUp" && !this.choices.hidden) return this.choices.lastElementChild?.focus();
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation(); // in JupyterLab Shift+Enter also runs the cell
    if (event.shiftKey) this.breakLine();
    else if (!this.choices.hidden && this.field.value.startsWith("/")) this.choices.firstElementChild?.click();
    else this.submit();
  }

  breakLine() {
    this.type("\n");
  }

  type(text) {
    const { selectionStart, selectionEnd } = this.field;
    this.field.setRangeText(text, selectionStart, selectionEnd, "end");
    this.typed();
  }

  // -- emoji

  face(face) {
    return h("button", { type: "button", onclick: () => this.type(face), onkeydown: (event) => event.key === "Escape" && this.toggleFaces() }, face);
  }

  toggleFaces() {
    this.faces.hidden = !this.faces.hidden;
    this.smile.setAttribute("aria-expanded", String(!this.faces.hidden));
    if (this.faces.hidden) this.field.focus();
    else this.faces.firstElementChild.focus();
  }

  // -- texts that are often said

  /** Take the texts that a person chose to have at hand. */
  offerReplies(replies) {
    this.replies = replies;
    this.quick.hidden = !replies.length;
  }

  /** "/" at the beginning lists them, and what follows it chooses among them. */
  offer() {
    const text = this.field.value;
    if (text.startsWith("/") && this.replies?.length) this.offerFitting(text.slice(1));
    else this.hideChoices();
  }

  toggleChoices() {
    if (this.choices.hidden) this.offerFitting("");
    else this.hideChoices();
  }

  hideChoices() {
    this.choices.hidden = true;
  }

  offerFitting(wanted) {
    const folded = plain(wanted);
    const fitting = this.replies.filter((reply) => plain(reply).includes(folded)).slice(0, 8);
    const each = (reply) => h("button", { type: "button", role: "option", dir: "auto", onclick: () => this.insert(reply) }, reply);
    this.choices.replaceChildren(...fitting.map(each));
    this.choices.hidden = !fitting.length;
  }

  insert(reply) {
    this.hideChoices();
    const text = this.field.value.startsWith("/") ? "" : this.field.value;
    this.field.value = text ? `${text.trimEnd()} ${reply}` : reply;
    this.typed();
    this.field.focus();
  }

  // -- files

  over(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    this.element.toggleAttribute("data-over", true);
  }

  leave() {
    this.element.toggleAttribute("data-over", false);
  }

  dropped(event, data) {
    this.leave();
    if (!data?.files?.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.attach(data.files);
  }

  chosen() {
    this.attach(this.chooser.files);
  }

  attach(files) {
    const [file] = files;
    if (!file) return;
    const problem = this.refusal(file) ?? (files.length > 1 ? this.texts.one_file : null);
    tell(this.problem, problem);
    if (!this.refusal(file)) this.hand(file);
    this.chooser.value = "";
  }

  refusal(file) {
    if (file.size > this.limit) return this.texts.too_large.replace("{limit}", Math.floor(this.limit / 1048576));
    return file.size ? null : this.texts.empty_file;
  }

  /** Give the kernel the file, piece by piece, before it is sent. */
  async hand(file) {
    const id = crypto.randomUUID();
    const data = await file.arrayBuffer();
    for (let from = 0; from < data.byteLength; from += PIECE) this.send("part", id, { name: file.name }, [data.slice(from, from + PIECE)]);
    this.change({ file: { id, name: file.name, size: file.size } });
    this.field.focus();
  }

  // -- sending

  submit() {
    const { key, file, reply } = this.draft;
    const text = this.field.value.trim();
    if (!text && !file) return this.field.focus();
    if (new TextEncoder().encode(text).length > LONGEST) return tell(this.problem, this.texts.too_long);
    const to = this.to();
    if (to === null) return;
    tell(this.problem, null);
    clearTimeout(this.timer);
    this.own.set(key, { key, to, name: "", text, file: file?.name ?? null, ts: Date.now(), state: "sending", tick: "🕓", tick_name: "", offers: [] });
    this.send("send", key, { to, text, file: file?.id ?? null, reply: reply?.id ?? null });
    this.clear();
    this.keep();
    this.draw();
    this.onsent();
    this.field.focus();
  }

  // -- what the kernel says

  /** Return whether this was for the composer. */
  take(message) {
    if (message.t === "written") this.takeWritten(message);
    else if (message.t === "account") tell(this.note, message.note && `🕓 ${message.note}`);
    else if (message.t === "drafts") this.takeDrafts(message);
    else return false;
    return true;
  }

  takeWritten({ written }) {
    this.written = written;
    for (const { key } of written) this.own.delete(key);
    this.draw();
  }

  /** A page that was loaded again goes on where it was. */
  takeDrafts({ drafts, limit }) {
    this.limit = limit;
    if (this.knows) return;
    this.knows = true;
    for (const [place, draft] of Object.entries(drafts)) if (!this.drafts.has(place)) this.drafts.set(place, draft);
    if (!this.field.value) this.turn();
  }

  draw() {
    const shown = [...this.written, ...this.own.values()].filter((one) => this.shows(one));
    const stuck = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 30;
    this.list.replaceChildren(...shown.map((one) => this.bubble(one)));
    this.list.hidden = !shown.length;
    if (stuck) this.list.scrollTop = this.list.scrollHeight;
  }

  bubble(one) {
    const parts = [];
    if (this.names) parts.push(h("div", { class: "wakit-chat" }, "→ ", h("bdi", {}, one.name || one.to)));
    if (one.file) parts.push(h("div", { class: "wakit-file" }, h("span", {}, "📎 "), h("bdi", {}, one.file)));
    if (one.text) parts.push(h("p", { class: "wakit-said", dir: "auto" }, one.text));
    if (one.note) parts.push(h("p", { class: "wakit-note", title: one.detail ?? "" }, one.note));
    const offers = one.offers.map((offer) => button(this.texts[offer], () => this.decide(one, offer)));
    const time = h("time", { title: this.exact.format(one.ts) }, this.time.format(one.ts));
    const tick = h("span", { class: `wakit-tick wakit-${one.state}`, role: "img", "aria-label": one.tick_name, title: one.tick_name }, one.tick);
    parts.push(h("div", { class: "wakit-foot" }, ...offers, time, tick));
    return h("div", { class: "wakit-row-of wakit-mine", "data-key": one.key }, h("div", { class: "wakit-bubble", "data-state": one.state }, ...parts));
  }

  /** Whatever is decided is decided once: the buttons go at once, and come back if the kernel says so. */
  decide(one, offer) {
    this.written = this.written.map((other) => (other.key === one.key ? { ...other, offers: [] } : other));
    this.draw();
    this.send(offer, one.key);
  }
}

function bytes(size) {
  if (size < 1000) return `${size} B`;
  return size < 1000000 ? `${Math.round(size / 1000)} kB` : `${(size / 1000000).toFixed(1)} MB`;
}

/** A text as it is compared: without capitals and accents. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
