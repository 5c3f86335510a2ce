/**
 * Gated cells over time, one column a step: gates that fill, a state as a band with valves
 * across it, what flows between the lanes, and the gradient on its way back along the band;
 * and one step of a cell as a circuit. Drawn from arrays; no model is known here.
 */

import { logFrame, logLimits } from "./chart.js";
import { signColour } from "./colour.js";
import { patch, repeat, svg } from "./dom.js";
import { short, tenTo } from "./number.js";
import { pathThrough } from "./plane.js";
import { bar, signedLimit } from "./strip.js";

const round = (value) => Math.round(value * 10) / 10;
const within = (value, low, high) => Math.max(low, Math.min(high, value));
const cross = (x, y) => `M${round(x - 4)} ${round(y - 4)}l8 8m0 -8l-8 8`;
const ring = (x, y, r) => `M${round(x - r)} ${round(y)}a${r} ${r} 0 0 1 ${2 * r} 0a${r} ${r} 0 0 1 ${-2 * r} 0z`;

/** A gate's outline, its filling, and where that stood before: three paths, added to `d`. */
function gauge(d, { x, y, width, height, value, past = null, centred = false }) {
  const [left, top] = [x - width / 2, y - height / 2];
  d.shells += bar(left, top, width, height, 4);
  if (value * height > 0.4) {
    const filled = value * height;
    d.fills += bar(left, centred ? y - filled / 2 : top + height - filled, width, filled, 4);
  }
  if (past === null || Math.abs(past - value) * height < 1) return;
  const side = round(left - 3);
  const across = `h${round(width + 6)}`;
  d.ghosts += centred
    ? `M${side} ${round(y - (past * height) / 2)}${across}M${side} ${round(y + (past * height) / 2)}${across}`
    : `M${side} ${round(top + height - past * height)}${across}`;
}

const gaugePaths = () => {
  const paths = {
    shells: svg("path", { class: "u-shell" }), fills: svg("path", { class: "u-fill" }), ghosts: svg("path", { class: "u-ghost" }),
  };
  return { paths, element: svg("g", { class: "u-gates" }, ...Object.values(paths)) };
};
const noPaths = () => ({ shells: "", fills: "", ghosts: "" });

/**
 * A row of gates, each filled as far as it is open. Taps stand in their columns and fill from
 * below; valves stand where a column begins, and open from the middle.
 * @param {{valve?: boolean}} [options]
 */
export function gateLane({ valve = false } = {}) {
  const { paths, element } = gaugePaths();
  const caps = svg("path", { class: "u-caps" }); // at the ends of a valve, which is too thin for an outline
  element.append(caps);
  return {
    element,
    /** @param {{held?: boolean}} place held: the reader holds this gate at a value */
    update({ cols, y, height, values, ghost = null, held = false }) {
      const width = valve ? within(cols.pitch * 0.13, 1, 6.5) : within(cols.pitch * 0.55, 4, 24);
      const d = noPaths();
      values.forEach((value, k) => gauge(d, {
        x: valve ? cols.left + cols.pitch * k : cols.x(k), y, width, height, value, past: ghost?.[k] ?? null, centred: valve,
      }));
      for (const [name, path] of Object.entries(paths)) patch(path, { d: d[name] });
      patch(paths.shells, { class: held && !valve ? "u-shell u-held" : "u-shell", "stroke-width": cols.pitch < 12 ? 0.6 : null });
      const wide = round(width + 4);
      patch(caps, {
        d: held && valve ? values.map((_, k) => `M${round(cols.left + cols.pitch * k - wide / 2)} ${y - height / 2 - 1}h${wide}m0 ${height + 2}h${-wide}`).join("") : "",
      });
    },
  };
}

/**
 * A state that travels from step to step as a band, |state| thick about a line in its middle.
 * A column begins with what the valve there has `kept` of the last state; in its middle
 * something is added, and the band goes on as `values`. Where it is negative it bears a minus.
 */
export function bandLane() {
  const paths = Object.fromEntries(["line", "above", "below", "minus", "ghost"].map((name) => [name, svg("path", { class: `u-${name}` })]));
  return {
    element: svg("g", { class: "u-state" }, ...Object.values(paths)),
    /** `limit` is what fills the lane: twice `half` */
    update({ cols, y, half, limit, values, kept, ghost = null }) {
      const thick = (value) => round((Math.abs(value) / limit) * half);
      const edge = (k) => round(cols.left + cols.pitch * k);
      const lead = flowWidth(cols) / 2; // what is added comes in by a flow as wide as this
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
      patch(paths.line, { d: `M${edge(0)} ${y}H${edge(values.length)}` });
      patch(paths.below, { d: outline(-1) });
      patch(paths.above, { d: outline(1) });
      const dash = within(cols.pitch * 0.2, 2, 9);
      patch(paths.minus, {
        d: all((value, k) => (value < 0 && thick(value) > 3 ? `M${round(cols.x(k) + cols.pitch / 4 - dash / 2)} ${y}h${round(dash)}` : "")),
      });
      patch(paths.ghost, {
        d: all((value, k) => {
          const past = thick(ghost?.[k] ?? value);
          const across = `H${edge(k + 1)}`;
          return Math.abs(past - thick(value)) > 0.6
            ? [-past, past].map((way) => `M${round(cols.x(k))} ${round(y + way)}${across}`).join("") : "";
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
      const [above, below, bracket, text] = element.childNodes;
      const ends = { x1: cols.left, x2: cols.end, "stroke-dasharray": "2 4" };
      patch(above, { ...ends, y1: y - half, y2: y - half });
      patch(below, { ...ends, y1: y + half, y2: y + half });
      patch(bracket, { d: `M${cols.left - 4} ${y - half}h-5v${2 * half}h5` });
      patch(text, { x: cols.left - 13, y: y + 4, text: name });
    },
  };
}

/** How wide a flow is at most. */
const flowWidth = (cols) => within(cols.pitch * 0.22, 2, 7);

/** What flows up a column, from `from(k)` to `to(k)` in pixels: the wider, the more of `limit`. */
export function flowLane() {
  const [hair, above, below] = ["u-hair", "u-above", "u-below"].map((name) => svg("path", { class: name }));
  return {
    element: svg("g", { class: "u-flow" }, hair, above, below),
    update({ cols, from, to, values, limit = 1 }) {
      const most = flowWidth(cols);
      const d = { hair: "", above: "", below: "" };
      values.forEach((value, k) => {
        const [x, low, high] = [cols.x(k), from(k), to(k)];
        d.hair += `M${round(x)} ${round(low)}V${round(high)}`;
        const width = Math.min(1, Math.abs(value) / limit) * most;
        if (width > 0.3) d[value < 0 ? "below" : "above"] += `M${round(x - width / 2)} ${round(low)}V${round(high)}h${round(width)}V${round(low)}z`;
      });
      patch(hair, { d: d.hair });
      patch(above, { d: d.above });
      patch(below, { d: d.below });
    },
  };
}

/**
 * What leaves a band before each valve and goes down beside the columns, then into them: the
 * wider, the more of 1.
 */
export function branchLane() {
  const [hair, above, below] = ["u-hair", "u-above", "u-below"].map((name) => svg("path", { class: name }));
  return {
    element: svg("g", { class: "u-flow" }, hair, above, below),
    /** down from `from(k)` to `to` in pixels, and across until so far from the column's middle */
    update({ cols, from, to, until, values }) {
      const most = flowWidth(cols) * 0.4;
      const beside = within(cols.pitch * 0.1, 1, 3.5) + most / 2; // left of the valve
      const d = { hair: "", above: "", below: "" };
      values.forEach((value, k) => {
        const [x, high, end] = [cols.left + cols.pitch * k - beside, from(k), cols.x(k) - until];
        d.hair += `M${round(x)} ${round(high)}V${round(to)}H${round(end)}`;
        const half = (Math.min(1, Math.abs(value)) * most) / 2;
        if (half > 0.15) {
          d[value < 0 ? "below" : "above"] += `M${round(x - half)} ${round(high)}V${round(to + half)}H${round(end)}`
            + `V${round(to - half)}H${round(x + half)}V${round(high)}z`;
        }
      });
      patch(hair, { d: d.hair });
      patch(above, { d: d.above });
      patch(below, { d: d.below });
    },
  };
}

/** Where signed bars would end with other values: marks in ink, tied to the bars' own ends. */
export function markLane() {
  const [ties, marks] = ["u-ties", "u-marks"].map((name) => svg("path", { class: name }));
  return {
    element: svg("g", {}, ties, marks),
    /** `others` are null where there is nothing to mark */
    update({ cols, zero, half, limit, values, others }) {
      const end = (value) => round(zero - within(value / limit, -1, 1) * half);
      const wide = within(cols.pitch * 0.8, 3, 22);
      const d = { ties: "", marks: "" };
      others?.forEach((other, k) => {
        d.marks += `M${round(cols.x(k) - wide / 2)} ${end(other)}h${round(wide)}`;
        d.ties += `M${round(cols.x(k))} ${end(values[k])}V${end(other)}`;
      });
      patch(ties, { d: d.ties });
      patch(marks, { d: d.marks });
    },
  };
}

/**
 * What a plain or a logarithmic axis between two pixels has to hold.
 * @param {{top: number, bottom: number, log: boolean, lists: number[][]}} place
 */
export function backFrame({ top, bottom, log, lists }) {
  const values = lists.flat();
  if (log) {
    const frame = logFrame({ top, bottom, ...logLimits([values.map(Math.abs)]) });
    return {
      ...frame, log, y: (value) => frame.y(Math.abs(value)),
      ticks: frame.ticks().map((power) => [10 ** power, power ? tenTo(power) : "1"]),
      beyond: (value) => value !== 0 && !(Math.abs(Math.log10(Math.abs(value)) - (frame.low + frame.high) / 2) <= (frame.high - frame.low) / 2 + 1e-9),
    };
  }
  const limit = signedLimit(values);
  const low = values.some((value) => value < 0) ? -limit : 0;
  const y = (value) => within(bottom - ((value - low) / (limit - low)) * (bottom - top), -1e4, 1e4);
  const ends = [limit, 0, low].filter((value, k, all) => all.indexOf(value) === k);
  return { top, bottom, log, y, ticks: ends.map((value) => [value, short(value).replace(/\.0+$/, "")]), beyond: (value) => Math.abs(value) > limit };
}

/**
 * The gradient on its way back along a band: through the valves alone, a line in the gates'
 * colour, and through everything, a line with dots that are filled above zero and hollow below.
 * What is infinite or no number is a cross.
 */
export function backLane() {
  const axis = svg("g", { class: "u-axis" });
  const [ghost, direct, whole] = ["u-ghost", "u-direct", "u-whole"].map((name) => svg("path", { class: name }));
  const [above, below, crosses] = ["u-above", "u-hollow", "u-cross"].map((name) => svg("path", { class: name }));
  const inside = svg("svg", { overflow: "hidden" }, ghost, direct, whole, above, below);
  return {
    element: svg("g", { class: "u-backlane" }, axis, inside, crosses),
    /** @param {{direct: number[], whole: number[], ghost: number[] | null, frame: object}} place ghost: the whole one, before */
    update({ cols, frame, direct: alone, whole: all, ghost: past = null }) {
      const { top, bottom } = frame;
      repeat(axis, frame.ticks.length, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, n) => {
        const [value, text] = frame.ticks[n];
        const y = round(frame.y(value));
        patch(group.firstChild, { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": value === 0 || (frame.log && value === 1) ? null : "2 4" });
        patch(group.lastChild, { x: cols.left - 8, y: y + 4, text });
      });
      const above0 = top - 6;
      patch(inside, { x: cols.left, y: above0, width: round(cols.end - cols.left), height: bottom - above0 + 6 });
      const place = ([k, value]) => [cols.x(k) - cols.left, frame.y(value) - above0];
      const line = (values) => pathThrough({ at: place }, values.map((value, k) => [k, Number.isFinite(value) ? value : NaN]));
      patch(direct, { d: line(alone) });
      patch(whole, { d: line(all) });
      patch(ghost, { d: past ? line(past.slice(0, all.length)) : null });
      const radius = within(cols.pitch * 0.2, 1.6, 3.4);
      const dots = (of) => all.map((value, k) => (of(value) ? ring(...place([k, value]), radius) : "")).join("");
      patch(above, { d: dots((value) => value > 0 && Number.isFinite(value)) });
      patch(below, { d: dots((value) => value < 0 && Number.isFinite(value)) });
      patch(crosses, { d: all.map((value, k) => (!Number.isFinite(value) ? cross(cols.x(k), bottom - 5) : "")).join("") });
    },
  };
}

// --- one step as a circuit

/**
 * @typedef {object} Wire
 * @property {string} d its way, a path
 * @property {number} [value] that it carries; a plain wire without
 * @property {number} [limit] at which a wire is thickest, 1 if left out
 * @property {boolean} [gate] it carries a gate's value
 * @property {boolean} [off] cut: what it would carry has no effect
 *
 * @typedef {object} Tap a gate, filled as far as it is open
 * @property {number} x @property {number} y @property {number} size
 * @property {string} name what a click on it chooses
 * @property {number} value @property {number|null} [past] @property {boolean} [held]
 * @property {boolean} [signed] from -1 to 1, and filled from the middle in the colour of its sign
 *
 * @typedef {object} Label
 * @property {number} x @property {number} y
 * @property {string} [anchor] "start", "middle" or "end"
 * @property {[string, string]} [symbol] a letter with its index, before the text
 * @property {string} [text]
 * @property {string} [look] a class
 * @property {string} [pick] what a click on it chooses
 */

/**
 * One step of a cell: wires as thick as what they carry, operations, gates, and numbers.
 * @param {(picked: string) => void} onpick told what was clicked, by its name
 */
export function circuit(onpick) {
  const frame = svg("rect", { class: "u-cellframe", rx: 12 });
  const wires = svg("g", { class: "u-circuit" });
  const taps = svg("g", { class: "u-taps" });
  const nodes = svg("g", { class: "u-operations" });
  const labels = svg("g");
  const drawing = svg("svg", {
    role: "img", class: "u-step", onclick: (event) => {
      const picked = event.target.closest("[data-pick]")?.dataset.pick;
      if (picked) onpick(picked);
    },
  }, frame, wires, taps, nodes, labels);
  const newTap = () => {
    const { paths, element } = gaugePaths();
    const sign = svg("path");
    element.append(sign, svg("rect", { class: "u-hit" }));
    element.parts = { ...paths, sign };
    return element;
  };
  return {
    element: drawing,
    /** @param {{width: number, height: number, label: string, frame: object, wires: Wire[], taps: Tap[], nodes: {x: number, y: number, text?: string, symbol?: [string, string]}[], labels: Label[]}} parts */
    update({ width, height, label, frame: place, wires: lines, taps: gates, nodes: operations, labels: texts }) {
      patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": label });
      patch(frame, place);
      repeat(wires, lines.length, () => svg("path")).forEach((path, n) => {
        const { d, value, limit = 1, gate = false, off = false } = lines[n];
        const share = Math.min(1, Math.abs(value ?? 0) / limit);
        const plain = value === undefined || !share;
        patch(path, {
          d, class: off ? "u-off" : null, "stroke-width": plain ? 1 : round(1.2 + (gate ? 6 : 8) * share),
          style: plain ? null : `stroke:${gate ? "var(--unrolled-gate)" : signColour(value)}`,
        });
      });
      repeat(taps, gates.length, newTap).forEach((group, n) => {
        const { x, y, size, name, value, past = null, held = false, signed = false } = gates[n];
        const d = noPaths();
        if (signed) gauge(d, { x, y, width: size, height: size, value: 0 });
        else gauge(d, { x, y, width: size, height: size, value, past });
        for (const part of Object.keys(d)) patch(group.parts[part], { d: d[part] });
        const filled = signed ? (Math.abs(value) * size) / 2 : 0;
        patch(group.parts.sign, filled > 0.3
          ? { d: bar(x - size / 2, value > 0 ? y - filled : y, size, filled, 3), style: `fill:${signColour(value)}` } : { d: null });
        patch(group.parts.shells, { class: `u-shell${held ? " u-held" : ""}${signed ? " u-signed" : ""}` });
        patch(group.lastChild, { x: x - 23, y: y - size / 2 - 4, width: 46, height: size + 34, "data-pick": name });
      });
      const symbolled = () => [svg("tspan", { "font-style": "italic" }), svg("tspan", { "font-size": "10" }), svg("tspan")];
      const write = (text, [letter, index], words) => {
        const shift = index ? 3 : null;
        patch(text.childNodes[0], { text: letter });
        patch(text.childNodes[1], { text: index, dy: shift });
        patch(text.childNodes[2], { text: letter && words ? ` ${words}` : words, dy: shift && -shift });
      };
      repeat(nodes, operations.length, () => svg("g", {}, svg("rect"), svg("text", { "text-anchor": "middle" }, ...symbolled()))).forEach((group, n) => {
        const { x, y, symbol = ["", ""], text = "" } = operations[n];
        const wide = symbol[0] || text.length > 1 ? 36 : 18;
        const half = symbol[1] ? 11 : 9; // an index hangs down
        patch(group.firstChild, { x: round(x - wide / 2), y: y - half, width: wide, height: 2 * half, rx: half });
        patch(group.lastChild, { x: round(x), y: y + (symbol[1] ? 3 : 4.5) });
        write(group.lastChild, symbol, text);
      });
      repeat(labels, texts.length, () => svg("text", {}, ...symbolled())).forEach((text, n) => {
        const { x, y, anchor = "start", symbol = ["", ""], text: words = "", look = null, pick = null } = texts[n];
        patch(text, { x: round(x), y: round(y), "text-anchor": anchor, class: look, "data-pick": pick });
        write(text, symbol, words);
      });
    },
  };
}
