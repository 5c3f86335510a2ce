/**
 * What a function drew at every stop of one or two sliders: Python computed the frames
 * when the book was built, and here they are shown. Each frame is a whole SVG with its
 * own alternative text.
 *
 * It has no ghost: a frame is a picture whose parts nobody knows here, and two pictures
 * over each other, each with its axes and its labels, could not be read.
 */

import { html, patch } from "../view/dom.js";
import { explorer } from "../view/explorer.js";
import { choice, number } from "../view/parameters.js";
import { KEEP_KEYS, range, slider, symbolNodes } from "../view/slider.js";
import { sweep as words } from "../view/words.js";

/**
 * @typedef {object} Slider
 * @property {string} name the function's argument
 * @property {string} label
 * @property {number[]|string[]} stops
 * @property {number} [step] of numbers
 * @property {number} [decimals] of numbers
 */

/** The place of the frame for a state: the last slider's stops change fastest. */
export const place = (sliders, state) =>
  sliders.reduce((at, { name, stops }) => at * stops.length + stops.indexOf(state[name]), 0);

/** The stop that is nearest to `value`. */
export const nearest = (stops, value) =>
  stops.reduce((best, stop) => (Math.abs(stop - value) < Math.abs(best - value) ? stop : best));

const ofWords = ({ stops }) => typeof stops[0] === "string";

const parameter = ({ name, stops, ...rest }) =>
  ofWords({ stops, ...rest }) ? choice(name, stops) : { ...number(name), valid: (value) => stops.includes(value) };

function stage(texts) {
  const parsed = new Map();
  const frame = (k) => {
    if (!parsed.has(k)) {
      const { documentElement } = new DOMParser().parseFromString(texts[k], "image/svg+xml");
      parsed.set(k, document.importNode(documentElement, true));
    }
    return parsed.get(k);
  };
  const element = html("div", { class: "u-frame", ...KEEP_KEYS });
  let measured = 0;
  return {
    element,
    update({ result, width }) {
      if (element.firstChild !== frame(result.place)) element.replaceChildren(frame(result.place));
      if (width === measured) return; // all frames are of one size
      measured = width;
      // a frame that is wider than its place scrolls, by keyboard too
      patch(element, { tabindex: element.scrollWidth > element.clientWidth ? 0 : null });
    },
  };
}

function numberControl({ name, label, stops, step, decimals }, { change, say }) {
  const [min, max] = [stops[0], stops.at(-1)];
  const part = slider({
    symbol: label, label, min, max, step, decimals, onerror: say,
    onvalue(value) {
      const stop = nearest(stops, value);
      const near = Math.abs(stop - value) < 1e-6 * step;
      say(near ? "" : words.nearest(label, ...[value, min, max, step, stop].map(String)));
      change({ [name]: stop });
    },
  });
  return { element: part.element, update: ({ state }) => part.update(state[name]) };
}

function wordControl({ name, label, stops }, { change }) {
  const track = range({
    min: 0, max: stops.length - 1, step: 1, label, onvalue: (k) => change({ [name]: stops[k] }),
  });
  const caption = html("span", { class: "u-symbol", "aria-hidden": "true" }, ...symbolNodes(label));
  const readout = html("span", { class: "u-readout", "aria-hidden": "true" });
  return {
    element: html("div", { class: "u-control" }, caption, track.element, readout),
    update({ state }) {
      track.update(stops.indexOf(state[name]), { text: state[name] });
      patch(readout, { text: state[name] });
    },
  };
}

export default {
  render({ model, el }) {
    const sliders = model.get("sliders");
    const texts = model.get("frames");
    const labels = sliders.map(({ label }) => label);
    const frames = stage(texts);
    const shown = explorer({
      words: {
        title: model.get("title") ?? words.title(labels),
        tryThis: model.get("try_this") ?? words.tryThis,
      },
      parameters: sliders.map(parameter),
      initial: Object.fromEntries(sliders.map(({ name, stops }) => [name, stops[0]])),
      compute: (state) => ({ place: place(sliders, state) }),
      stage: () => frames,
      controls: (tools) => sliders.map((one) => (ofWords(one) ? wordControl : numberControl)(one, tools)),
      summary: () => frames.element.firstChild.getAttribute("aria-label"),
    });
    return shown.render({ model, el });
  },
};
