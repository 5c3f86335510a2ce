/**
 * What every explorer has, built once: frame, presets, formula, ghost, links to a
 * state, copied code, reset, live summary, and the ties to its host. An explorer's
 * own file says what it computes and draws.
 *
 * The host is known only as a model with get, set, on and save_changes, in the form
 * of the anywidget front-end module. Hosts differ, so whatever is not `get` or `set`
 * may be missing, or may throw.
 */

import { patch } from "./dom.js";
import { actionsPart, frameOf, headPart, noteLine } from "./frame.js";
import { attempt, listeners } from "./host.js";
import { links } from "./links.js";
import { messages } from "./messages.js";
import { parametersOf, same } from "./parameters.js";
import { within } from "./shape.js";
import { taskPart } from "./task.js";

/**
 * @typedef {object} Spec
 * @property {string[]} [cursors] the settings that only point at something
 * @property {import("./parameters.js").Parameter[]} [parameters] where the face does not say them
 * @property {object} [kinds] of settings that no other room has: see `parametersOf`
 * @property {(words: object) => object} [words] this one figure's words, from its room's
 * @property {(state: object, set: object) => object} [settle] mends values that depend on each
 *   other; `set` has those that were just set, which stand
 * @property {(state: object) => object} compute the model's numbers, from frontend/core
 * @property {(state: object, result: object) => object} [names] of what was computed, by the names
 *   that the face has for it and rules of exercises ask for
 * @property {(tools: Tools) => Part} stage the drawing
 * @property {(tools: Tools) => Part[]} controls
 * @property {number} [lead] how many of them are there at once where the figure is narrow; 2 if left out
 * @property {(tools: Tools) => Part} [after] what stands below the first controls
 * @property {(tools: Tools) => Part} [choice] before the code and the links
 * @property {(view: View) => Node[]} [formula]
 * @property {(view: View) => string|null} [status] what has gone wrong, in words
 * @property {(view: View) => string} summary one sentence, read aloud after a change
 * @property {Record<"copyNumpy"|"copyPytorch"|"copyPython", (state: object, words: object) => string>} [code]
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
 * @property {number} room so many pixels high may the stage be, for all of it to be seen beside a control
 * @property {"side"|"stack"} layout the controls stand at the drawing's side, or below it
 * @property {boolean} asked what the page asks about is not to be drawn or said yet
 * @property {string} label what the drawing is called, for who cannot see it
 * @property {object} words
 *
 * @typedef {object} Tools
 * @property {(patch: object) => void} change
 * @property {() => object} current the state as it is now
 * @property {(message: string) => void} say
 * @property {() => void} redraw for what was computed meanwhile, though no setting has changed
 * @property {object} words what is said: the room's words and those of all explorers, as
 *   `messages` reads them, with the room's `program` and `plan`
 * @property {Record<string, object>} settings what the face says of each: see `parametersOf`
 */

/** @param {Spec} spec @returns {{render: ({model: object, el: HTMLElement}) => () => void}} */
export const explorer = (spec) => ({ render: ({ model, el }) => mount(spec, model, el) });

/** The same of a figure that is drawn anew, too, when the host tells `name`, which is no setting. */
export const hearing = (name, { stage, ...spec }) => ({
  render({ model, el }) {
    const { hear, stop } = listeners();
    const leave = mount({
      ...spec,
      stage(tools) {
        hear(model, `change:${name}`, tools.redraw);
        return stage(tools);
      },
    }, model, el);
    return () => {
      stop();
      leave();
    };
  },
});

/** Marks a part of a drawing as what a page may ask about: it is seen once the reader wants to see. */
export function answer(element) {
  element.classList.add("u-answer");
  return element;
}

/**
 * The state, and what was before the reader last took hold of something: the ghost's.
 * `changed` is called after every change; `current`, `opening` and `before` tell.
 */
function stateOf({ parameters, settle = (state) => state }, model, changed) {
  let state = settle(Object.fromEntries(parameters.map((one) => [one.name, model.get(one.name)])), {});
  const opening = state;
  let anew = true; // since the reader took hold, nothing has changed
  let before = null;
  return {
    opening,
    current: () => state,
    /** What the state would be with these values. */
    settled: (values) => settle({ ...state, ...values }, values),
    before: () => before,
    takeHold: () => (anew = true),
    /** No ghost: a preset is a new beginning. */
    forget() {
      before = null;
      anew = true;
    },
    change(values, { fromHost = false } = {}) {
      const next = settle({ ...state, ...values }, values);
      const news = parameters.filter(({ name }) => !same(next[name], state[name]));
      if (news.length === 0) return;
      if (anew && news.some(({ cursor }) => !cursor)) {
        before = state;
        anew = false;
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

/**
 * How the figure is laid out in so many pixels: `wide` of its own, `high` the window's. A phone
 * held sideways is low, and as good as wide.
 */
export function layoutOf(wide, high) {
  const low = high < 560;
  const layout = wide >= 860 || (wide >= 560 && low) ? "side" : "stack";
  const kept = layout === "stack" ? 196 : low ? 72 : 198; // the site's head, and a control or two
  return { layout, low, room: within(high - kept, [240, 640]) };
}

/** The window's height; of a frame in a notebook, which may be as high as what is in it, the screen's. */
const windowHeight = () => (globalThis.top === globalThis ? innerHeight : Math.min(innerHeight, screen.availHeight - 160) || innerHeight);

/** A drawing is so many pixels wide at least, however large the reader's letters are. */
const NARROWEST = 240;

/** What follows from the width, and the size of letters, alone: not when something is drawn, for that would lay out twice. */
function layingOut({ root, field, formula, more, keepRoom }, changed) {
  const foldable = formula || more.querySelector(".u-controls");
  let place = { width: 0 };
  let kept = "";
  let unfolded = false; // by the reader
  /** How much larger than usual the reader wants letters; the drawing grows with them. */
  const letters = () => Math.max(1, parseFloat(getComputedStyle(root).fontSize) / 16);
  const size = () => `${root.clientWidth} ${letters()}`;
  let seen;
  function lay() {
    const large = letters();
    seen = size();
    place = layoutOf(root.clientWidth / large, windowHeight());
    patch(root, { "data-layout": place.layout, "data-low": place.layout === "side" && place.low });
    more.open = place.layout === "side" || !foldable || unfolded;
    patch(field, { style: null });
    const zoom = Math.max(1, Math.min(large, field.clientWidth / NARROWEST));
    if (zoom > 1) patch(field, { style: `zoom:${zoom}` });
    place.width = field.clientWidth;
    place.room /= zoom;
    patch(root, { "data-narrow": place.width <= 560, "data-tiny": place.width <= 340 });
  }
  more.addEventListener("toggle", () => {
    if (place.layout === "stack" && foldable) unfolded = more.open;
    changed();
  });
  const observer = new ResizeObserver(() => {
    if (size() === seen) return;
    lay();
    changed();
  });
  observer.observe(root);
  // the figures' letters come when they come: what was measured in others is measured again
  const lettersCame = ({ fontfaces }) => {
    if (!fontfaces.some(({ family }) => family.includes("Unrolled Letters"))) return;
    kept = "";
    changed();
  };
  document.fonts.addEventListener("loadingdone", lettersCame);
  document.fonts.load('bold 1em "Unrolled Letters"'); // before the first of them is chosen
  return {
    place() {
      if (!place.width) lay();
      return place;
    },
    /** Room for the longest that may be said, anew where the width, or what is folded, has changed. */
    keepRoom(possible) {
      const { width, layout, low } = place;
      const now = `${seen} ${width} ${layout} ${more.open}`;
      if (now === kept || !root.clientWidth) return; // what is hidden, on paper, has no room to measure
      kept = now;
      keepRoom(possible, layout === "side" && !low);
    },
    stop() {
      observer.disconnect();
      document.fonts.removeEventListener("loadingdone", lettersCame);
    },
  };
}

/** Draws at most once a frame, whenever something has changed or the width has. */
function drawing({ spec, store, words, frame, note, question }) {
  const { root, live, parts } = frame;
  let [asked, timer] = [0, 0];
  let [ghostOf, ghost] = [null, null];
  const schedule = () => {
    asked ||= requestAnimationFrame(draw);
  };
  const layout = layingOut(frame, schedule);
  const viewOf = (state) => ({ state, result: spec.compute(state), ghost: null, ...layout.place(), asked: question.open(), words });
  function draw() {
    asked = 0;
    if (!layout.place().width) return;
    if (ghostOf !== store.before()) {
      ghostOf = store.before();
      ghost = ghostOf && spec.compute(ghostOf);
    }
    const view = { ...viewOf(store.current()), ghost };
    view.label = view.asked ? question.text : spec.summary(view);
    patch(root, { "data-asked": view.asked });
    for (const part of parts) part.update(view);
    note.update(view.asked ? null : (spec.status?.(view) ?? null)); // it would tell
    layout.keepRoom(() => question.states().map(viewOf));
    clearTimeout(timer);
    timer = setTimeout(() => patch(live, { text: view.label }), 600);
  }
  return {
    draw,
    schedule,
    stop() {
      cancelAnimationFrame(asked);
      clearTimeout(timer);
      layout.stop();
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
function hearReader(root, { takeHold, note, link }, listen) {
  const touch = ({ target }) => note.touched(target);
  listen(root, "pointerdown", takeHold, true);
  listen(root, "focusin", takeHold, true);
  listen(root, "pointerdown", touch, true);
  listen(root, "keydown", touch, true);
  listen(document, "click", (event) => {
    const anchor = event.target.closest?.('a[href^="#"]');
    if (anchor && !event.defaultPrevented && link.click(anchor.getAttribute("href"))) event.preventDefault();
  });
  listen(window, "popstate", link.travel);
  listen(window, "hashchange", link.arrive);
}

/** What the page asks before it shows: open until the reader wants to see. */
function questionOf(text, { store, presets, parameters }) {
  let open = Boolean(text);
  return {
    text,
    open: () => open,
    answer: () => (open = false),
    /** The states that choices and presets make of the present one. */
    states: () => [{}, ...Object.values(presets),
      ...parameters.flatMap(({ name, options = [] }) => options.map((option) => ({ [name]: option })))].map(store.settled),
  };
}

/** What the page says of this one figure: its words, its presets, its question. */
function toldOf({ words: own }, presets, model, told) {
  const words = own?.(told) ?? told;
  const tryThis = model.get("try_this") || words.tryThis;
  return { words: { ...words, tryThis }, presets: model.get("presets") === false ? {} : presets, asks: model.get("ask") || "" };
}

/** What the figure knows of itself by the names of its face, for an exercise: as it is, or with other values. */
const knowing = (spec, parameters, { current, opening, settled }) => (values) => {
  const state = settled(values);
  const result = spec.compute(state);
  const untouched = parameters.every(({ name, cursor }) => cursor || same(current()[name], opening[name]));
  return { ...state, ...spec.names?.(state, result), untouched };
};

function mount(spec, model, el) {
  const { name: room, language, words: tree, settings, program, presets: all = {}, plan } = model.get("_room");
  const { words, presets, asks } = toldOf(spec, all, model, { ...messages(tree, language), program, plan });
  const parameters = spec.parameters ?? parametersOf(settings, spec.cursors, spec.kinds);
  const store = stateOf({ ...spec, parameters }, model, () => drawn.schedule());
  const { change, current, forget, opening } = store;
  const question = questionOf(asks, { store, presets, parameters });
  const note = noteLine();
  const lesson = () => (question.open() ? asks : words.tryThis);
  const teach = (key) => head.teach(presets[key] ? words.presets[key].lesson : lesson());
  const head = headPart(presets, {
    words, question: asks,
    press(key) {
      change(presets[key]);
      forget();
      teach(key);
    },
    goBack: () => history.back(),
  });
  const actions = actionsPart(spec.code ?? {}, {
    words, current, say: note.say, address: el.closest("[data-explorer]") && (() => link.address()),
    reset() {
      change(opening);
      forget();
      teach();
    },
  });
  function answer() {
    question.answer();
    teach();
    frame.show.remove();
    drawn.schedule();
  }
  const { listen, hear, stop } = listeners();
  const task = taskPart(model, { words, say: note.say, knows: knowing(spec, parameters, store), hear });
  const frame = frameOf(spec, { change, current, say: note.say, redraw: () => drawn.schedule(), words, settings }, {
    room, head, note, actions, task, ask: asks && answer,
  });
  el.append(frame.root);
  teach();

  const drawn = drawing({ spec, store, words, frame, note, question });
  const link = links({
    model, parameters, presets: all, current, say: note.say, offerWayBack: head.offerWayBack, words, root: frame.root,
    open(values, preset) {
      if (question.open()) answer(); // the text is further on than its question
      store.takeHold();
      change({ ...opening, ...values });
      teach(preset);
    },
  });
  hearReader(frame.root, { takeHold: store.takeHold, note, link }, listen);
  hearHost(model, parameters, store, hear);
  drawn.draw();
  link.follow(location.hash);
  return () => {
    drawn.stop();
    stop();
    frame.root.remove();
  };
}
