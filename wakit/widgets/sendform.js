/** The form: who it is for, what was sent from here, and where a person writes. */

/** Milliseconds after the last key before it is looked up who is meant. */
const ASK = 500;

class SendForm extends Panel {
  constructor(model) {
    super(model, "sendform");
    this.who = null;
    this.composer = new Composer({ texts: this.texts, lang: this.lang, send: (...told) => this.send(...told), to: () => this.recipient(), names: true });
    this.build();
  }

  build() {
    const t = this.texts;
    const names = h("datalist", { id: `${this.id}-chats` });
    this.names = names;
    this.to = h("input", {
      id: `${this.id}-to`,
      type: "text",
      placeholder: t.to_hint,
      list: names.id,
      autocomplete: "off",
      maxlength: "200",
      "aria-describedby": `${this.id}-said`,
      oninput: () => this.typed(),
      onchange: () => this.check(),
      onkeydown: (event) => event.key === "Enter" && this.composer.field.focus(),
    });
    this.said = h("span", { id: `${this.id}-said`, class: "wakit-quiet", role: "status" });
    this.problem = h("p", { class: "wakit-alert", role: "alert", hidden: true });
    this.head.append(h("strong", {}, t.title));
    const to = h("div", { class: "wakit-to" }, h("label", { for: this.to.id }, t.to), this.to, names, this.said);
    this.body.append(this.problem, to, this.composer.list, this.composer.element);
  }

  // -- who it is for

  typed() {
    this.say("", false);
    this.who = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), ASK);
    this.composer.change({ to: this.to.value });
  }

  check() {
    clearTimeout(this.timer);
    const value = this.to.value.trim();
    if (!value || value === this.asked) return;
    this.asked = value;
    this.say(this.texts.checking, false);
    this.send("check", value);
  }

  say(text, isWrong) {
    setText(this.said, text);
    this.said.classList.toggle("wakit-wrong", isWrong);
    this.to.setAttribute("aria-invalid", String(isWrong));
  }

  /** Who it is for, as the kernel understood it or else as it was typed. */
  recipient() {
    const value = this.to.value.trim();
    if (value && this.to.getAttribute("aria-invalid") !== "true") return this.who ?? value;
    this.say(value ? this.said.textContent : this.texts.to_missing, true);
    this.to.focus();
    return null;
  }

  // -- what the kernel says

  take(message) {
    const isOurs = message.view === undefined || message.view === this.id;
    if (message.t === "checked" && isOurs) this.checked(message);
    else if (message.t === "begin") this.begin(message);
    else if (message.t === "problem") tell(this.problem, message.text);
    else if (message.t === "lost") tell(this.problem, this.texts.host_lost);
    else if (this.composer.take(message)) this.heardOfWriting(message);
  }

  checked({ value, jid, note, problem }) {
    if (value !== this.to.value.trim()) return;
    this.who = jid;
    this.asked = null;
    this.say(problem ? `⚠ ${problem}` : `✓ ${note}`, problem !== null);
  }

  begin({ chats, to, reply }) {
    tell(this.problem, null);
    this.names.replaceChildren(...chats.map(({ label, more }) => h("option", { value: label }, more)));
    if (this.begun) return;
    this.begun = true;
    if (to && !this.to.value) this.to.value = to;
    if (reply && !this.composer.draft.reply) this.composer.change({ reply });
    this.check();
  }

  /** What was written for somebody is here again, or the account is back online and can say who has WhatsApp. */
  heardOfWriting({ t, note }) {
    if (t === "drafts") this.restore();
    else if (t === "account" && !note) this.check();
  }

  restore() {
    const { to } = this.composer.draft;
    if (!to || this.to.value) return;
    this.to.value = to;
    this.check();
  }
}

export default {
  render({ model, el }) {
    return new SendForm(model).open(el);
  },
};
