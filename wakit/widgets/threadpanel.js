/** A widget that is a list of messages: hands what the kernel says to its thread, and asks the kernel for what the thread lacks. */

/** Milliseconds that somebody types without saying so again. */
const TYPING = 12000;
/** Most pictures kept; the others are asked for again. */
const PICTURES = 300;
/** Most voice notes and films kept ready to be played. */
const PLAYERS = 20;
/** Milliseconds between two sentences to screen readers. */
const QUIET = 3000;

class ThreadPanel extends Panel {
  constructor(model, name) {
    super(model, name);
    this.waiting = true;
    this.told = [];
    this.pictures = new Map();
    this.players = new Map();
    this.asked = new Set();
    this.unsaid = [];
    this.said = 0;
    this.typists = new Map();
    this.thread = new Thread({
      texts: this.texts,
      lang: this.lang,
      more: (row) => this.send("more", placeOf(row)),
      newer: (row) => (row ? this.send("newer", placeOf(row)) : this.again()),
      jump: (key) => this.send("jump", key),
      media: (row) => this.media(row),
    });
    this.problem = h("p", { class: "wakit-alert", role: "alert", hidden: true });
    this.typing = h("p", { class: "wakit-quiet wakit-typing", "aria-live": "off", hidden: true });
    this.body.classList.add("wakit-threaded");
    this.body.append(this.problem, this.thread.element, this.typing);
  }

  close() {
    this.thread.close();
    for (const url of this.pictures.values()) URL.revokeObjectURL(url);
    for (const player of this.players.values()) URL.revokeObjectURL(player.src);
    super.close();
  }

  revive() {
    this.waiting = true;
    super.revive();
  }

  suspect() {
    this.waiting = true;
    super.suspect();
  }

  /** Begin with the newest messages again. */
  again() {
    this.waiting = true;
    this.send("hello");
  }

  take(message, buffers) {
    const isOurs = message.view === undefined || message.view === this.id;
    const takes = { page: "takePage", rows: "takeRows", changed: "takeChanged", typing: "takeTyping", media: "takeMedia" }[message.t];
    if (takes && isOurs) this[takes](message, buffers);
    else if (message.t === "older" && isOurs) this.thread.prepend(message.rows, message.begins);
    else if (message.t === "newer" && isOurs) this.thread.extend(message.rows, message.present);
    else if (message.t === "there" && isOurs) this.thread.reset(message.rows, { present: false, lit: message.lit });
    else if (message.t === "problem") tell(this.problem, message.text);
    else if (message.t === "lost") tell(this.problem, this.texts.host_lost);
  }

  takePage({ everybody, rows, begins, choice }) {
    if (!everybody && !this.waiting) return;
    // What was told while the page was on its way is not in it; for everybody it is told again.
    const told = everybody ? [] : this.told;
    Object.assign(this, { waiting: false, told: [] });
    tell(this.problem, null);
    this.chosen(choice);
    this.thread.reset(rows, { begins });
    this.thread.append(told);
  }

  /** What the widget shows of what was chosen. */
  chosen() {}

  takeRows({ rows }) {
    for (const row of rows) this.stopped(row);
    if (this.waiting) this.told.push(...rows);
    this.unsaid.push(...rows.filter((row) => !row.mine));
    this.thread.append(rows);
  }

  takeChanged({ rows }) {
    this.thread.update(rows);
  }

  tick() {
    super.tick();
    const now = performance.now();
    for (const [who, { until }] of this.typists) if (until < now) this.typists.delete(who);
    this.showTypists();
    this.say();
  }

  /** Who cannot see hears what was written, or how much where that is a lot. */
  say() {
    const [row] = this.unsaid;
    if (!row || performance.now() - this.said < QUIET) return;
    const said = [row.name, (row.text ?? row.label ?? "").slice(0, 300)].filter(Boolean).join(": ");
    setText(this.live, this.unsaid.length === 1 ? said : this.texts.heard.replace("{count}", this.unsaid.length));
    Object.assign(this, { unsaid: [], said: performance.now() });
  }

  takeTyping({ typists }) {
    for (const { who, name, in: chat, on } of typists) {
      if (on) this.typists.set(who, { name, chat, until: performance.now() + TYPING });
      else this.typists.delete(who);
    }
    this.showTypists();
  }

  /** Who has written does no longer type. */
  stopped({ mine, name }) {
    if (mine) return;
    for (const [who, typist] of this.typists) if (typist.name === name || !name) this.typists.delete(who);
  }

  showTypists() {
    const line = ({ name, chat }) => (chat ? this.texts.typing_in : this.texts.typing).replace("{who}", name).replace("{chat}", chat ?? "");
    tell(this.typing, [...this.typists.values()].slice(0, 3).map(line).join(" "));
  }

  // -- files

  media(row) {
    const { media } = row;
    if (!media) return null;
    if (media.private) return h("div", { class: "wakit-file" }, h("span", {}, `${media.label} · ${this.texts.hidden}`));
    if (media.note) return this.file(row);
    if (media.type === "image" || media.type === "sticker") return this.picture(row);
    return media.type === "voice" || media.type === "audio" || media.type === "video" ? this.playable(row) : this.file(row);
  }

  /** A voice note, a song or a film: fetched when somebody wants to hear or see it, then played here. */
  playable(row) {
    const { media, key } = row;
    const player = this.players.get(key);
    if (player) return player;
    const facts = [media.label, media.length, media.size].filter(Boolean).join(" · ");
    if (this.asked.has(key)) return h("div", { class: "wakit-file" }, `${facts} · ${this.texts.fetching}`);
    return h("div", { class: "wakit-file" }, button(`▶ ${this.texts.play}`, () => this.play(key)), h("span", { class: "wakit-quiet" }, facts));
  }

  play(key) {
    this.asked.add(key);
    this.send("media", key, { whole: true });
    this.thread.refresh(key);
  }

  takePlayer(key, url, mime) {
    const kind = mime.startsWith("video/") ? "video" : "audio";
    const player = h(kind, { src: url, controls: true, class: "wakit-player", onloadedmetadata: () => this.thread.refresh(key) });
    this.players.set(key, player);
    if (this.players.size > PLAYERS) {
      const [oldest] = this.players.keys();
      URL.revokeObjectURL(this.players.get(oldest).src);
      this.players.delete(oldest);
    }
    this.thread.refresh(key);
    player.play().catch(() => {}); // the browser may want another click, or does not know the format
  }

  /** A picture that is here is fetched as soon as it is seen, another one when somebody asks for it. */
  picture(row) {
    const { media, key } = row;
    const url = this.pictures.get(key);
    const frame = h("button", {
      type: "button",
      class: `wakit-picture wakit-${media.type}`,
      style: `aspect-ratio: ${media.ratio ?? 1.33}`,
      "aria-label": `${this.texts.open_picture}: ${media.label}`,
      onclick: () => (this.pictures.has(key) ? this.whole(key) : this.look(key)),
    });
    if (url) frame.append(h("img", { src: url, alt: media.label }));
    else frame.append(this.asked.has(key) || media.here ? this.texts.fetching : `${media.label} · ${media.size} ↓`);
    if (!url && media.here) this.fetch(key);
    return frame;
  }

  fetch(key) {
    if (this.asked.has(key)) return;
    this.asked.add(key);
    this.send("media", key);
  }

  look(key) {
    this.fetch(key);
    this.thread.refresh(key);
  }

  whole(key) {
    this.send("media", key, { whole: true });
  }

  file(row) {
    const { media, key } = row;
    const facts = [media.length, media.size].filter(Boolean).join(" · ");
    const name = h("bdi", { class: "wakit-file-name" }, media.name || media.label);
    const parts = [h("span", {}, media.name ? `${media.label} ` : "", name), h("span", { class: "wakit-quiet" }, facts)];
    if (media.note) parts.push(h("span", { class: "wakit-problem" }, media.note));
    else parts.push(button(this.texts.save_file, () => this.whole(key), "wakit-link"));
    return h("div", { class: "wakit-file" }, ...parts);
  }

  takeMedia({ key, whole, mime, name, problem }, buffers) {
    tell(this.problem, problem);
    if (problem) return;
    const isAsked = this.asked.delete(key);
    const url = URL.createObjectURL(new Blob([buffers[0]], { type: mime }));
    if (whole && isAsked && /^(audio|video)\//.test(mime)) return this.takePlayer(key, url, mime);
    if (whole) return hand(url, name, mime);
    this.pictures.set(key, url);
    if (this.pictures.size > PICTURES) this.drop(this.pictures.keys().next().value);
    this.thread.refresh(key);
  }

  drop(key) {
    URL.revokeObjectURL(this.pictures.get(key));
    this.pictures.delete(key);
  }
}

/** What names a row to the kernel. */
function placeOf(row) {
  return { key: row.key, cursor: row.cursor };
}

/** Show a picture in a tab of its own, and save everything else; the browser never runs what somebody sent. */
function hand(url, name, mime) {
  const shows = mime.startsWith("image/");
  const link = h("a", { href: url, rel: "noopener", ...(shows ? { target: "_blank" } : { download: name }) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
