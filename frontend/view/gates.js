/**
 * Gated cells over time, one column a step: gates that fill, a state as a band with valves
 * across it, what flows between the lanes, and the gradient on its way back along the band.
 * Drawn from arrays; no model is known here.
 */

import { logFrame, logLimits } from "./chart.js";
import { partsOf, patch, repeat, svg } from "./dom.js";
import { fixed, tenTo } from "./number.js";
import { within } from "./shape.js";
import { bar, pathGroup, round, signedLimit } from "./strip.js";

/** A group of as many parts as there are items; `make` makes one, and `draw` writes an item into it. */
export function lane(look, make, draw) {
  const element = svg("g", { class: look });
  return {
    element,
    update(items, ...place) {
      repeat(element, items.length, make).forEach((part, n) => draw(part, items[n], ...place));
    },
  };
}

const cross = (x, y) => `M${round(x - 4)} ${round(y - 4)}l8 8m0 -8l-8 8`;
const ring = (x, y, r) => `M${round(x - r)} ${round(y)}a${r} ${r} 0 0 1 ${2 * r} 0a${r} ${r} 0 0 1 ${-2 * r} 0z`;

/** A tap: its outline, its filling, and where that stood before; added to the paths in `d`. */
export function gauge(d, { x, y, width, height, value, past }) {
  const [left, bottom] = [x - width / 2, y + height / 2];
  d.shell += bar(left, y - height / 2, width, height, 4);
  if (value * height > 0.4) d.fill += bar(left, bottom - value * height, width, value * height, 4);
  if (Math.abs(past - value) * height >= 1) d.ghost += `M${round(left - 3)} ${round(bottom - past * height)}h${round(width + 6)}`;
}

/** How far the jaws of an open valve still stand out of a band that fills its lane. */
export const JAW = 6;

/** A valve: two jaws with a gap as wide as it is open, and where the gap was before. */
function jaws(d, { x, y, width, height, value, past }) {
  const [left, reach] = [x - width / 2, height / 2];
  const tip = (open) => open * (reach - JAW + 1);
  const long = reach - tip(value);
  d.shell += bar(left, y - reach, width, long, 1) + bar(left, y + tip(value), width, long, 1);
  if (!(Math.abs(tip(past) - tip(value)) >= 0.5)) return;
  for (const way of [-1, 1]) d.ghost += `M${round(left - 3)} ${round(y + way * tip(past))}h${round(width + 6)}`;
}

export const GAUGE = ["shell", "fill", "ghost"];
export const noGauges = () => ({ shell: "", fill: "", ghost: "" });

/**
 * A row of gates. Taps stand in their columns and fill from below as far as they are open; valves
 * stand where a column begins, two jaws that close on what passes there.
 * @param {{valve?: boolean}} [options]
 */
export function gateLane({ valve = false } = {}) {
  const { paths, element, draw } = pathGroup("u-gates", GAUGE);
  const one = valve ? jaws : gauge;
  return {
    element,
    /** @param {{held?: boolean}} place held: the reader holds this gate at a value */
    update({ cols, y, half, values, ghost, held }) {
      const width = valve ? within(cols.pitch * 0.16, [1.2, 7]) : within(cols.pitch * 0.55, [4, 24]);
      const d = noGauges();
      values.forEach((value, k) => one(d, {
        x: valve ? cols.left + cols.pitch * k : cols.x(k), y, width, height: 2 * (valve ? half + JAW : half), value, past: ghost?.[k],
      }));
      draw(d);
      patch(paths[0], { class: held ? "u-shell u-held" : "u-shell", "stroke-width": cols.pitch < 12 ? 0.6 : null });
    },
  };
}

/**
 * A state that travels from step to step as a band, |state| thick about a line in its middle.
 * A column begins with what the valve there has `kept` of the last state; in its middle
 * something is added, and the band goes on as `values`. Where it is negative it bears a minus.
 */
export function bandLane() {
  const { element, draw } = pathGroup("u-state", ["line", "above", "below", "minus", "ghost"]);
  return {
    element,
    /** `limit` is what fills the lane: twice `half` */
    update({ cols, y, half, limit, values, kept, ghost }) {
      const thick = (value) => round((Math.abs(value) / limit) * half);
      const edge = (k) => round(cols.left + cols.pitch * k);
      const lead = flowWidth(cols) / 2; // what is added comes in by a flow as wide as this
      const dash = within(cols.pitch * 0.2, [2, 9]);
      const points = values.flatMap((value, k) => {
        const x = round(cols.x(k) - lead);
        return [[edge(k), kept[k]], [x, kept[k]], [x, value], [edge(k + 1), value]];
      });
      const outline = (sign) => {
        const side = (way) => ([x, value]) => `L${x} ${round(y + (sign * value > 0 ? way * thick(value) : 0))}`;
        return points.some(([, value]) => sign * value > 0)
          ? `M${edge(0)} ${y}${points.map(side(-1)).join("")}${[...points].reverse().map(side(1)).join("")}z` : "";
      };
      const all = (write) => values.map(write).join("");
      draw({
        line: `M${edge(0)} ${y}H${edge(values.length)}`,
        above: outline(1),
        below: outline(-1),
        minus: all((value, k) => (value < 0 && thick(value) > 3 ? `M${round(cols.x(k) + cols.pitch / 4 - dash / 2)} ${y}h${round(dash)}` : "")),
        ghost: all((value, k) => {
          const past = thick(ghost?.[k] ?? value);
          const at = (way) => `M${round(cols.x(k))} ${round(y + way)}H${edge(k + 1)}`;
          return Math.abs(past - thick(value)) > 0.6 ? at(-past) + at(past) : "";
        }),
      });
    },
  };
}

/** What fills a band's lane, whole and not too much above the largest: 1 to 5, 10, 20, 50, 100. */
export function bandLimit(values) {
  const limit = signedLimit(values);
  return limit > 5 ? limit : Math.max(1, Math.ceil(Math.max(...values.map(Math.abs))));
}

/** The scale of a band: two lines, and a bracket that says how thick a band between them is. */
export function bandAxis() {
  const element = svg("g", { class: "u-axis" }, svg("line"), svg("line"), svg("path"), svg("text", { "text-anchor": "end" }));
  return {
    element,
    update({ cols, y, half, text: name }) {
      const [above, below, bracket, text] = partsOf(element);
      const ends = { x1: cols.left, x2: cols.end, "stroke-dasharray": "2 4" };
      patch(above, { ...ends, y1: y - half, y2: y - half });
      patch(below, { ...ends, y1: y + half, y2: y + half });
      patch(bracket, { d: `M${cols.left - 4} ${y - half}h-5v${2 * half}h5` });
      patch(text, { x: cols.left - 13, y: y + 4, text: name });
    },
  };
}

/** How wide a flow is at most. */
export const flowWidth = (cols) => within(cols.pitch * 0.22, [2, 7]);

/** Flows: a hair for each, and by their sign as much as they carry. */
export function flowPaths() {
  const { element, draw } = pathGroup("u-flow", ["hair", "above", "below"]);
  return {
    element,
    /** `hair(k)` is its way, `flow(k)` its outline where there is one */
    draw(values, hair, flow) {
      const of = (take) => values.map((value, k) => (take(value) ? flow(k) : "")).join("");
      draw({ hair: values.map((_, k) => hair(k)).join(""), above: of((value) => !(value < 0)), below: of((value) => value < 0) });
    },
  };
}

/** Where signed bars would end with other values: marks in ink, and what ties them to the bars' own ends. */
export const markPaths = () => pathGroup("u-others", ["ties", "marks"]);

/** What flows up a column, from `from(k)` to `to(k)` in pixels: the wider, the more of `limit`. */
export function flowLane() {
  const { element, draw } = flowPaths();
  return {
    element,
    update({ cols, from, to, values, limit = 1 }) {
      const most = flowWidth(cols);
      const [x, low, high] = [cols.x, (k) => round(from(k)), (k) => round(to(k))];
      draw(values, (k) => `M${round(x(k))} ${low(k)}V${high(k)}`, (k) => {
        const width = Math.min(1, Math.abs(values[k]) / limit) * most;
        return width > 0.3 ? `M${round(x(k) - width / 2)} ${low(k)}V${high(k)}h${round(width)}V${low(k)}z` : "";
      });
    },
  };
}

/**
 * Where values stand between two pixels, on a plain or a logarithmic scale that holds them, and the values that
 * are written beside it.
 * @param {{top: number, bottom: number, log: boolean, values: number[]}} place
 */
export function backFrame({ top, bottom, log, values }) {
  if (log) {
    const frame = logFrame({ top, bottom, ...logLimits([values.map(Math.abs)]) });
    return { y: (value) => frame.y(Math.abs(value)), ticks: frame.ticks().map((power) => [10 ** power, power ? tenTo(power) : "1"]) };
  }
  const limit = signedLimit(values);
  const low = values.some((value) => value < 0) ? -limit : 0;
  return {
    y: (value) => within(bottom - ((value - low) / (limit - low)) * (bottom - top), [-1e4, 1e4]),
    ticks: [...new Set([limit, 0, low])].map((value) => [value, fixed(value, 0)]),
  };
}

const newTick = () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }));

/**
 * The gradient on its way back along a band: through the valves alone, a line in the gates'
 * colour, and through everything, a line with dots that are filled above zero and hollow below.
 * What is infinite or no number is a cross.
 */
export function backLane() {
  const axis = lane("u-axis", newTick, (group, [value, text], { left: x1, end: x2 }, y, log) => {
    const [line, number] = partsOf(group);
    const height = round(y(value));
    patch(line, { x1, x2, y1: height, y2: height, "stroke-dasharray": value === Number(log) ? null : "2 4" });
    patch(number, { x: x1 - 8, y: height + 4, text });
  });
  const lines = pathGroup(null, ["ghost", "direct", "whole", "above", "hollow"]);
  const crosses = svg("path", { class: "u-cross" });
  const inside = svg("svg", { overflow: "hidden" }, lines);
  return {
    element: svg("g", { class: "u-backlane" }, axis, inside, crosses),
    /** @param {{direct: number[], whole: number[], ghost: number[] | null}} place ghost: the whole one, before */
    update({ cols, top, bottom, log, direct, whole, ghost }) {
      const { left, end } = cols;
      const { y, ticks } = backFrame({ top, bottom, log, values: [...direct, ...whole] });
      axis.update(ticks, cols, y, log);
      patch(inside, { x: left, y: top - 6, width: round(end - left), height: bottom - top + 12 });
      const radius = within(cols.pitch * 0.2, [1.6, 3.4]);
      /** A path of what `write` makes of each number's place in `inside`, where there is one. */
      const all = (values, write) => values.map((value, k) =>
        (Number.isFinite(value) ? write(cols.x(k) - left, y(value) - top + 6, value, k) : "")).join("");
      const line = (values) => all(values, (px, py, _, k) => `${Number.isFinite(values[k - 1]) ? "L" : "M"}${round(px)} ${round(py)}`);
      const dots = (sign) => all(whole, (px, py, value) => (sign * value > 0 ? ring(px, py, radius) : ""));
      lines.draw({ ghost: ghost && line(ghost.slice(0, whole.length)), direct: line(direct), whole: line(whole), above: dots(1), hollow: dots(-1) });
      patch(crosses, { d: whole.map((value, k) => (Number.isFinite(value) ? "" : cross(cols.x(k), bottom - 5))).join("") });
    },
  };
}

// --- texts

/**
 * @typedef {object} Label
 * @property {number} x @property {number} y
 * @property {string} [anchor] "start", "middle" or "end"
 * @property {[string, string]} [symbol] a letter with its index, before the text
 * @property {string} [text]
 * @property {string} [look] a class
 * @property {string} [pick] what a click on it chooses
 * @property {number} [gap] so many more pixels between symbol and text
 */

/** A text that may begin with a letter and its index. */
export const symbolled = (attributes = {}) =>
  svg("text", attributes, svg("tspan", { "font-style": "italic" }), svg("tspan", { "font-size": "10" }), svg("tspan"));

export function write(text, { symbol: [letter, index] = ["", ""], text: words = "", gap = null }) {
  const shift = index ? 3 : null;
  patch(partsOf(text)[0], { text: letter });
  patch(partsOf(text)[1], { text: index, dy: shift });
  patch(partsOf(text)[2], { text: letter && words ? ` ${words}` : words, dy: shift && -shift, dx: gap });
}

/** Texts, wherever they stand; its update takes `Label`s. */
export const textLane = (look = null) => lane(look, () => symbolled(), (text, label) => {
  const { x, y, anchor = "start", look = null, pick = null } = label;
  patch(text, { x: round(x), y: round(y), "text-anchor": anchor, class: look, "data-pick": pick });
  write(text, label);
});
