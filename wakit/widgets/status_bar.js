/** The status bar: one line that says how an account is. */

class StatusBar extends Panel {
  constructor(model) {
    super(model, "status");
    this.state = null;
    this.build();
  }

  build() {
    const t = this.texts;
    this.icon = h("span", { class: "wakit-mark", "aria-hidden": "true" }, "◌");
    this.word = h("strong", {}, t.kernel_wait);
    this.sentence = h("span", { class: "wakit-quiet wakit-sentence", hidden: true });
    this.phone = h("span", { class: "wakit-part", hidden: true });
    this.name = h("bdi", { class: "wakit-part wakit-name", hidden: true });
    this.account = h("span", { class: "wakit-part", title: t.account, hidden: true });
    this.queue = h("span", { class: "wakit-part", title: t.queue, hidden: true });
    this.coming = h("span", { class: "wakit-part wakit-coming", title: t.coming, hidden: true });
    this.stopped = h("span", { class: "wakit-part wakit-coming", role: "status", hidden: true });
    this.today = h("span", { class: "wakit-part", hidden: true });
    this.badge = h("span", { class: "wakit-badge", hidden: true }, t.emulated);
    this.problem = h("p", { class: "wakit-alert", role: "alert", hidden: true });
    const parts = [this.word, this.phone, this.name, this.account, this.queue, this.coming, this.today, this.sentence, this.stopped];
    this.head.append(this.icon, h("span", { class: "wakit-who" }, h("span", { class: "wakit-parts" }, ...parts)), this.badge);
    this.body.append(this.problem);
  }

  take(message) {
    if (message.t === "bar") this.draw(message);
    else if (message.t === "beat") this.say(message.sentence);
    else if (message.t === "problem") tell(this.problem, message.text);
  }

  draw(bar) {
    if (this.state !== null && this.state !== bar.state) setText(this.live, `${bar.word}. ${bar.sentence}`);
    this.state = bar.state;
    this.root.dataset.state = bar.state;
    setText(this.icon, bar.icon);
    setText(this.word, bar.word);
    for (const part of ["phone", "name", "account", "queue", "coming", "today", "stopped"]) tell(this[part], bar[part]);
    this.queue.toggleAttribute("data-undecided", bar.undecided);
    this.today.title = bar.today_more ?? "";
    this.badge.hidden = !bar.emulated;
    this.badge.title = bar.emulated ?? "";
    tell(this.problem, null);
    this.say(bar.sentence);
  }

  /** All is said by the word while all is well; else the sentence says what goes on. */
  say(sentence) {
    this.head.title = sentence ?? "";
    tell(this.sentence, this.state === "connected" ? null : sentence);
  }
}

export default {
  render({ model, el }) {
    return new StatusBar(model).open(el);
  },
};
