/** The controls that explorers share: of a setting, of a sequence, of the column that is chosen. */

import { html, patch, reconcile } from "./dom.js";
import { boxed, range, segments, slider, symbolNodes, symbols } from "./slider.js";

/** A slider's ends and its steps, from what the face says of a setting. */
export const ends = ({ kind, least, most, low = least, high = most, step = 1 }) =>
  ({ min: low, max: high, least, most, step, whole: kind === "whole" });

/**
 * A slider of its own: `value`, and where they change `symbol` and `label`, are read from the
 * state.
 * @param {import("./explorer.js").Tools} tools
 * @param {object} spec as for `slider`
 * @param {(state: object) => number} value
 * @param {(state: object) => {symbol?: string, label?: string}} [names]
 */
export function control({ say, words }, spec, value, names) {
  const part = slider({ onerror: say, words, ...spec });
  return { element: part.element, update: ({ state }) => part.update(value(state), names?.(state)) };
}

/** A slider of the setting `name`, called by its own name unless a `symbol` is given. */
export const settingControl = (tools, name, { symbol = name, label, ...more }) => control(tools, {
  symbol, label, ...ends(tools.settings[name]), onvalue: (value) => tools.change({ [name]: value }), ...more,
}, (state) => state[name]);

/**
 * A slider of a few stops, whose names stand beside it. `values` are the stops in their order, and
 * `texts` what each is called.
 * @param {import("./explorer.js").Tools} tools
 */
export function stopControl({ change }, name, { symbol, label, values, texts }) {
  const track = range({ min: 0, max: values.length - 1, step: 1, label, onvalue: (k) => change({ [name]: values[k] }) });
  const caption = reconcile(html("span", { class: "u-symbol", "aria-hidden": "true" }), symbolNodes(symbol));
  const readout = html("span", { class: "u-readout", "aria-hidden": "true" });
  return {
    element: html("div", { class: "u-control" }, caption, boxed(track), boxed(readout)),
    update({ state }) {
      const at = values.indexOf(state[name]);
      track.update(at, { text: texts[at] });
      patch(readout, { text: texts[at] });
    },
  };
}

/**
 * A slider of one item of a list: `which(state)` says of which setting, and which of its items, and `names(state)`
 * what it is called.
 */
export function itemControl(tools, which, names) {
  const { change, current, settings } = tools;
  const { low: min, high: max, step } = settings[which(current())[0]];
  return control(tools, {
    symbol: "x", label: "", min, max, step,
    onvalue(value) {
      const [name, at] = which(current());
      change({ [name]: current()[name].map((old, k) => (k === at ? value : old)) });
    },
  }, (state) => {
    const [name, at] = which(state);
    return state[name][at];
  }, names);
}

/** A slider of the input at the chosen step. */
export const inputControl = (tools) => itemControl(tools, ({ step }) => ["x", step - 1],
  ({ step }) => ({ symbol: `x_${step}`, label: tools.words.inputControl({ step }) }));

/**
 * A slider of the length of `x`; inputs that a shorter sequence hides come back when it grows.
 * `more(timesteps, x)` is what else changes with it.
 */
export function lengthControl(tools, more = () => ({})) {
  const { change, current, settings, words } = tools;
  let kept = [];
  return control(tools, {
    symbol: words.lengthLabel, label: words.lengthControl, min: settings.x.least, max: settings.x.most, step: 1, whole: true,
    onvalue(timesteps) {
      const { x } = current();
      kept = [...x, ...kept.slice(x.length)];
      change({ x: Array.from({ length: timesteps }, (_, k) => kept[k] ?? 0), ...more(timesteps, x) });
    },
  }, ({ x }) => x.length);
}

/** A choice among a setting's few words, as a bar of buttons; `values` where the words stand for others. */
export function settingSegments({ change }, name, label, labels, values = Object.keys(labels)) {
  const options = Object.keys(labels);
  const part = segments({ label, labels, options, onvalue: (word) => change({ [name]: values[options.indexOf(word)] }) });
  return { element: part.element, update: ({ state }) => part.update(options[values.indexOf(state[name])]) };
}

/** A part with a few words before it, which its own label says too. */
export const named = (text, { element, update }) =>
  ({ element: html("div", { class: "u-choices u-named" }, html("span", { "aria-hidden": "true", text }), element), update });

/** A few words among the controls. */
export const note = (text) => ({ element: reconcile(html("p", { class: "u-meaning" }), symbols(text)), update: () => {} });

/** Several parts as one. */
export const together = (look, ...parts) => ({
  element: html("div", { class: look }, ...parts),
  update: (view) => parts.forEach((part) => part.update(view)),
});

/** Parts that take turns in one place, which has room for any of them; `which` says the number of the one that is seen. */
export const turns = (which, ...parts) => ({
  element: html("div", { class: "u-turns" }, ...parts),
  update(view) {
    const seen = parts[which(view.state)];
    for (const part of parts) patch(part.element, { "data-off": part !== seen });
    seen.update(view);
  },
});

/** One of a few `texts`, by the state. */
export const told = (texts, now) => turns((state) => texts.indexOf(now(state)), ...texts.map(note));

/** The slider under a drawing that chooses a column: its thumb stands under what it chooses. */
export function columnSlider({ min = 1, max, label, onvalue }) {
  const track = range({ min, max, step: 1, label, onvalue });
  track.element.classList.add("u-time");
  const element = boxed(track);
  return {
    element,
    update({ cols, value, upper = max, text }) {
      track.update(value, { text, upper });
      // the thumb has 20 px; its way ends within the slider, which stands still whatever the columns' number
      const { left, count, pitch } = cols; // the drawing may have more columns, which cannot be chosen
      patch(element, { style: `margin-left:${left - 10}px;width:${pitch * count + 20}px;--beside:${pitch / 2}px` });
    },
  };
}

/** The slider that chooses a step, where the drawing has a column for each. */
export function stepSlider({ change, settings, words }, label = words.stepControl) {
  const slide = columnSlider({ max: settings.step.most, label, onvalue: (step) => change({ step }) });
  return {
    element: slide.element,
    update: ({ cols, step }) =>
      slide.update({ cols, value: step, upper: cols.count, text: words.stepValue({ step, timesteps: cols.count }) }),
  };
}
