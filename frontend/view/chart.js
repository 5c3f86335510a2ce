/**
 * Lines over lag, on a logarithmic axis: one column is one lag. Lines are drawn from arrays
 * of sizes (zero or more) and know no model.
 */

import { partsOf, patch, repeat, svg } from "./dom.js";
import { tenTo } from "./number.js";
import { cutMark, pathThrough } from "./plane.js";
import { within } from "./shape.js";

const LADDER = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/** The powers of ten between which all the sizes lie, as far as 32 reaches; of none, a scale that tells nothing. */
export function logLimits(lists) {
  const seen = lists.flat().filter((value) => value > 0 && value < Infinity).map(Math.log10);
  const rung = (need) => LADDER.find((step) => step >= need) ?? LADDER.at(-1);
  const highest = Math.max(0, ...seen);
  return { low: -rung(-Math.min(0, ...seen)), high: highest < 1e-9 ? 0 : rung(highest) };
}

/** Words for sizes that lie beyond the scale's ends, where there are any. */
export function beyondText({ low, high }, lists, words) {
  const powers = lists.flat().filter((value) => value > 0).map(Math.log10);
  return [
    ...(powers.some((power) => power < low - 1e-6) ? [words.below({ limit: tenTo(low) })] : []),
    ...(powers.some((power) => power > high + 1e-6) ? [words.above({ limit: tenTo(high) })] : []),
  ];
}

/** Half of what there is at lag 0 is gone in so many steps, or at least doubled at the last; `half` is from core/gradients.js. */
export function lifeText(values, half, { life }) {
  if (half !== null) return life.steps({ lag: half });
  const end = values.at(-1);
  if (Number.isNaN(end)) return Number.isNaN(values[0]) ? life.none : life.grows;
  return end >= 2 * values[0] && end > Math.max(...values) / 2 ? life.grows : life.over({ last: values.length - 1 });
}

/** Where sizes stand between the pixels `top` (10 to the `high`) and `bottom` (10 to the `low`). */
export function logFrame({ top, bottom, low, high }) {
  const decade = (bottom - top) / (high - low);
  return {
    top, bottom, low, high,
    /** NaN for NaN; what is zero, infinite or far outside is a number that a browser can draw. */
    y: (value) => within(bottom - (Math.log10(value) - low) * decade, [-1e4, 1e4]),
    /** The powers of ten that have a label, as many as there is room for. */
    ticks(gap = 24) {
      const every = 2 ** Math.max(0, Math.ceil(Math.log2(gap / decade)));
      return Array.from({ length: high - low + 1 }, (_, k) => low + k).filter((power) => power % every === 0);
    },
  };
}

const round = (value) => Math.round(value * 10) / 10;

/** Texts one below the other: `places` pushed apart to `gap`, between `top` and `bottom`. */
export function apart(places, { gap = 14, top, bottom }) {
  const order = [...places.keys()].sort((a, b) => places[a] - places[b] || a - b);
  const y = order.map((k) => within(places[k], [top, bottom]));
  for (let n = 1; n < y.length; n++) y[n] = Math.max(y[n], y[n - 1] + gap);
  const beyond = Math.min(bottom, y.at(-1)) - y.at(-1);
  for (let n = y.length - 1, limit = y.at(-1) + beyond; n >= 0; n--, limit = y[n + 1] - gap) y[n] = Math.min(y[n], limit);
  return places.map((_, k) => y[order.indexOf(k)]);
}

/**
 * @typedef {object} Line
 * @property {string} name written at its end
 * @property {string} look a class: "u-first", "u-second" or "u-bound"
 * @property {number[]} values one for each column; NaN breaks the line
 * @property {number[]} [ghost] where it was
 * @property {number|null} [ring] a column to mark on it
 */

/** The powers of ten at the left, with their lines. */
function drawAxis(axis, { cols, frame }) {
  const labelled = frame.ticks();
  repeat(axis, labelled.length, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, n) => {
    const power = labelled[n];
    const y = round(frame.y(10 ** power));
    patch(partsOf(group)[0], { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": power ? "2 4" : null });
    patch(partsOf(group).at(-1), { x: cols.left - 6, y: y + 4, text: power ? tenTo(power) : "1" });
  });
}

/** The lines and their ghosts, and what is shaded between two of them. */
function drawLines(lines, shade, { cols, frame, above, all, between }) {
  const corner = { at: ([k, value]) => [cols.x(k) - cols.left, frame.y(value) - above] };
  const points = (values) => values.map((value, k) => [k, value]);
  const path = (values) => pathThrough(corner, points(values));
  const around = between && [...points(between[0]), ...points(between[1]).reverse()].filter(([, value]) => !Number.isNaN(value));
  patch(shade, { d: around && pathThrough(corner, around) });
  repeat(lines, 2 * all.length, () => svg("path")).forEach((line, n) => {
    const { look, values, ghost } = all[n >> 1];
    patch(line, n % 2 ? { class: look, d: path(values) } : { class: "u-ghost", d: ghost ? path(ghost) : null });
  });
}

/** Where lines leave the frame, as a path. */
const leaving = ({ cols, frame, all, out }) => all.flatMap(({ values }) => values.map((value, k) => {
  const [from, to] = [frame.y(values[k - 1]), frame.y(value)];
  const edge = out(to);
  if (!(k && edge !== null && out(from) === null)) return "";
  const x = cols.x(k - 1) + ((edge - from) / (to - from)) * cols.pitch;
  return cutMark([x, edge === frame.bottom ? edge - 6 : edge + 8]);
})).join("");

/** A dot on every line at the cursor, and rings. */
function drawMarks(marks, { cols, frame, at, all, out }) {
  const spots = all.flatMap(({ values, look, ring }) => [
    { k: at, value: values[at], r: look === "u-first" ? 5 : 3.5, class: look === "u-first" ? "u-here" : "" },
    ring === null || ring === undefined ? null : { k: ring, value: values[ring], r: 5, class: "u-ring" },
  ]).filter((one) => one && out(frame.y(one.value)) === null && !Number.isNaN(one.value)).reverse();
  repeat(marks, spots.length, () => svg("circle")).forEach((dot, n) => {
    const { k, value, ...look } = spots[n];
    patch(dot, { cx: round(cols.x(k)), cy: round(frame.y(value)), ...look });
  });
}

/** The lines' names at their ends, pushed apart; an arrow where a line has left the frame. */
function drawNames(names, { cols, frame: { y, top, bottom }, all, out }) {
  const ends = all.map(({ values }) => values.findLast((value) => !Number.isNaN(value)));
  const shown = all.map((_, n) => n).filter((n) => ends[n] !== undefined);
  const places = apart(shown.map((n) => y(ends[n])), { top: top + 1, bottom: bottom - 3 });
  repeat(names, shown.length, () => svg("text")).forEach((text, n) => {
    const { name, look } = all[shown[n]];
    const beyond = out(y(ends[shown[n]]));
    const arrow = beyond === null ? "" : beyond === bottom ? "↓ " : "↑ ";
    // whole pixels: a text that has not moved is not laid out again
    patch(text, { x: Math.round(cols.end + 6), y: Math.round(places[n] + 4), class: look === "u-first" ? "u-strong" : "", text: arrow + name });
  });
}

/** The lags below their columns, as many as there is room for, and the chosen one. */
function drawTicks(ticks, { cols, at, foot }) {
  const every = [1, 2, 5, 10, 20].find((step) => step * cols.pitch >= 24) ?? 50;
  const numbered = Array.from({ length: cols.count }, (_, k) => k)
    .filter((k) => k === at || (k % every === 0 && Math.abs(k - at) * cols.pitch >= 18));
  repeat(ticks, numbered.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, n) => {
    const k = numbered[n];
    patch(text, { x: round(cols.x(k)), y: foot, class: k === at ? "u-chosen" : "", text: String(k) });
  });
}

/** Its update draws the axis, the lines with their names, and a dot on every line at the cursor: all but the axis is an answer. */
export function lagChart() {
  const axis = svg("g", { class: "u-axis" });
  const shade = svg("path", { class: "u-shade u-answer" });
  const lines = svg("g", { class: "u-lines u-answer" });
  const inside = svg("svg", { overflow: "hidden" }, shade, lines);
  const cuts = svg("path", { class: "u-beyond u-answer" });
  const marks = svg("g", { class: "u-dots u-answer" });
  const names = svg("g", { class: "u-answer" });
  const ticks = svg("g", { class: "u-ticks" });
  let drawn = "";
  return {
    element: svg("g", {}, axis, inside, cuts, marks, names, ticks),
    /**
     * @param {object} place
     * @param {object} place.cols the columns, from view/strip.js
     * @param {object} place.frame from `logFrame`
     * @param {number} place.at the chosen column
     * @param {Line[]} place.lines
     * @param {[number[], number[]]|null} [place.between] two lists whose gap is shaded
     * @param {number} place.foot where the columns' numbers stand
     */
    update({ cols, frame, at, lines: all, between = null, foot }) {
      // a little above the highest line, so that what lies on it is drawn whole
      const [above, bottom] = [frame.top - 5, frame.bottom];
      const out = (y) => (y < above ? above : y > bottom ? bottom : null);
      const place = { cols, frame, at, all, between, foot, above, out };
      const now = `${cols.left} ${cols.end} ${frame.top} ${bottom} ${frame.low} ${frame.high}`;
      if (now !== drawn) drawAxis(axis, place);
      drawn = now;
      patch(inside, { x: cols.left, y: above, width: round(cols.end - cols.left), height: bottom - above });
      drawLines(lines, shade, place);
      patch(cuts, { d: leaving(place) });
      drawMarks(marks, place);
      drawNames(names, place);
      drawTicks(ticks, place);
    },
  };
}
