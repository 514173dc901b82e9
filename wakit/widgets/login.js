/** The login card in the browser: draws what the kernel says, sends back what the person asks for. */

/** Most CSS pixels for the code; the white square around it has 264 at least. */
const ROOM = 280;

function clock(seconds) {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

async function copy(text, element) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  getSelection().selectAllChildren(element);
  document.execCommand("copy");
}

class LoginCard extends Panel {
  constructor(model) {
    super(model, "login");
    this.card = null;
    this.deadline = null;
    this.build();
  }

  open(el) {
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.body);
    return super.open(el);
  }

  close() {
    this.resized.disconnect();
    super.close();
  }

  // -- the elements, made once so that focus and live regions survive every change

  build() {
    const t = this.texts;
    this.icon = h("span", { class: "wakit-mark", "aria-hidden": "true" });
    this.word = h("strong");
    this.phone = h("span", { class: "wakit-part", hidden: true });
    this.name = h("bdi", { class: "wakit-part wakit-name", hidden: true });
    this.account = h("span", { class: "wakit-part wakit-quiet", title: t.account, hidden: true });
    this.badge = h("span", { class: "wakit-badge", hidden: true }, t.emulated);
    this.more = h(
      "button",
      { type: "button", class: "wakit-more", "aria-label": t.more, title: t.more, "aria-expanded": "false", hidden: true, onclick: () => this.toggleMenu() },
      "⋯",
    );
    const who = h("span", { class: "wakit-parts" }, this.word, this.phone, this.name, this.account);
    this.head.append(this.icon, h("span", { class: "wakit-who" }, who), this.badge, this.more);
    this.sentence = h("p", { class: "wakit-sentence", hidden: true });
    this.past = h("p", { class: "wakit-quiet", hidden: true });
    this.pastBar = h("progress", { class: "wakit-past", max: "100", hidden: true });
    this.advice = h("p", { class: "wakit-quiet", hidden: true });
    this.reason = h("p", { class: "wakit-reason", hidden: true });
    this.alert = h("p", { class: "wakit-alert", role: "alert", hidden: true });
    this.unofficial = h("p", { class: "wakit-quiet wakit-note", hidden: true }, t.unofficial);
    this.body.append(
      this.sentence,
      this.past,
      this.pastBar,
      this.advice,
      this.alert,
      this.buildMenu(),
      this.buildConfirm(),
      this.buildChooser(),
      this.buildScan(),
      this.buildCode(),
      this.buildBar(),
      this.buildPhoneForm(),
      this.buildActions(),
      this.reason,
      this.unofficial,
    );
    this.root.addEventListener("keydown", (event) => this.escape(event));
    setText(this.icon, "◌");
    setText(this.word, t.kernel_wait);
  }

  buildMenu() {
    const t = this.texts;
    this.device = h("p", { class: "wakit-quiet" });
    this.disconnectButton = button(t.disconnect, () => this.askDisconnect(), "wakit-danger");
    this.menu = h(
      "div",
      { class: "wakit-row", hidden: true },
      this.device,
      button(t.change_account, () => this.openChooser()),
      this.disconnectButton,
    );
    return this.menu;
  }

  buildConfirm() {
    const t = this.texts;
    this.question = h("strong", { id: `${this.id}-question` });
    this.cancelDisconnect = button(t.cancel, () => this.closeConfirm());
    this.confirm = h(
      "div",
      { class: "wakit-confirm", role: "alertdialog", "aria-labelledby": this.question.id, "aria-describedby": `${this.id}-more`, hidden: true },
      this.question,
      h("p", { id: `${this.id}-more` }, t.confirm_more),
      h("div", { class: "wakit-row" }, button(t.confirm_go, () => this.disconnect(), "wakit-danger wakit-filled"), this.cancelDisconnect),
    );
    return this.confirm;
  }

  buildChooser() {
    const t = this.texts;
    this.choices = h("div", { class: "wakit-row", role: "group", "aria-label": t.accounts });
    this.accountForm = this.form("account", t.account_field, t.account_hint, t.account_go, {
      type: "text",
      maxlength: "32",
      autocapitalize: "none",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.accountForm.prepend(h("strong", {}, t.accounts), this.choices);
    return this.accountForm;
  }

  buildPhoneForm() {
    const t = this.texts;
    this.phoneForm = this.form("pair", t.phone_field, t.phone_hint, t.phone_go, {
      type: "tel",
      maxlength: "32",
      autocomplete: "tel",
      placeholder: "+57 300 123 4567",
    });
    return this.phoneForm;
  }

  buildScan() {
    const t = this.texts;
    this.image = h("img", { alt: t.qr_alt, draggable: "false", hidden: true, onload: () => this.fit() });
    this.paper = h("div", { class: "wakit-paper" }, this.image);
    this.scan = h("div", { class: "wakit-scan", hidden: true }, this.paper, this.steps(t.qr_steps));
    return this.scan;
  }

  buildCode() {
    const t = this.texts;
    this.code = h("output", { class: "wakit-code", "aria-label": t.code });
    this.copy = button(t.copy, () => this.copyCode());
    this.codeBox = h("div", { hidden: true }, this.steps(t.code_steps), h("div", { class: "wakit-row wakit-code-row" }, this.code, this.copy));
    return this.codeBox;
  }

  buildBar() {
    this.fill = h("div");
    this.track = h("div", { class: "wakit-track", role: "progressbar", "aria-label": this.texts.time_left, "aria-valuemin": "0" }, this.fill);
    this.left = h("span", { class: "wakit-left", "aria-hidden": "true" });
    this.bar = h("div", { class: "wakit-bar", hidden: true }, this.track, this.left);
    return this.bar;
  }

  buildActions() {
    const t = this.texts;
    this.step = button("", () => this.doStep(), "wakit-primary");
    this.scanButton = button("", () => this.send("scan"), "wakit-primary");
    this.pairButton = button(t.no_camera, () => this.openForm(this.phoneForm), "wakit-link");
    this.backButton = button(t.back_to_qr, () => this.send("new_code"), "wakit-link");
    this.stopButton = button(t.stop, () => this.send("stop"), "wakit-link");
    const buttons = [this.step, this.scanButton, this.pairButton, this.backButton, this.stopButton];
    this.actions = h("div", { class: "wakit-row", hidden: true }, ...buttons);
    return this.actions;
  }

  steps(texts) {
    return h("ol", { class: "wakit-steps" }, ...texts.map((text) => h("li", {}, text)));
  }

  /** A labelled field with its hint, its error and one button; submitting sends `command` with the value. */
  form(command, label, hint, go, attributes) {
    const id = `${this.id}-${command}`;
    const field = h("input", { id, required: true, "aria-describedby": `${id}-hint ${id}-error`, ...attributes });
    const error = h("p", { id: `${id}-error`, class: "wakit-alert", role: "alert", hidden: true });
    const submit = (event) => {
      event.preventDefault();
      this.send(command, field.value.trim());
    };
    const form = h(
      "form",
      { class: "wakit-form", hidden: true, novalidate: true, onsubmit: submit },
      h("label", { for: id }, label),
      h("div", { class: "wakit-row" }, field, h("button", { type: "submit", class: "wakit-primary" }, go), button(this.texts.close, () => this.closeForm(form))),
      h("p", { id: `${id}-hint`, class: "wakit-quiet" }, hint),
      error,
    );
    return Object.assign(form, { field, error });
  }

  // -- what comes from the kernel

  take(message) {
    if (message.t === "card") this.draw(message);
    else if (message.t === "beat" && this.card) this.beat(message);
  }

  draw(card) {
    const before = this.card;
    this.card = card;
    this.root.dataset.state = card.state;
    this.root.toggleAttribute("data-folded", card.folded);
    this.root.setAttribute("aria-busy", String(Boolean(card.busy)));
    if (before && (before.state !== card.state || before.account !== card.account)) this.closePanels(card);
    this.drawHead(card);
    tell(this.advice, card.advice);
    this.drawPast(card);
    tell(this.reason, card.folded ? null : card.reason);
    this.unofficial.hidden = !card.unofficial;
    this.drawProblem(card);
    this.drawQr(card.qr);
    setText(this.code, card.code);
    this.codeBox.hidden = !card.code;
    this.drawActions(card);
    this.beat(card);
    if (!before || before.state !== card.state) setText(this.live, `${card.word}. ${card.sentence}`);
  }

  beat({ sentence, left }) {
    setText(this.sentence, sentence);
    this.sentence.hidden = !sentence || this.card.folded;
    this.head.title = this.card.folded ? sentence : "";
    this.deadline = left === null ? null : performance.now() + left * 1000;
    this.bar.hidden = this.deadline === null;
    this.countDown();
  }

  /** How much of the phone's history is stored, while it comes. */
  drawPast({ past, past_percent: percent }) {
    tell(this.past, past);
    this.pastBar.hidden = !past || percent >= 100;
    this.pastBar.value = percent ?? 0;
    this.pastBar.setAttribute("aria-label", past);
  }

  drawHead(card) {
    setText(this.icon, card.icon);
    setText(this.word, card.word);
    tell(this.phone, card.linked ? card.phone : null);
    tell(this.name, card.linked ? card.name : null);
    tell(this.account, card.tag);
    this.badge.hidden = !card.emulated;
    this.badge.title = card.emulated ?? "";
    this.more.hidden = false;
    this.disconnectButton.hidden = !card.linked;
    tell(this.device, card.device);
    this.drawChoices(card.accounts);
  }

  /** The choices are made anew only when they differ, so that a focused one stays. */
  drawChoices(accounts) {
    const shown = JSON.stringify(accounts);
    if (shown === this.choices.dataset.shown) return;
    this.choices.dataset.shown = shown;
    this.choices.replaceChildren(...accounts.map(({ id, label }) => button(label, () => this.send("account", id))));
  }

  drawProblem(card) {
    const forms = { pair: this.phoneForm, account: this.accountForm };
    for (const [command, form] of Object.entries(forms)) {
      const wrong = card.problem_of === command && !form.hidden;
      tell(form.error, wrong ? card.problem : null);
      form.field.setAttribute("aria-invalid", String(wrong));
    }
    const owner = forms[card.problem_of];
    tell(this.alert, owner && !owner.hidden ? null : card.problem);
  }

  drawQr(qr) {
    this.scan.hidden = !qr;
    this.image.hidden = !qr;
    if (!qr) this.image.removeAttribute("src");
    else if (this.image.getAttribute("src") !== qr.src) this.image.src = qr.src;
  }

  /** Give every module the same whole number of screen pixels, inside the white square. */
  fit() {
    const qr = this.card?.qr;
    if (!qr || !this.image.naturalWidth) return;
    const modules = this.image.naturalWidth / qr.scale;
    const room = Math.min(ROOM, this.body.clientWidth) * devicePixelRatio;
    const side = (Math.max(1, Math.floor(room / modules)) * modules) / devicePixelRatio;
    this.image.style.width = this.image.style.height = `${side}px`;
  }

  drawActions(card) {
    const asking = !this.phoneForm.hidden || !this.confirm.hidden;
    tell(this.step, asking ? null : card.step?.label);
    const { scan, type_code } = this.texts;
    tell(this.scanButton, card.scans && !asking ? (card.code ? type_code : scan) : null);
    this.pairButton.hidden = !card.pairs || asking || card.step?.does === "ask_phone";
    this.backButton.hidden = !card.code;
    this.stopButton.hidden = !card.stops || asking;
    this.actions.hidden = [...this.actions.children].every((button) => button.hidden);
    if (!card.pairs) this.phoneForm.hidden = true;
    for (const button of this.root.querySelectorAll("button")) button.disabled = Boolean(card.busy);
  }

  // -- what passes by itself

  tick() {
    super.tick();
    this.countDown();
  }

  countDown() {
    if (this.deadline === null) return;
    const left = Math.max(0, (this.deadline - performance.now()) / 1000);
    const span = Math.max(this.card.span ?? left, left, 1);
    this.fill.style.width = `${(100 * left) / span}%`;
    this.track.setAttribute("aria-valuemax", String(Math.ceil(span)));
    this.track.setAttribute("aria-valuenow", String(Math.ceil(left)));
    setText(this.left, clock(left));
  }

  /** A code that may no longer be the right one must not be scanned. */
  lose() {
    super.lose();
    this.body.hidden = true;
    this.drawQr(null);
    setText(this.code, "");
    this.deadline = null;
  }

  revive() {
    this.body.hidden = false;
    super.revive();
  }

  // -- what the person does

  doStep() {
    const { does } = this.card.step;
    if (does === "ask_phone") this.openForm(this.phoneForm);
    else this.send(does);
  }

  toggleMenu() {
    this.menu.hidden = !this.menu.hidden;
    this.more.setAttribute("aria-expanded", String(!this.menu.hidden));
    if (!this.menu.hidden) this.menu.querySelector("button").focus();
  }

  closeMenu() {
    this.menu.hidden = true;
    this.more.setAttribute("aria-expanded", "false");
  }

  askDisconnect() {
    this.closeMenu();
    setText(this.question, this.texts.confirm.replace("{who}", this.card.phone ?? this.card.account));
    this.confirm.hidden = false;
    this.drawActions(this.card);
    this.cancelDisconnect.focus();
  }

  closeConfirm() {
    this.confirm.hidden = true;
    this.drawActions(this.card);
    this.more.focus();
  }

  disconnect() {
    this.confirm.hidden = true;
    this.send("logout");
  }

  openChooser() {
    this.closeMenu();
    this.openForm(this.accountForm);
  }

  openForm(form) {
    form.hidden = false;
    this.drawActions(this.card);
    form.field.focus();
  }

  closeForm(form) {
    form.hidden = true;
    form.field.value = "";
    this.drawProblem({ ...this.card, problem: null });
    this.drawActions(this.card);
  }

  /** Another state or account makes open questions moot. */
  closePanels(card) {
    this.confirm.hidden = true;
    this.closeMenu();
    this.accountForm.hidden = true;
    this.accountForm.field.value = "";
    if (card.code || !card.pairs) {
      this.phoneForm.hidden = true;
      this.phoneForm.field.value = "";
    }
  }

  async copyCode() {
    await copy(this.card.code, this.code);
    setText(this.copy, this.texts.copied);
    setTimeout(() => setText(this.copy, this.texts.copy), 2000);
  }

  escape(event) {
    if (event.key !== "Escape") return;
    if (!this.confirm.hidden) this.closeConfirm();
    else if (!this.menu.hidden) {
      this.closeMenu();
      this.more.focus();
    } else if (!this.phoneForm.hidden) this.closeForm(this.phoneForm);
    else if (!this.accountForm.hidden) this.closeForm(this.accountForm);
    else return;
    event.stopPropagation();
  }
}

export default {
  render({ model, el }) {
    return new LoginCard(model).open(el);
  },
};
