/** A widget that is a list of messages of one chat at a time, and where to answer them. */

/** Milliseconds by which the clocks of WhatsApp and of this machine may differ. */
const MOMENT = 5000;

class TalkPanel extends ThreadPanel {
  constructor(model, name) {
    super(model, name);
    this.account = null;
    this.chat = null;
    this.name = h("bdi", { class: "wakit-name" });
    this.number = h("span", { class: "wakit-quiet" });
    this.thread.menu = (row) => this.menu(row);
    this.composer = new Composer({
      texts: this.texts,
      lang: this.lang,
      send: (...told) => this.send(...told),
      to: () => this.chat,
      place: () => this.chat ?? "",
      shows: (one) => this.isHere(one),
      sent: () => this.thread.toEnd(),
    });
  }

  menu(row) {
    if (row.system || row.revoked) return [];
    const answer = { id: row.key.split("/").pop(), name: row.mine ? this.texts.you : row.name ?? this.name.textContent, text: row.text ?? row.label ?? "" };
    const reply = button("↩", () => this.composer.answer(answer), "wakit-aside");
    reply.setAttribute("aria-label", this.texts.reply);
    reply.title = this.texts.reply;
    return [reply];
  }

  /** What was sent from here is drawn by the composer until the thread has it. */
  isHere(one) {
    if (one.to !== this.chat) return false;
    return one.message_id ? !this.thread.at.has(this.keyOf(one)) : one.state !== "sending" || !this.isTold(one);
  }

  keyOf({ message_id }) {
    return `${this.account}/${this.chat}/${message_id}`;
  }

  /** WhatsApp tells of our message a moment before the host knows that it is this one. */
  isTold(one) {
    const others = new Set(this.composer.written.filter((other) => other.message_id).map((other) => this.keyOf(other)));
    const isIt = (row) => row.mine && !others.has(row.key) && (row.text ?? "") === (one.text ?? "") && row.ts > one.ts - MOMENT;
    return this.thread.rows.slice(-8).some(isIt);
  }

  // -- what the kernel says

  take(message, buffers) {
    if (this.composer.take(message)) return;
    if (message.t === "who") this.introduce(message);
    else super.take(message, buffers);
  }

  introduce({ name, number }) {
    setText(this.name, name);
    setText(this.number, number === name ? "" : number);
  }

  takePage(message) {
    super.takePage(message);
    this.composer.draw();
  }

  takeRows(message) {
    super.takeRows(message);
    this.composer.draw();
  }
}
