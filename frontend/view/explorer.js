/**
 * What every explorer has, built once: frame, presets, formula, ghost, links to a
 * state, copied code, reset, live summary, and the ties to its host. An explorer's
 * own file says what it computes and draws.
 *
 * The host is known only as a model with get, set, on and save_changes, in the form
 * of the anywidget front-end module. Hosts differ, so whatever is not `get` or `set`
 * may be missing, or may throw.
 */

import { html, patch } from "./dom.js";
import { messages } from "./messages.js";
import { formatLink, parametersOf, parseLink, same } from "./parameters.js";
import { KEEP_KEYS } from "./slider.js";

/**
 * @typedef {object} Spec
 * @property {string[]} [cursors] the settings that only point at something
 * @property {import("./parameters.js").Parameter[]} [parameters] where the face does not say them
 * @property {(words: object) => object} [words] this one figure's words, from its room's
 * @property {Record<string, object>} initial values for what the host does not give
 * @property {Record<string, object>} [presets] by the names that `words.presets` has
 * @property {(state: object, set: object) => object} [settle] mends values that depend on each
 *   other; `set` has those that were just set, which stand
 * @property {(state: object) => object} compute the model's numbers, from frontend/core
 * @property {(tools: Tools) => Part} stage the drawing
 * @property {(tools: Tools) => Part[]} controls
 * @property {(tools: Tools) => Part} [after] what stands below the controls
 * @property {(tools: Tools) => Part} [choice] at the left of the foot
 * @property {(view: View) => Node[]} [formula]
 * @property {(view: View) => string|null} [status] what has gone wrong, in words
 * @property {(view: View) => string} summary one sentence, read aloud after a change
 * @property {Record<"copyNumpy"|"copyPytorch", (state: object, words: object) => string>} [code]
 *
 * @typedef {object} Part
 * @property {HTMLElement} element
 * @property {(view: View) => void} update
 *
 * @typedef {object} View
 * @property {object} state
 * @property {object} result
 * @property {object|null} ghost the result before the last change
 * @property {number} width of the stage, in CSS pixels
 * @property {object} words
 *
 * @typedef {object} Tools
 * @property {(patch: object) => void} change
 * @property {() => object} current the state as it is now
 * @property {(message: string) => void} say
 * @property {object} words what is said: the room's words and those of all explorers, as
 *   `messages` reads them
 * @property {Record<string, object>} settings what the face says of each: see `parametersOf`
 */

/** @param {Spec} spec @returns {{render: ({model: object, el: HTMLElement}) => () => void}} */
export const explorer = (spec) => ({ render: ({ model, el }) => mount(spec, model, el) });

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Listeners, and how to take them all away again. */
function listeners() {
  const undo = [];
  return {
    listen(target, type, handler, options) {
      target.addEventListener(type, handler, options);
      undo.push(() => target.removeEventListener(type, handler, options));
    },
    hear(model, event, handler) {
      attempt(() => model.on(event, handler));
      undo.push(() => attempt(() => model.off(event, handler)));
    },
    stop: () => undo.forEach((action) => action()),
  };
}

/**
 * The state, and what was before the reader last took hold of something: the ghost's.
 * `changed` is called after every change; `current`, `opening` and `before` tell.
 */
function stateOf({ parameters, initial, settle = (state) => state }, model, changed) {
  const given = ({ name, valid }) => (valid(model.get(name)) ? model.get(name) : initial[name]);
  let state = settle(Object.fromEntries(parameters.map((one) => [one.name, given(one)])), {});
  const opening = state;
  let hold = 0;
  let heldAt = -1;
  let before = null;
  return {
    opening,
    current: () => state,
    before: () => before,
    takeHold: () => (hold += 1),
    change(values, { fromHost = false } = {}) {
      const next = settle({ ...state, ...values }, values);
      const news = parameters.filter(({ name }) => !same(next[name], state[name]));
      if (news.length === 0) return;
      if (news.some(({ cursor }) => !cursor) && heldAt !== hold) {
        before = state;
        heldAt = hold;
      }
      state = next;
      if (!fromHost) {
        for (const { name } of news) attempt(() => model.set(name, next[name]));
        attempt(() => model.save_changes());
      }
      changed();
    },
  };
}

/** One sentence on what went wrong or was done; it gives way to the explorer's own status. */
function noteLine() {
  const element = html("p", { class: "u-note", role: "status" });
  let stands = false;
  return {
    element,
    say(message) {
      patch(element, { text: message });
      stands = message !== "";
    },
    update(status) {
      if (status || !stands) patch(element, { text: status ?? "" });
      patch(element, { "data-warning": Boolean(status) });
    },
  };
}

/** The title, the presets, and the sentence that says what to try: a preset has its own. */
function headPart(presets, { words, change, takeHold }) {
  const lesson = html("p", { class: "u-try", text: words.tryThis });
  const teach = (text) => patch(lesson, { text });
  const buttons = Object.entries(presets).map(([key, values]) => {
    const element = html("button", {
      type: "button", "data-preset": key, ...KEEP_KEYS, text: words.presets[key].label,
      onclick() {
        takeHold();
        change(values);
        teach(words.presets[key].lesson);
      },
    });
    const chosen = (state) => Object.keys(values).every((k) => same(values[k], state[k]));
    return { element, update: ({ state }) => patch(element, { "aria-pressed": String(chosen(state)) }) };
  });
  const element = html("div", { class: "u-head" }, html("p", { class: "u-title", text: words.title }),
    buttons.length === 0 ? null : html("div", { class: "u-presets", role: "group", "aria-label": words.presetsLabel },
      ...buttons.map((one) => one.element)));
  return { element, lesson, teach, update: (view) => buttons.forEach((one) => one.update(view)) };
}

/** The buttons at the right of the foot: code to copy, a link on a page, and reset. */
function actionsPart(spec, { words, current, onPage, copyLink, reset }) {
  const code = codePanel(words);
  const action = (text, onclick) => html("button", { type: "button", class: "u-action", ...KEEP_KEYS, onclick, text });
  const element = html("div", { class: "u-actions" },
    ...Object.entries(spec.code ?? {}).map(([key, write]) => action(words[key], () => code.show(write(current(), words)))),
    onPage ? action(words.link, () => copyLink(code)) : null,
    action(words.reset, reset));
  return { element, code };
}

/** All parts in one frame, in the order in which they stand. */
function frameOf(spec, tools, { room, head, note, actions }) {
  const { words } = tools;
  const nothing = () => ({ element: html("span"), update() {} });
  const stage = spec.stage(tools);
  const controls = spec.controls(tools);
  const after = spec.after?.(tools) ?? nothing();
  const choice = spec.choice?.(tools) ?? nothing();
  const field = html("div", { class: "u-stage" }, stage.element);
  const formula = spec.formula ? html("div", { class: "u-formula" }) : null;
  const live = html("p", { class: "u-hidden", "aria-live": "polite" });
  const root = html(
    "div", { class: `u-explorer room-${room}`, role: "group", "aria-label": words.title }, head.element, head.lesson, field, formula, note.element,
    html("div", { class: "u-controls", role: "group", "aria-label": words.settings }, ...controls.map(({ element }) => element)),
    after.element, html("div", { class: "u-foot" }, choice.element, actions.element), actions.code.element, live,
  );
  return { root, field, formula, live, parts: [stage, ...controls, after, choice, head] };
}

/** Draws at most once a frame, whenever something has changed or the width has. */
function drawing({ spec, store, words, frame, note }) {
  const { root, field, formula, live, parts } = frame;
  let asked = 0;
  let timer = 0;
  let width = 0;
  let ghostOf = null;
  let ghost = null;
  function draw() {
    asked = 0;
    width ||= field.clientWidth;
    if (!width) return;
    patch(root, { "data-narrow": width <= 560, "data-tiny": width <= 340 });
    const state = store.current();
    const result = spec.compute(state);
    if (ghostOf !== store.before()) {
      ghostOf = store.before();
      ghost = ghostOf && spec.compute(ghostOf);
    }
    const view = { state, result, ghost, width, words };
    for (const part of parts) part.update(view);
    formula?.replaceChildren(...spec.formula(view));
    note.update(spec.status?.(view) ?? null);
    clearTimeout(timer);
    timer = setTimeout(() => patch(live, { text: spec.summary(view) }), 600);
  }
  const schedule = () => {
    asked ||= requestAnimationFrame(draw);
  };
  // the width is read when it changes, not when something is drawn: that would lay out twice
  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    schedule();
  });
  observer.observe(field);
  return {
    draw,
    schedule,
    stop() {
      cancelAnimationFrame(asked);
      clearTimeout(timer);
      observer.disconnect();
    },
  };
}

/** Links to a state: `#name:w_h=1.1;b=0` sets the figure, from the address or from the prose. */
function links({ model, parameters, store, note, words, root }) {
  return {
    follow(hash) {
      const prefix = `#${model.get("name")}:`;
      const target = decodeURIComponent(hash);
      if (!target.startsWith(prefix)) return false;
      const { values, problems } = parseLink(parameters, target.slice(prefix.length));
      store.takeHold();
      store.change({ ...store.opening, ...values });
      note.say(problems.map(([name, given]) => words.badLink({ name, given })).join(" "));
      // at once: a smooth scroll is lost when the page moves meanwhile
      const block = root.offsetHeight > innerHeight - 120 ? "start" : "center";
      root.scrollIntoView({ block, behavior: "instant" });
      return true;
    },
    async copy(code) {
      const link = `${location.href.split("#")[0]}#${model.get("name")}:${formatLink(parameters, store.current())}`;
      if (await copy(link)) note.say(words.linkCopied);
      else code.show(link, words.linkFailed);
    },
  };
}

/** What the host changes, the explorer shows. */
function hearHost(model, parameters, { current, takeHold, change }, hear) {
  for (const { name, valid } of parameters) {
    hear(model, `change:${name}`, () => {
      const value = model.get(name);
      if (!valid(value) || same(value, current()[name])) return;
      takeHold();
      change({ [name]: value }, { fromHost: true });
    });
  }
}

/** The reader's hand: on the explorer, on a link in the prose, and on the address. */
function hearReader(root, takeHold, link, listen) {
  listen(root, "pointerdown", takeHold, true);
  listen(root, "focusin", takeHold, true);
  listen(document, "click", (event) => {
    const anchor = event.target.closest?.('a[href^="#"]');
    if (anchor && !event.defaultPrevented && link.follow(anchor.getAttribute("href"))) event.preventDefault();
  });
  listen(window, "hashchange", () => link.follow(location.hash));
}

function mount(spec, model, el) {
  const { name: room, language, words: tree, settings } = model.get("_room");
  const told = messages(tree, language);
  const words = spec.words?.(told) ?? told;
  const parameters = spec.parameters ?? parametersOf(settings, spec.cursors);
  const store = stateOf({ ...spec, parameters }, model, () => drawn.schedule());
  const { change, current, takeHold, opening } = store;
  const note = noteLine();
  const head = headPart(spec.presets ?? {}, { words, change, takeHold });
  const actions = actionsPart(spec, {
    words, current, onPage: el.closest("[data-explorer]") !== null, copyLink: (code) => link.copy(code),
    reset() {
      takeHold();
      change(opening);
      head.teach(words.tryThis);
      note.say("");
    },
  });
  const frame = frameOf(spec, { change, current, say: note.say, words, settings }, { room, head, note, actions });
  const { root } = frame;
  el.append(root);

  const drawn = drawing({ spec, store, words, frame, note });
  const link = links({ model, parameters, store, note, words, root });
  const { listen, hear, stop } = listeners();
  hearReader(root, takeHold, link, listen);
  hearHost(model, parameters, store, hear);
  drawn.draw();
  link.follow(location.hash);
  return () => {
    drawn.stop();
    stop();
    root.remove();
  };
}

/** Text to the clipboard; false where the browser does not allow it. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Shows what was copied, so that it can be read, and copied by hand where copying fails. */
function codePanel(words) {
  const message = html("p", { role: "status" });
  const text = html("textarea", { readonly: true, spellcheck: "false", "aria-label": words.codeLabel, ...KEEP_KEYS });
  const element = html(
    "div", { class: "u-code", hidden: true },
    html("div", {}, message, html("button", {
      type: "button", class: "u-action", ...KEEP_KEYS, onclick: () => patch(element, { hidden: true }), text: words.close,
    })),
    text,
  );
  return {
    element,
    async show(code, failed = words.copyFailed) {
      text.value = code;
      patch(text, { rows: code.split("\n").length });
      patch(element, { hidden: null });
      const done = await copy(code);
      patch(message, { text: done ? words.copied : failed });
      if (!done) text.select();
    },
  };
}
