/** The feed: messages of many chats, with filters and a pause. */

/** Milliseconds after the last key before a text is looked for. */
const TYPED = 350;

class Feed extends ThreadPanel {
  constructor(model) {
    super(model, "feed");
    this.choice = {};
    this.held = null;
    this.build();
  }

  build() {
    const t = this.texts;
    this.kinds = this.chips(t.chats, "is_group", [[null, t.all], [false, t.people], [true, t.groups]]);
    this.whose = this.chips(t.whose, "from_me", [[null, t.everybody], [false, t.theirs], [true, t.mine]]);
    this.only = button("", () => this.choose({ chat: null }), "wakit-only");
    this.only.hidden = true;
    this.only.title = t.every_chat;
    this.thread.menu = (row) => this.menu(row);
    this.words = h("input", { type: "search", placeholder: t.search, "aria-label": t.search, maxlength: "200", oninput: () => this.typed() });
    this.pauser = button(t.pause, () => this.pause());
    this.pauser.setAttribute("aria-pressed", "false");
    this.waits = h("span", { class: "wakit-quiet", role: "status", hidden: true });
    this.head.append(this.kinds, this.whose, this.only, this.words, this.pauser, this.waits);
  }

  chips(label, name, choices) {
    const make = ([value, text]) => Object.assign(button(text, () => this.choose({ [name]: value }), "wakit-chip"), { value_: value });
    return Object.assign(h("div", { class: "wakit-chips", role: "group", "aria-label": label }, ...choices.map(make)), { name_: name });
  }

  /** Beside each message: only its chat, please. */
  menu(row) {
    if (this.choice.chat || row.system) return [];
    const only = button("⊙", () => this.choose({ chat: row.chat }), "wakit-aside");
    only.setAttribute("aria-label", this.texts.only_chat);
    only.title = this.texts.only_chat;
    return [only];
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.choose({ words: this.words.value }), TYPED);
  }

  choose(change) {
    this.choice = { ...this.choice, ...change };
    this.send("choose", this.choice);
    this.press();
  }

  chosen({ is_group, from_me, words, chat }) {
    this.choice = { is_group, from_me, words, chat };
    if (document.activeElement !== this.words) this.words.value = words ?? "";
    const isAll = is_group === null && from_me === null && !words && !chat;
    setText(this.thread.empty, isAll ? this.texts.empty : this.texts.empty_choice);
    this.press();
  }

  press() {
    for (const group of [this.kinds, this.whose])
      for (const chip of group.children) chip.setAttribute("aria-pressed", String((this.choice[group.name_] ?? null) === chip.value_));
  }

  // -- pause

  pause() {
    const rows = this.held;
    this.held = rows ? null : [];
    if (rows) super.takeRows({ rows });
    this.pauser.setAttribute("aria-pressed", String(!rows));
    setText(this.pauser, rows ? this.texts.pause : this.texts.go_on);
    this.count();
  }

  takePage(message) {
    if (this.held) this.pause();
    super.takePage(message);
    const first = message.rows.find((row) => row.chat_name || row.name);
    const name = (first?.chat_name ?? first?.name ?? "…").replace(/^→ /, "");
    tell(this.only, message.choice.chat && `${name} ✕`);
  }

  takeRows(message) {
    if (!this.held) return super.takeRows(message);
    this.held.push(...message.rows);
    if (this.held.length > KEPT) this.held.splice(0, this.held.length - KEPT);
    this.count();
  }

  takeChanged(message) {
    const changed = new Map(message.rows.map((row) => [row.key, row]));
    if (this.held) this.held = this.held.map((row) => changed.get(row.key) ?? row);
    super.takeChanged(message);
  }

  count() {
    const count = this.held?.length ?? 0;
    tell(this.waits, count ? (count === 1 ? this.texts.paused_one : this.texts.paused_many).replace("{count}", count) : null);
  }
}

export default {
  render({ model, el }) {
    return new Feed(model).open(el);
  },
};
