/** One chat: who it is with, what was written, and where to answer. */

class Conversation extends TalkPanel {
  constructor(model) {
    super(model, "conversation");
    this.head.append(h("strong", {}, this.name), this.number);
    this.body.append(this.composer.list, this.composer.element);
  }

  /** A chat is the same for as long as the widget is there, whichever address it was asked for by. */
  chosen({ account, chat }) {
    const isNew = chat !== this.chat;
    Object.assign(this, { account, chat });
    if (isNew) this.composer.turn();
  }
}

export default {
  render({ model, el }) {
    return new Conversation(model).open(el);
  },
};
