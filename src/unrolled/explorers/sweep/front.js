/**
 * What a function drew at every stop of one or two sliders: Python computed the frames
 * when the book was built, and here they are shown. Each frame is a whole SVG with its
 * own alternative text.
 *
 * It has no ghost: a frame is a picture whose parts nobody knows here, and two pictures
 * over each other, each with its axes and its labels, could not be read.
 */

import { control, stopControl } from "#view/controls.js";
import { html, patch } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { choice, number } from "#view/parameters.js";
import { KEEP_KEYS } from "#view/slider.js";

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

const parameter = ({ name, stops }) =>
  (ofWords({ stops }) ? choice(name, { options: stops }) : { ...number(name), valid: (value) => stops.includes(value) });

/** How wide a frame is as it was drawn, in CSS pixels: its unit is a point. */
const naturalWidth = (frame) => frame.viewBox.baseVal.width * (4 / 3);

/** Frames as they were drawn for one width; each is read when it is first wanted. */
function reader(texts, look) {
  const parsed = new Map();
  return (k) => {
    if (!parsed.has(k)) {
      const { documentElement } = new DOMParser().parseFromString(texts[k], "image/svg+xml");
      const frame = document.importNode(documentElement, true);
      parsed.set(k, patch(frame, { class: look, style: `--natural:${frame.getAttribute("width")}` }));
    }
    return parsed.get(k);
  };
}

/** The frames, of which one is seen: those for a desk, or where these are too wide, for a phone. */
function stage(wide, narrow) {
  const [onDesk, onPhone] = [reader(wide, null), reader(narrow, "pocket")];
  const element = html("div", { class: "frame", ...KEEP_KEYS });
  let measured = 0;
  let frame = onDesk;
  let seen = null;
  return {
    element,
    label: (k) => frame(k).getAttribute("aria-label"),
    update({ result, width }) {
      const resized = width !== measured; // all frames of a kind are of one size
      measured = width;
      if (resized && narrow.length) frame = naturalWidth(onDesk(0)) > width ? onPhone : onDesk;
      if (seen !== frame(result.place)) element.replaceChildren((seen = frame(result.place)));
      // a frame that is wider than its place scrolls, by keyboard too
      if (resized) patch(element, { tabindex: element.scrollWidth > element.clientWidth ? 0 : null });
    },
  };
}

/** A slider of numbers; the box takes any, goes to the nearest stop, and says so. */
function numberControl({ name, label, stops, step, decimals }, tools) {
  const [min, max] = [stops[0], stops.at(-1)];
  return control(tools, {
    symbol: label, label, min, max, step, decimals,
    onvalue(given) {
      const stop = nearest(stops, given);
      const near = Math.abs(stop - given) < 1e-6 * step;
      tools.say(near ? "" : tools.words.nearest({ label, given, low: min, high: max, step, stop }));
      tools.change({ [name]: stop });
    },
  }, (state) => state[name]);
}

/** A slider of words, which stand beside it. */
const wordControl = ({ name, label, stops }, tools) => stopControl(tools, name, { symbol: label, label, values: stops, texts: stops });

/** The title: the page's own, or the usual. */
const titled = (model, sliders) => (words) => {
  const [first, second = ""] = sliders.map(({ label }) => label);
  return {
    ...words,
    title: model.get("title") ?? words.title({ sliders: sliders.length, first, second }),
  };
};

export default {
  render({ model, el }) {
    const sliders = model.get("sliders");
    const frames = stage(model.get("frames"), model.get("narrow") ?? []);
    const shown = explorer({
      words: titled(model, sliders),
      parameters: sliders.map(parameter),
      compute: (state) => ({ place: place(sliders, state) }),
      stage: () => frames,
      controls: (tools) => sliders.map((one) => (ofWords(one) ? wordControl : numberControl)(one, tools)),
      summary: ({ result }) => frames.label(result.place),
    });
    return shown.render({ model, el });
  },
};
