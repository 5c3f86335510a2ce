/**
 * What stands around every drawing, in the order in which it stands: title and presets, what to
 * try, the drawing, its controls, the formula, code and links. Where the figure is wide, the
 * drawing stands at the left and what moves it at the right. Where it is narrow the drawing stays
 * in view while the controls pass below it; the first of them are there at once, the others under
 * "More".
 */

import { html, patch, reconcile } from "./dom.js";
import { copy } from "./host.js";
import { same } from "./parameters.js";
import { KEEP_KEYS, symbols } from "./slider.js";

const button = (text, onclick, look = "u-action") => html("button", { type: "button", class: look, ...KEEP_KEYS, onclick, text });

/**
 * One sentence. What was done or went wrong stands beside the hand until the hand moves on; what
 * the explorer has to say of its state stands over the drawing. Neither pushes anything away.
 */
export function noteLine() {
  const element = html("p", { class: "u-note", role: "status" });
  let said = "";
  let status = null;
  let hand = null;
  let places = {};
  /** Below the hand, or above it where the figure ends. */
  function besideHand(root) {
    const [frame, at, own] = [root, hand, element].map((one) => one.getBoundingClientRect());
    const below = at.bottom - frame.top + 6;
    const top = below + own.height < frame.height ? below : at.top - frame.top - own.height - 6;
    const left = Math.max(8, Math.min(at.left - frame.left, frame.width - own.width - 10));
    return `left:${left}px;top:${top}px`;
  }
  function show() {
    const { root, view } = places;
    const near = said !== "" && root.contains(hand) && !view.contains(hand);
    const place = near ? root : view;
    if (element.parentElement !== place) place.append(element);
    reconcile(element, symbols(said || status || ""));
    patch(element, { "data-warning": said === "" && Boolean(status), style: null });
    if (near) patch(element, { style: besideHand(root) });
  }
  return {
    element,
    /** where it may stand: `root`, the whole figure, and `view`, what holds the drawing */
    standIn: (parts) => (places = parts),
    say(message) {
      if (message === said) return;
      said = message;
      show();
    },
    /** Where the hand is now; what was said has been read. */
    touched(target) {
      hand = target;
      if (said) {
        said = "";
        show();
      }
    },
    update(text) {
      if (text === status) return;
      status = text;
      show();
    },
  };
}

/** The title, the presets, and the sentence that says what to try: a preset has its own. */
export function headPart(presets, { words, question, press, goBack }) {
  const lesson = html("p", { class: "u-try" });
  const buttons = Object.entries(presets).map(([key, values]) => {
    const element = html("button", { type: "button", "data-preset": key, ...KEEP_KEYS, text: words.presets[key].label, onclick: () => press(key) });
    const chosen = (state) => Object.keys(values).every((k) => same(values[k], state[k]));
    return { element, update: ({ state }) => patch(element, { "aria-pressed": String(chosen(state)) }) };
  });
  const back = button(words.backToText, goBack, "u-back");
  const element = html("div", { class: "u-head" }, html("p", { class: "u-title", text: words.title }),
    buttons.length === 0 ? null : html("div", { class: "u-presets", role: "group", "aria-label": words.presetsLabel },
      ...buttons));
  patch(back, { hidden: true });
  return {
    element, lesson, back,
    teach: (text) => reconcile(lesson, symbols(text)),
    /** Room for the longest of what may be said. */
    keepRoom() {
      const texts = [question, words.tryThis, ...Object.keys(presets).map((key) => words.presets[key].lesson)];
      const trials = texts.map((text) => reconcile(html("p", { class: "u-try" }), symbols(text)));
      patch(lesson, { style: `height:${highest(lesson, trials)}px` });
    },
    offerWayBack: (wanted) => patch(back, { hidden: !wanted }),
    update: (view) => buttons.forEach((one) => one.update(view)),
  };
}

/** Shows what was copied, so that it can be read, and copied by hand where copying fails. */
function codePanel(words) {
  const message = html("p", { role: "status" });
  const text = html("textarea", { readonly: true, spellcheck: "false", "aria-label": words.codeLabel, ...KEEP_KEYS });
  const close = button(words.close, () => patch(element, { hidden: true }));
  const element = html("div", { class: "u-code", hidden: true }, html("div", {}, message, close), text);
  let write = null;
  function fill() {
    text.value = write();
    patch(text, { rows: text.value.split("\n").length });
  }
  return {
    element,
    async show(code, failed = words.copyFailed) {
      write = code;
      fill();
      patch(element, { hidden: null });
      const done = await copy(text.value);
      patch(message, { text: done ? words.copied : failed });
      if (!done) text.select();
    },
    /** The numbers have changed: so does the code that has them. */
    update() {
      if (element.hidden || text.value === write()) return;
      fill();
      patch(message, { text: words.codeLabel });
    },
  };
}

/** The buttons at the end: code to copy, a link on a page, and reset. */
export function actionsPart(code, { words, current, address, say, reset }) {
  const panel = codePanel(words);
  async function copyLink() {
    if (await copy(address())) say(words.linkCopied);
    else panel.show(address, words.linkFailed);
  }
  const element = html("div", { class: "u-actions" },
    ...Object.entries(code).map(([key, write]) => button(words[key], () => panel.show(() => write(current(), words)))),
    address ? button(words.link, copyLink) : null,
    button(words.reset, reset));
  return { element, panel, update: panel.update };
}

/** How high the highest of some elements would be in the place of another. */
export function highest(place, trials) {
  const room = html("div", { class: "u-trials", "aria-hidden": "true" }, ...trials);
  place.after(room);
  const most = Math.max(...trials.map((one) => one.offsetHeight));
  room.remove();
  return most;
}

/** A number with a sign, and with more digits than most: what a formula may grow to. */
const longer = (text) => text.replace(/[−-]?\d+(\.\d+)?/g, (number, part) => (part ? `−${number.replace(/^[−-]/, "")}00` : number));

/** The formula. It keeps the room of its longest form. */
function formulaPart(write) {
  const element = html("div", { class: "u-formula", tabindex: 0, ...KEEP_KEYS }); // what does not fit scrolls, by the keyboard too
  /** Of a view, with longer numbers. */
  function tall(view) {
    const trial = reconcile(html("div", { class: "u-formula u-trial" }), write(view));
    const texts = document.createTreeWalker(trial, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) if (!texts.currentNode.parentElement.closest("sub")) texts.currentNode.data = longer(texts.currentNode.data);
    return trial;
  }
  const keep = (height) => patch(element, { style: `height:${height}px` });
  return {
    element, tall, keep,
    update: (view) => reconcile(element, write(view)),
    /** So many pixels less. */
    giveRoom: (height) => keep(Math.max(LEAST, element.offsetHeight - height)),
  };
}

/** No figure is higher, in pixels, where its controls stand beside the drawing: it is seen whole. */
const HIGHEST = 780;
/** What a formula keeps of its room at least, then. */
const LEAST = 120;
/** And at most where it stands among the controls: what would be a hole most of the time scrolls when it is there. */
const MOST = 288;

/**
 * The formula with the room for what is `possible`: the views that choices and presets make.
 * Beside the controls it stands under them, or under the drawing, where it is wider and
 * so less high: whichever makes the figure lower, with the room that it needs there. Where it does
 * not find that room, the foot makes way for it, and stands under the drawing.
 */
function placeFormula({ root, view, field, formula, side, more, foot }, possible, beside) {
  const trials = possible.map(formula.tall);
  const rooms = {}; // by place, whose width is its own: to measure them is most of a figure's beginning
  function high(under, footUnder = false) {
    if (footUnder) field.after(foot);
    else if (foot.parentNode !== more) more.append(foot);
    if (under) field.after(formula.element);
    else more.insertBefore(formula.element, footUnder ? null : foot);
    formula.keep(Math.min(beside ? Infinity : MOST, (rooms[under] ??= highest(formula.element, trials))));
    return Math.max(view.offsetHeight, side.offsetHeight);
  }
  const left = high(false);
  if (!beside) return;
  let [under, best] = [true, high(true)];
  const least = root.offsetHeight - formula.element.offsetHeight + LEAST;
  if (best >= left || least > HIGHEST) [under, best] = [false, high(false)];
  if (root.offsetHeight > HIGHEST && high(false, true) >= best) high(under);
}

/** What shows the answer stands in the middle of the largest part of it, where nothing else is yet, or where the drawing says `u-here`. */
function placeShow(show, { view, field }) {
  const place = field.querySelector(".u-here") ? ".u-here" : ".u-answer";
  const [frame, stage, ...answers] = [view, field, ...field.querySelectorAll(place)].map((one) => one.getBoundingClientRect());
  const size = ({ width, height }) => width * height;
  // what is cut off by the drawing's edge has its middle anywhere
  const whole = answers.filter((one) => one.left > stage.left - 1 && one.right < stage.right + 1 && one.top > stage.top - 1 && one.bottom < stage.bottom + 1);
  const { left, top, width, height } = whole.reduce((most, one) => (size(one) > size(most) ? one : most), whole[0] ?? stage);
  patch(show, { style: `left:${left + width / 2 - frame.left}px;top:${top + height / 2 - frame.top}px` });
}

/** All parts in one frame. */
export function frameOf(spec, tools, { room, head, note, actions, task, ask }) {
  const { words } = tools;
  const stage = spec.stage(tools);
  const controls = spec.controls(tools);
  const after = spec.after?.(tools);
  const choice = spec.choice?.(tools);
  const formula = spec.formula && formulaPart(spec.formula);
  const field = html("div", { class: "u-stage" }, stage);
  const live = html("p", { class: "u-hidden", "aria-live": "polite" });
  const show = ask ? button(words.show, ask, "u-show") : null;
  const group = (parts) => html("div", { class: "u-controls", role: "group", "aria-label": words.settings }, ...parts);
  const lead = Math.min(spec.lead ?? 2, controls.length);
  const foot = html("div", { class: "u-foot" }, choice, actions);
  const more = html("details", { class: "u-more" }, html("summary", { text: words.more }),
    lead < controls.length ? group(controls.slice(lead)) : null, formula, foot);
  const view = html("div", { class: "u-view" }, field, show, note);
  const side = html("div", { class: "u-side" }, group(controls.slice(0, lead)), after, task, more);
  const root = html(
    "div", { class: `u-explorer room-${room}`, role: "group", "aria-label": words.title }, head.back, head, head.lesson,
    html("div", { class: "u-main" }, view, side),
    actions.panel, live,
  );
  note.standIn({ root, view });
  /** Room for the longest that may be said; `possible` are the views that choices and presets make. */
  function keepRoom(possible, beside) {
    head.keepRoom();
    if (show?.isConnected) placeShow(show, { view, field });
    if (formula && (more.open || beside)) {
      placeFormula({ root, view, field, formula, side, more, foot }, possible(), beside);
      if (beside && root.offsetHeight > HIGHEST) formula.giveRoom(root.offsetHeight - HIGHEST);
    } else if (formula && formula.element.nextSibling !== foot) more.append(formula.element, foot); // as on a desk they were not
    patch(root, { style: `--u-view:${view.offsetHeight}px` });
  }
  return { root, field, formula, live, more, show, keepRoom, parts: [stage, ...controls, after, choice, formula, head, actions].filter(Boolean) };
}
