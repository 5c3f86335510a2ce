/**
 * A question, asked and answered. It judges nothing itself: it sets `answer`, and its host, a page
 * or a kernel, says in `_said` what the chapter's check says to that.
 */

import { html, patch, reconcile } from "#view/dom.js";
import { highest } from "#view/frame.js";
import { attempt, listeners } from "#view/host.js";
import { KEEP_KEYS, symbols } from "#view/slider.js";

const paragraph = (name, text) => reconcile(html("p", { class: name }), symbols(text));
const span = (text) => reconcile(html("span"), symbols(text));

/** Whole numbers, however they are written: (20, 32), 20 x 32; null for nothing, undefined for what is none. */
function shapeOf(text) {
  if (!text.trim()) return null;
  if (!/^[\s(),[\]x×\d]*$/.test(text)) return undefined;
  return (text.match(/\d+/g) ?? []).map(Number);
}
/** A number with a point or a comma, or a fraction; undefined for anything else. */
function numberOf(text) {
  const found = /^\s*([−-]?\d*[.,]?\d+(?:e[−-]?\d+)?)\s*(?:\/\s*(\d*[.,]?\d+))?\s*(%?)\s*$/i.exec(text);
  if (!found) return undefined;
  const [above, below = 1] = found.slice(1, 3).filter(Boolean).map((part) => Number(part.replace(",", ".").replaceAll("−", "-")));
  return above / below / (found[3] ? 100 : 1);
}

const FIELD = { type: "text", autocomplete: "off", ...KEEP_KEYS };

// --- what is filled in: each form makes its element, reads it, and shows an answer

function choice({ task: { options, rule }, answer }) {
  const bars = rule.bars;
  const most = bars && Math.max(...bars.map(Math.abs));
  const buttons = Object.entries(options).map(([key, text], k) => {
    const mark = bars ? html("span", { class: "bar", "aria-hidden": "true", style: `--share:${Math.abs(bars[k]) / most}` }) : html("b", { text: key });
    return html("button", { type: "button", "data-key": key, ...KEEP_KEYS, onclick: () => answer(key) }, mark, span(text));
  });
  return {
    element: html("div", { class: bars ? "choices bars" : "choices" }, ...buttons),
    show: (chosen) => buttons.forEach((one) => patch(one, { "aria-pressed": String(one.dataset.key === chosen) })),
  };
}

function number({ words, note }) {
  const input = html("input", { ...FIELD, inputmode: "decimal", "aria-label": words.number });
  return {
    element: html("div", { class: "rows" }, input),
    read() {
      const value = numberOf(input.value);
      if (value === undefined) note(words.notNumber);
      return value;
    },
    show: (value) => (input.value = value === null ? "" : String(Number(value.toPrecision(3)))),
  };
}

/** A row for each name, with a field in which something is chosen or written. */
function table({ rows: labels = {}, rule }, field, { read, write }) {
  const fields = rule.rows.map((row) => [row, field(labels[row] ?? row)]);
  return {
    element: html("div", { class: "rows pairs" }, ...fields.flatMap(([row, one]) => [span(labels[row] ?? row), one])),
    fields: Object.fromEntries(fields),
    read: () => Object.fromEntries(fields.map(([row, one]) => [row, read(one.value)])),
    show: (answer) => fields.forEach(([row, one]) => (one.value = write(answer?.[row]))),
  };
}

function words({ task, words: said }) {
  const known = [...new Set(Object.values(task.rule.right))].sort();
  const field = (label) => html("select", { ...KEEP_KEYS, "aria-label": label }, html("option", { value: "", text: said.noWord }),
    ...known.map((word) => html("option", { value: word, text: task.options[word] })));
  return table(task, field, { read: (value) => value || null, write: (word) => word ?? "" });
}

function shapes({ task, words: said, note }) {
  const field = (label) => html("input", { ...FIELD, "aria-label": label });
  const { read, ...own } = table(task, field, { read: shapeOf, write: (sizes) => sizes?.join(", ") ?? "" });
  return {
    ...own,
    read() {
      const found = read();
      const row = Object.keys(found).find((one) => found[one] === undefined);
      if (!row) return found;
      own.fields[row].focus();
      note(said.notShape);
      return undefined;
    },
  };
}

const FORMS = { choice, number, words, shapes };

/** What is said to the answer, and where to go from there. It keeps the room of the longest, so that nothing below it moves. */
function reply({ task, words: said }, showAnswer) {
  const text = html("p", { class: "said", role: "status" });
  const see = html("a", { class: "u-action", text: said.see });
  const show = html("button", { type: "button", class: "u-action", ...KEEP_KEYS, onclick: showAnswer, text: said.showAnswer });
  const ways = [see, show];
  ways.forEach((one) => patch(one, { "data-off": true }));
  const [first = null] = Object.values(task.rule.see ?? {});
  patch(see, { href: first }); // a link leads somewhere, seen or not
  const element = html("div", { class: "reply" }, text, html("div", { class: "u-actions" }, task.rule.see ? see : null, show));
  const { right, hints } = task.words.own;
  const possible = [`${task.words.right} ${right}`, ...Object.values(hints).map((one) => `${task.words.not_yet} ${one}`)];
  return {
    element,
    /** The way out is offered once an answer was not right. */
    say(message, verdict = null, key = null, tried = false) {
      reconcile(text, symbols(message));
      patch(element, { "data-verdict": verdict });
      const href = task.rule.see?.[key] ?? null;
      patch(see, { href: href ?? first, "data-off": !href });
      patch(show, { "data-off": !tried || verdict === "right" });
    },
    keepRoom() {
      patch(text, { style: `min-height:${highest(text, possible.map((one) => paragraph("said", one)))}px` });
    },
  };
}

function mount({ model, el }) {
  const { words: said } = model.get("_room"); // none of them has a hole
  const task = model.get("_task");
  const answer = (value) => {
    model.set("answer", value);
    attempt(() => model.save_changes());
  };
  const answers = reply({ task, words: said }, () => answer(task.rule.right));
  const form = FORMS[task.rule.form]({ task, words: said, answer, note: answers.say });
  function check() {
    const value = form.read();
    if (value !== undefined) answer(value);
  }
  const press = form.read ? html("button", { type: "button", class: "u-check", ...KEEP_KEYS, onclick: check, text: said.check }) : null;
  const asked = paragraph("asked", task.ask);
  const element = html("div", { class: "u-explorer room-question", role: "group", "aria-label": said.title },
    asked, html("div", { class: "answer" }, form.element, press), answers.element);
  const hearEnter = (event) => event.key === "Enter" && event.target.tagName === "INPUT" && check();
  let tried = false;
  function hear() {
    const { verdict, text, key } = model.get("_said") ?? {};
    if (!verdict) return;
    tried ||= verdict === "not_yet";
    answers.say(text, verdict, key, tried);
  }
  el.append(element);
  form.show(model.get("answer") ?? null);
  hear();
  const observer = new ResizeObserver(answers.keepRoom);
  observer.observe(asked); // as wide as what is said, and not moved by it
  const { listen, hear: hearHost, stop } = listeners();
  listen(element, "keydown", hearEnter);
  listen(document.fonts, "loadingdone", answers.keepRoom); // what was measured in other letters
  hearHost(model, "change:answer", () => form.show(model.get("answer") ?? null));
  hearHost(model, "change:_said", hear);
  return () => {
    observer.disconnect();
    stop();
    element.remove();
  };
}

export default { render: mount };
