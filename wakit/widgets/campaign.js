/** The campaign panel: audience, preview, who is left out and why, the typed confirmation; then how far it is. */

/** A number, with the signs that people write between thousands. */
const NUMBER = /^([0-9]{1,3}([\s.,'’][0-9]{3})+|[0-9]+)$/;
/** What moves, and is told to those who cannot see it, as the state and in whole tenths. */
const TENTHS = 10;

class CampaignPanel extends Panel {
  constructor(model) {
    super(model, "campaign");
    this.number = new Intl.NumberFormat(this.lang);
    this.percent = new Intl.NumberFormat(this.lang, { style: "percent", maximumFractionDigits: 0 });
    this.exact = new Intl.DateTimeFormat(this.lang, { dateStyle: "medium", timeStyle: "short" });
    this.plan = null;
    this.campaign = null;
    /** The template as it was planned; `null` where it cannot be changed here. */
    this.written = null;
    this.build();
  }

  // -- what it is made of

  build() {
    const t = this.texts;
    this.name = h("strong", { class: "wakit-campaign-name", dir: "auto" }, t.title);
    this.state = h("span", { class: "wakit-campaign-state", hidden: true });
    this.pause = button(t.pause, () => this.send("pause"));
    this.resume = button(t.resume, () => this.send("resume"), "wakit-primary");
    this.stop = button(t.stop, () => this.ask(true), "wakit-danger");
    this.all = button(t.back, () => this.send("back"), "wakit-link");
    this.actions = h("span", { class: "wakit-actions" }, this.all, this.pause, this.resume, this.stop);
    this.head.append(this.name, this.state, this.actions);
    this.problem = h("p", { class: "wakit-alert wakit-lines", role: "alert", hidden: true });
    this.note = h("p", { class: "wakit-quiet", role: "status", hidden: true });
    this.sentence = h("p", { class: "wakit-quiet" });
    this.list = h("div", { class: "wakit-campaign-list", role: "list", "aria-label": t.campaigns });
    this.body.append(this.problem, this.note, this.sentence, this.buildSure(), this.list, this.buildProgress(), this.buildPlan(), this.buildConfirm());
    for (const part of [this.pause, this.resume, this.stop, this.all, this.planPart, this.confirmPart, this.progressPart, this.list]) part.hidden = true;
  }

  buildSure() {
    const t = this.texts;
    this.go = button(t.stop_go, () => this.ask(false) || this.send("cancel"), "wakit-filled");
    const no = button(t.stop_no, () => this.ask(false) || this.stop.focus());
    this.sure = h("div", { class: "wakit-row", role: "group", "aria-label": t.stop_sure, hidden: true }, h("span", {}, t.stop_sure), this.go, no);
    this.sure.addEventListener("keydown", (event) => event.key === "Escape" && (this.ask(false) || this.stop.focus()));
    return this.sure;
  }

  buildPlan() {
    const t = this.texts;
    this.facts = h("dl", { class: "wakit-facts" });
    this.samples = h("div", { class: "wakit-samples" });
    this.template = h("textarea", { id: `${this.id}-template`, rows: "3", maxlength: "65536", spellcheck: "true", dir: "auto", oninput: () => this.drawReplan() || this.drawStart() });
    this.replan = button(t.replan, () => this.send("plan", this.template.value));
    this.editor = h("div", { class: "wakit-form" }, h("label", { for: this.template.id }, t.template), this.template, h("div", { class: "wakit-row" }, this.replan));
    this.reasons = h("div", { class: "wakit-row wakit-reasons", role: "group", "aria-label": t.left_out });
    this.rows = h("tbody");
    const heads = [t.row, t.who, t.what].map((text) => h("th", { scope: "col" }, text));
    const table = h("table", { class: "wakit-plan-rows" }, h("thead", {}, h("tr", {}, ...heads)), this.rows);
    this.table = h("div", { class: "wakit-plan-table", tabindex: "0", role: "region", "aria-label": t.left_out }, table);
    this.earlier = button("‹", () => this.turn(-1));
    this.later = button("›", () => this.turn(1));
    this.earlier.setAttribute("aria-label", t.earlier);
    this.later.setAttribute("aria-label", t.later);
    this.range = h("span", { class: "wakit-quiet", role: "status" });
    this.pager = h("div", { class: "wakit-row wakit-pager" }, this.earlier, this.later, this.range);
    this.steps = h(
      "div",
      { class: "wakit-plan-steps" },
      this.step(1, t.audience, this.facts),
      this.step(2, t.preview, this.samples, this.editor),
      this.step(3, t.left_out, this.reasons, this.table, this.pager),
    );
    this.planPart = h("details", { class: "wakit-plan", open: true }, h("summary", {}, t.the_plan), this.steps);
    return this.planPart;
  }

  step(number, title, ...parts) {
    const id = `${this.id}-step-${number}`;
    const sign = h("span", { class: "wakit-step-sign", "aria-hidden": "true" }, String(number));
    const head = h("div", { class: "wakit-step-head", id, role: "heading", "aria-level": "4" }, sign, title);
    return h("div", { class: "wakit-step", role: "group", "aria-labelledby": id }, head, ...parts);
  }

  buildConfirm() {
    const t = this.texts;
    this.label = h("label", { for: `${this.id}-count` });
    this.count = h("input", {
      id: `${this.id}-count`,
      type: "text",
      inputmode: "numeric",
      autocomplete: "off",
      maxlength: "16",
      oninput: () => this.drawStart(),
      onkeydown: (event) => event.key === "Enter" && this.begin(),
    });
    this.start = button("", () => this.begin(), "wakit-primary");
    this.stale = h("p", { role: "status", hidden: true });
    this.rehearse = button(t.rehearse, () => this.send("rehearse", this.campaign.id));
    this.rehearsed = h("p", { class: "wakit-lines", role: "status", hidden: true });
    const rehearsal = [h("div", { class: "wakit-row" }, this.rehearse, t.rehearse_what), this.rehearsed];
    this.confirmPart = this.step(4, t.confirm, ...rehearsal, this.stale, this.label, h("div", { class: "wakit-row" }, this.count, this.start));
    return this.confirmPart;
  }

  buildProgress() {
    const t = this.texts;
    this.bar = h("div", { class: "wakit-states", role: "img" });
    this.legend = h("div", { class: "wakit-row wakit-legend" });
    this.waits = h("div", { class: "wakit-waits" });
    this.undecided = h("div", { class: "wakit-undecided", role: "group", "aria-label": t.undecided });
    this.rates = h("dl", { class: "wakit-facts wakit-rates", "aria-label": t.results });
    this.progressPart = h("div", { class: "wakit-progress" }, this.bar, this.legend, this.waits, this.undecided, this.rates);
    return this.progressPart;
  }

  // -- what a person does

  ask(sure) {
    this.sure.hidden = !sure;
    if (sure) this.go.focus();
  }

  /** Whether the number that was typed is that of the plan, however people group its digits. */
  isConfirmed() {
    const typed = this.count.value.trim();
    return this.campaign !== null && NUMBER.test(typed) && typed.replace(/[^0-9]/g, "") === String(this.campaign.recipients);
  }

  /** Whether the text was changed since it was planned: what would be sent is not what is read. */
  isStale() {
    return this.written !== null && this.template.value !== this.written;
  }

  begin() {
    if (this.isConfirmed() && !this.start.disabled) this.send("start", this.count.value, { digest: this.campaign.digest });
    else if (this.count.value) this.count.setAttribute("aria-invalid", "true");
  }

  choose(chosen) {
    this.send("page", { chosen, from: 0 });
  }

  turn(step) {
    const { chosen, from, rows } = this.shown;
    this.send("page", { chosen, from: Math.max(0, step > 0 ? from + rows.length : from - 50) });
  }

  // -- what the kernel says

  take(message) {
    if (message.t === "now") this.takeNow(message);
    else if (message.t === "plan") this.takePlan(message.plan);
    else if (message.t === "page") this.takePage(message);
  }

  takeNow(now) {
    const { campaign, busy, problem, note, listed, lists, template } = now;
    const before = this.campaign;
    this.campaign = campaign;
    this.busy = busy;
    this.takeTemplate(template);
    this.root.setAttribute("aria-busy", String(busy !== null));
    tell(this.problem, problem && `⚠ ${problem}`);
    tell(this.note, busy === "plan" ? this.texts.planning : note && `🕓 ${note}`);
    if (before?.id !== campaign?.id) this.turned();
    else if (before?.draft && !campaign.draft) this.planPart.open = false;
    this.drawHead(lists);
    this.drawList(campaign === null && lists ? listed : null);
    this.drawFacts();
    this.drawReplan();
    this.rehearsal = now.rehearsal;
    this.drawStart();
    this.drawProgress(now.progress, now.results);
  }

  /** What a person writes in the field stays until it is planned. */
  takeTemplate(template) {
    const isUntouched = this.written === null || this.template.value === this.written;
    this.written = template;
    if (isUntouched) this.template.value = template ?? "";
  }

  turned() {
    this.count.value = "";
    this.planPart.open = this.campaign?.draft ?? true;
    this.ask(false);
  }

  takePlan(plan) {
    this.plan = plan;
    if (plan === null) return this.drawFacts();
    this.drawFacts();
    this.drawSamples();
    this.drawReplan();
  }

  takePage(page) {
    this.shown = page;
    this.drawReasons();
    this.rows.replaceChildren(...page.rows.map((row) => this.row(row)));
    this.table.scrollTop = 0;
    const last = page.from + page.rows.length;
    const range = { from: this.said(page.rows.length && page.from + 1), to: this.said(last), total: this.said(page.total) };
    setText(this.range, fill(this.texts.range, range));
    this.earlier.disabled = page.from === 0;
    this.later.disabled = last >= page.total;
    this.pager.hidden = page.total <= page.rows.length;
  }

  // -- how it looks

  said(count) {
    return this.number.format(count);
  }

  drawHead(lists) {
    const { campaign, busy } = this;
    setText(this.name, campaign ? campaign.name : this.texts.title);
    this.state.hidden = campaign === null;
    if (campaign) {
      setText(this.state, `${campaign.sign} ${campaign.word}`);
      this.state.dataset.state = campaign.state;
    }
    tell(this.sentence, campaign?.sentence);
    const runs = campaign !== null && !campaign.draft && !campaign.ended;
    this.pause.hidden = !runs || campaign.state === "paused";
    this.resume.hidden = !runs || campaign.state !== "paused";
    this.stop.hidden = !runs;
    if (!runs) this.ask(false);
    this.all.hidden = !lists || campaign === null;
    for (const control of [this.pause, this.resume, this.stop, this.go, this.all]) control.disabled = busy !== null;
  }

  drawList(listed) {
    this.list.hidden = listed === null;
    if (listed === null) return;
    const each = (one) => {
      const open = button("", () => this.send("open", one.id), "wakit-campaign-item");
      const about = `${one.sign} ${one.word} · ${this.said(one.recipients)} · ${this.exact.format(one.made)}`;
      open.append(h("bdi", {}, one.name), h("span", { class: "wakit-quiet" }, about));
      return h("div", { role: "listitem" }, open);
    };
    const key = JSON.stringify(listed);
    if (key === this.listedKey) return;
    this.listedKey = key;
    this.list.replaceChildren(...(listed.length ? listed.map(each) : [h("p", { class: "wakit-quiet" }, this.texts.empty)]));
  }

  drawFacts() {
    const { plan, campaign, texts: t } = this;
    const shows = plan !== null && campaign !== null;
    this.planPart.hidden = !shows && this.written === null;
    for (const part of [this.facts.parentElement, this.samples, this.reasons.parentElement]) part.hidden = !shows;
    if (!shows) return;
    const when = plan.first === null ? null : plan.last - plan.first < 60000 ? this.exact.format(plan.first) : this.exact.formatRange(plan.first, plan.last);
    const facts = [
      [t.rows, this.said(plan.rows)],
      [t.recipients, this.said(campaign.recipients)],
      [t.excluded, this.said(campaign.excluded)],
      campaign.held_out ? [t.held_out, this.said(campaign.held_out)] : null,
      [t.purpose, campaign.purpose],
      [t.account, campaign.account],
      when && campaign.draft ? [t.leaves, when] : null,
    ];
    this.define(this.facts, facts);
  }

  define(list, facts) {
    const key = JSON.stringify(facts);
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...facts.filter(Boolean).map(([name, value, more]) => h("div", { title: more ?? null }, h("dt", {}, name), h("dd", {}, value))));
  }

  drawSamples() {
    const { samples, longest } = this.plan;
    const t = this.texts;
    if (!samples.length) return this.samples.replaceChildren(h("p", {}, t.nobody));
    const each = (one) => {
      const title = one.row === longest && samples.length > 1 ? t.longest : t.sample;
      const about = h("div", { class: "wakit-quiet" }, `${fill(title, { row: this.said(one.row) })} · `, h("bdi", {}, one.who), ` · ${fill(t.length, { count: this.said(one.length) })}`);
      return h("div", { class: "wakit-mine" }, about, h("div", { class: "wakit-bubble" }, h("p", { class: "wakit-said", dir: "auto" }, one.text)));
    };
    this.samples.replaceChildren(...samples.map(each));
  }

  drawReplan() {
    this.editor.hidden = this.written === null || (this.campaign !== null && !this.campaign.draft);
    this.replan.disabled = this.busy !== null || !this.template.value.trim();
  }

  drawReasons() {
    const { plan, shown, texts: t } = this;
    const kinds = [
      { code: "", label: t.everybody, count: plan.rows },
      { code: "recipients", label: t.recipients, count: plan.rows - plan.reasons.reduce((sum, one) => sum + one.count, 0) },
      ...plan.reasons,
    ];
    const focused = this.reasons.contains(document.activeElement) ? document.activeElement.dataset.code : null;
    const each = ({ code, label, count }) =>
      h("button", { type: "button", class: "wakit-toggle", "data-code": code, "aria-pressed": String(code === shown.chosen), onclick: () => this.choose(code) }, `${label} · ${this.said(count)}`);
    this.reasons.replaceChildren(...kinds.map(each), ...(plan.reasons.length ? [] : [h("span", { class: "wakit-quiet" }, t.nobody_out)]));
    if (focused !== null) [...this.reasons.children].find((one) => one.dataset.code === focused)?.focus();
  }

  row({ row, who, number, text, why, detail }) {
    const person = h("td", { title: number || null }, h("bdi", {}, who), number ? h("span", { class: "wakit-quiet" }, ` ${number}`) : "");
    const said = why === null ? h("td", { dir: "auto", title: text }, text) : h("td", { class: "wakit-why" }, `⊘ ${why}`, detail ? h("span", { class: "wakit-quiet" }, `: ${detail}`) : "");
    return h("tr", {}, h("td", { class: "wakit-number" }, this.said(row)), person, said);
  }

  drawStart() {
    const { campaign, texts: t } = this;
    this.confirmPart.hidden = !campaign?.draft;
    if (!campaign?.draft) return;
    const count = this.said(campaign.recipients);
    const isStale = this.isStale();
    this.rehearse.disabled = this.busy !== null || isStale || campaign.recipients === 0;
    tell(this.rehearsed, this.busy === "rehearse" ? t.rehearsing : this.rehearsal);
    tell(this.stale, isStale && `⚠ ${t.stale}`);
    setText(this.label, campaign.recipients ? fill(t.type_count, { count }) : t.nobody);
    setText(this.start, fill(t.start, { count }));
    this.count.disabled = campaign.recipients === 0;
    const typed = this.count.value.trim();
    const isConfirmed = this.isConfirmed();
    this.start.disabled = this.busy !== null || !isConfirmed || isStale || campaign.recipients === 0;
    if (!typed || isConfirmed) this.count.removeAttribute("aria-invalid");
  }

  drawProgress(progress, results) {
    const isOn = progress !== null && this.campaign !== null && !this.campaign.draft;
    this.progressPart.hidden = !isOn;
    if (!isOn) return;
    const rest = progress.not_queued ? [{ state: "rest", tick: "…", tick_name: this.texts.not_queued, count: progress.not_queued }] : [];
    const states = [...progress.states, ...rest];
    const words = states.map((one) => `${one.tick_name}: ${this.said(one.count)}`);
    this.drawBar(states, words);
    this.announce(states);
    this.drawWaits(progress.waiting, progress.never);
    this.drawUndecided(progress.undecided);
    this.drawRates(results);
  }

  drawBar(states, words) {
    const key = words.join();
    if (key === this.barKey) return;
    this.barKey = key;
    this.bar.setAttribute("aria-label", `${this.texts.progress}: ${words.join(", ")}`);
    this.bar.replaceChildren(...states.map((one) => h("span", { class: "wakit-part-of", "data-state": one.state, style: `flex-grow: ${one.count}` })));
    const each = (one) => {
      const sign = h("span", { class: "wakit-swatch", "data-state": one.state, "aria-hidden": "true" });
      return h("span", { class: "wakit-state-of", "data-state": one.state }, sign, `${one.tick} ${one.tick_name} `, h("b", {}, this.said(one.count)));
    };
    this.legend.replaceChildren(...states.map(each));
  }

  /** Say how far it is to those who cannot see it, but not with each message. */
  announce(states) {
    const all = states.reduce((sum, one) => sum + one.count, 0) || 1;
    const open = states.filter((one) => ["queued", "sending", "rest"].includes(one.state)).reduce((sum, one) => sum + one.count, 0);
    const tenths = Math.floor(((all - open) / all) * TENTHS) / TENTHS;
    setText(this.live, `${this.campaign.word}. ${this.texts.progress}: ${this.percent.format(tenths)}`);
  }

  drawWaits(waiting, never) {
    const each = ({ reason, count, until }) => {
      const time = until ? ` (${fill(this.texts.waits_until, { time: this.exact.format(new Date(until)) })})` : "";
      return h("p", { class: "wakit-quiet" }, `🕓 ${this.said(count)} · ${reason}${time}`);
    };
    const ended = ({ tick, reason, count }) => h("p", { class: "wakit-quiet" }, `${tick} ${this.said(count)} · ${reason}`);
    this.waits.replaceChildren(...waiting.map(each), ...never.map(ended));
  }

  drawUndecided(undecided) {
    const key = JSON.stringify(undecided);
    this.undecided.hidden = !undecided.length;
    if (key === this.undecidedKey) return;
    this.undecidedKey = key;
    const each = ({ id, who }) => {
      const offers = ["arrived", "again"].map((offer) => button(this.texts[offer], () => this.decide(id, offer)));
      return h("div", { class: "wakit-row", "data-send": id }, h("bdi", {}, `? ${who}`), ...offers);
    };
    this.undecided.replaceChildren(h("p", {}, this.texts.undecided), ...undecided.map(each));
  }

  /** Whatever is decided is decided once: the buttons go at once, and come back if the kernel says so. */
  decide(id, offer) {
    this.undecided.querySelector(`[data-send="${CSS.escape(id)}"]`)?.remove();
    this.undecidedKey = null;
    this.send(offer, id);
  }

  drawRates(results) {
    const t = this.texts;
    this.rates.hidden = results === null;
    if (results === null) return;
    const rate = (name, one) => {
      if (!one?.of) return null;
      const of = fill(t.of, { count: this.said(one.count), of: this.said(one.of) });
      return [name, `${this.percent.format(one.share)} (${of})`, fill(t.interval, { low: this.percent.format(one.low), high: this.percent.format(one.high) })];
    };
    const rates = [rate(t.delivered, results.delivered), rate(t.read, results.read), rate(t.replied, results.replied), rate(t.opted_out, results.opted_out), rate(t.replied_out, results.replied_out)];
    this.define(this.rates, rates);
  }
}

/** Put values into a text where it has their names in braces. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export default {
  render({ model, el }) {
    return new CampaignPanel(model).open(el);
  },
};
