/**
 * What all widgets share in the browser; comes before the widget's own code, in the same module.
 *
 * Everything that changes comes as a custom message and goes into text nodes, never into markup: names and messages on
 * WhatsApp are written by strangers. Nothing is stored; a view that opens says "hello" and gets it all.
 */

/** Milliseconds without a beat after which the kernel counts as gone; it beats once a second. */
const SILENCE = 5000;
/** The same after the kernel was seen to restart. */
const SUSPICION = 1500;
/** Milliseconds between two signs that this view is still open. */
const HERE_EVERY = 60000;

/** Make an element: `on…` are listeners, other properties are attributes; `null` and `false` leave one out. */
function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

function setText(element, text) {
  if (element.textContent !== (text ?? "")) element.textContent = text ?? "";
}

/** Show text in an element that is not there when there is none. */
function tell(element, text) {
  setText(element, text);
  element.hidden = !text;
}

function button(label, onclick, kind = "") {
  return h("button", { type: "button", class: kind, onclick }, label);
}

/** A widget: its frame, and whether the kernel behind it still lives. */
class Panel {
  constructor(model, name) {
    this.model = model;
    this.texts = model.get("texts");
    this.lang = model.get("lang");
    this.gone = false;
    this.heard = performance.now();
    this.patience = SILENCE;
    this.banner = h("p", { class: "wakit-alert", role: "alert", hidden: true });
    this.head = h("header");
    this.live = h("p", { class: "wakit-unseen", role: "status", "aria-live": "polite" });
    this.body = h("div", { class: "wakit-body" });
    this.root = h(
      "section",
      { class: `wakit wakit-${name}`, lang: this.lang, "data-lm-suppress-shortcuts": "true", "aria-label": this.texts.title },
      this.banner,
      this.head,
      this.live,
      this.body,
    );
  }

  /** Put the widget into the page; what comes back takes it out again. */
  open(el) {
    el.append(this.root);
    this.listeners = { "msg:custom": (m, buffers) => this.receive(m, buffers), comm_live_update: () => this.suspect() };
    for (const [name, listener] of Object.entries(this.listeners)) this.model.on(name, listener);
    this.timers = [setInterval(() => this.tick(), 250), setInterval(() => this.send("here"), HERE_EVERY)];
    this.send("hello");
    return () => this.close();
  }

  close() {
    this.timers.forEach(clearInterval);
    for (const [name, listener] of Object.entries(this.listeners)) this.model.off(name, listener);
  }

  get id() {
    return (this._id ??= `wakit-${Math.random().toString(36).slice(2)}`);
  }

  /** Tell the kernel something; what it answers to this view alone names it. */
  send(t, value = "", more = {}, buffers = []) {
    try {
      this.model.send({ t, value, view: this.id, ...more }, undefined, buffers);
    } catch {
      // The comm of a dead kernel throws; the missing beats say it to the person.
    }
  }

  receive(message, buffers = []) {
    this.heard = performance.now();
    this.patience = SILENCE;
    if (this.gone) this.revive();
    this.take(message, buffers);
  }

  /** What the kernel says; each widget has its own words. */
  take() {}

  /** What passes by itself, four times a second. */
  tick() {
    if (performance.now() - this.heard > this.patience && !this.gone) this.lose();
  }

  suspect() {
    this.patience = SUSPICION;
    this.heard = performance.now();
    this.send("hello");
  }

  /** The kernel is gone: say so, and take away what can no longer be clicked. */
  lose() {
    this.gone = true;
    this.root.toggleAttribute("data-gone", true);
    this.body.inert = true;
    this.head.inert = true;
    tell(this.banner, `⚠ ${this.texts.kernel_gone}`);
  }

  revive() {
    this.gone = false;
    this.root.toggleAttribute("data-gone", false);
    this.body.inert = false;
    this.head.inert = false;
    tell(this.banner, null);
    this.send("hello");
  }
}
