/** One chat: who it is with, and what was written. */

class Conversation extends ThreadPanel {
  constructor(model) {
    super(model, "conversation");
    this.name = h("bdi", { class: "wakit-name" });
    this.number = h("span", { class: "wakit-quiet" });
    this.head.append(h("strong", {}, this.name), this.number);
  }

  take(message, buffers) {
    if (message.t === "who") this.introduce(message);
    else super.take(message, buffers);
  }

  introduce({ name, number }) {
    setText(this.name, name);
    setText(this.number, number === name ? "" : number);
  }
}

export default {
  render({ model, el }) {
    return new Conversation(model).open(el);
  },
};
