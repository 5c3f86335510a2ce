/**
 * What the explorers of one gated unit share: a stage with a column for every step and the
 * cell's circuit under it, the controls of a gate that is computed or clamped, and the lines
 * of the formula that any such cell has. No model is known here.
 *
 * Their states have `x`, `step`, `gate`, `gradient`, for every gate its three weights by name,
 * and `clamp_NAME`, a number or null. Their results have, by name, a list for every gate and
 * state, `sums` (what a gate's sigmoid would be applied to), and of the last state `direct`
 * and `whole`, its derivatives by each.
 */

import { html, patch, repeat, svg } from "./dom.js";
import { drag } from "./drag.js";
import { segments } from "./explorer.js";
import { equation, line, operand, signed } from "./formula.js";
import { backFrame, backLane, circuit } from "./gates.js";
import { brief, decimalsFor, decimalsOf, digitsFor, fixed, literal, short, significant } from "./number.js";
import { choice, integer, number, numbers, optional } from "./parameters.js";
import { range, slider, symbolNodes } from "./slider.js";
import { barLane, columns, cursorBand } from "./strip.js";

export const MOST_STEPS = 40;

/** A sequence of zeros, but for some steps, counted from 1. */
export const inputs = (timesteps, given) => Array.from({ length: timesteps }, (_, k) => given[k + 1] ?? 0);

/** A state at the end of the step before; zero before the first. */
export const before = (values, k) => (k === 0 ? 0 : values[k - 1]);
export const isHeld = (state, gate) => typeof state[`clamp_${gate}`] === "number";

/** The parameters that they all have; `more` are a cell's own, and stand before the cursors. */
export function gatedParameters(gates, clamps, more = []) {
  const pointer = (parameter) => ({ ...parameter, cursor: true });
  return [
    numbers("x", { min: 2, max: MOST_STEPS }),
    ...gates.map((gate) => numbers(gate, { min: 3, max: 3 })),
    ...clamps.map((name) => optional(number(name, { min: 0, max: 1 }))),
    ...more,
    pointer(choice("gradient", ["off", "plain", "log"])),
    pointer(choice("gate", gates)),
    integer("step", { min: 1, max: MOST_STEPS, cursor: true }),
  ];
}

/** Words that may depend on the state. */
const toldBy = (words, state) => (typeof words === "function" ? words(state) : words);

export const settle = (state) => ({ ...state, step: Math.min(state.step, state.x.length) });

// --- the stage

/**
 * Lines with a name and a number: each a swatch of the class `look`, drawn from 18 px wide
 * places at `x`, and a text whose number stands out.
 */
export function legendLane() {
  const element = svg("g");
  const entry = () => svg("g", {}, svg("path"), svg("text", {}, svg("tspan"), svg("tspan", { class: "u-strong" })));
  return {
    element,
    /** @param {{look: string, x: number, y: number, name: string, value: string}[]} entries */
    update(entries) {
      repeat(element, entries.length, entry).forEach((group, n) => {
        const { look, x, y, name, value } = entries[n];
        const [swatch, text] = group.childNodes;
        patch(swatch, { class: look, d: look ? `M${x} ${y - 4}h18` : null });
        patch(text, { x: look ? x + 24 : x, y });
        patch(text.firstChild, { text: `${name} ` });
        patch(text.lastChild, { text: value });
      });
    },
  };
}

/**
 * Lanes over time with inputs that can be dragged, the gradient under them where it is asked
 * for, a slider for the step, and the circuit of the cell at that step.
 *
 * @param {import("./explorer.js").Tools} tools
 * @param {object} spec
 * @param {string} spec.look the class of the whole
 * @param {object} spec.words
 * @param {object} spec.wide where things stand: `left`, `right`, the inputs' `x` and `reach`,
 *   `foot`, and for the gradient `back` more and a `chart` so high; and what `draw` needs
 * @param {object} spec.narrow the same below 560 px
 * @param {SVGElement[]} spec.lanes from the back to the front
 * @param {(py: number, layout: object) => string|null} spec.pick the gate that a click chooses
 * @param {(view: object, place: {cols: object, layout: object, wide: boolean}) => {numbers: [number, number][], names: object[]}} spec.draw
 *   draws the lanes; returns numbers at the cursor with their heights, and the lanes' names:
 *   `key` into `words.rows`, `y`, `letter` (the key, unless given), `chosen`
 * @param {(view: object) => object} [spec.parts] what the circuit draws; none without
 * @param {(view: object) => string} spec.summary
 */
export function gatedStage({ change, current }, { look, words, wide: WIDE, narrow: NARROW, lanes, pick, draw, parts = null, summary }) {
  const band = cursorBand();
  const bars = barLane({ handles: true });
  const back = backLane();
  const legend = legendLane();
  const told = svg("g");
  const ticks = svg("g", { class: "u-ticks" });
  const rows = svg("g", { class: "u-names" });
  const drawing = svg("svg", { role: "img" }, band.element, ...lanes, bars.element, legend.element, told, ticks, rows);
  const grip = html("div", { class: "u-grip" });
  const field = html("div", { class: "u-field" }, drawing, grip);
  const time = range({ min: 1, max: MOST_STEPS, step: 1, label: words.stepControl, onvalue: (step) => change({ step }) });
  time.element.classList.add("u-time");
  const cell = parts && circuit((picked) => {
    if (picked !== "before") change({ gate: picked });
    else if (current().step > 1) change({ step: current().step - 1 });
  });
  const element = html("div", { class: `u-gated ${look}` }, field, time.element, cell?.element ?? null);

  let cols;
  let layout;
  drag(field, {
    cols: () => cols,
    reach: () => layout.reach,
    isInput: (py) => py > layout.x - layout.reach - 11 && py < layout.x + layout.reach + 13,
    change,
    current,
    grip,
    sideways(px, py) {
      const gate = pick(py, layout);
      return gate && ((to) => change({ gate, step: cols.at(to) + 1 }));
    },
  });

  function update(view) {
    const { state: now, result, ghost, width } = view;
    const wide = width >= 560;
    layout = wide ? WIDE : NARROW;
    const { x, reach } = layout;
    const shown = (now.gradient ?? "off") !== "off";
    const foot = layout.foot + (shown ? layout.back : 0);
    cols = columns(width, now.x.length, layout);
    const at = now.step - 1;
    patch(drawing, { width, height: foot + 8, viewBox: `0 0 ${width} ${foot + 8}`, "aria-label": summary(view) });
    band.update({ cols, at, top: 4, bottom: foot + 8 });
    bars.update({ cols, zero: x, half: reach, limit: 1, values: now.x });
    const { numbers: numbers_, names } = draw(view, { cols, layout, wide });

    // the way back
    const top = x + reach + 56;
    if (!shown) back.element.remove();
    else {
      if (!back.element.parentNode) drawing.insertBefore(back.element, legend.element);
      const frame = backFrame({ top, bottom: top + layout.chart, log: now.gradient === "log", lists: [result.direct, result.whole] });
      back.update({ cols, frame, direct: result.direct, whole: result.whole, ghost: ghost?.whole });
    }
    const room = wide ? (cols.end - cols.left) / 2 : (width - 8) / 2;
    const lines = (shown ? ["direct", "whole"] : []).map((name, n) => ({
      look: `u-${name}`, x: (wide ? cols.left : 0) + n * room, y: top - 18, name: words[name](wide, now), value: brief(result[name][at]),
    }));
    legend.update(lines);

    // the numbers at the cursor that are not in a gate
    const inside = (px) => Math.min(px, width - 17).toFixed(1);
    const all = [...numbers_, [x + (now.x[at] < 0 ? -9 : 20), now.x[at]]];
    repeat(told, all.length, () => svg("text", { "text-anchor": "middle", class: "u-strong u-halo" })).forEach((text, n) => {
      patch(text, { x: inside(cols.x(at)), y: all[n][0].toFixed(1), text: short(all[n][1]) });
    });
    const every = cols.pitch >= 18 ? 1 : 5;
    const numbered = now.x.map((_, k) => k).filter((k) => k === at
      || ((k + 1) % every === 0 && (every === 1 || Math.abs(k - at) * cols.pitch >= 16)));
    repeat(ticks, numbered.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, n) => {
      const k = numbered[n];
      patch(text, { x: cols.x(k).toFixed(1), y: foot, class: k === at ? "u-chosen" : "", text: String(k + 1) });
    });
    const extra = [{ key: "step", y: foot - 4, letter: "" }];
    if (shown && wide) extra.push({ key: "gradient", y: top - 22, letter: "" });
    const labels = [...names, ...extra];
    repeat(rows, labels.length, () => svg("text", { x: 3 }, svg("tspan", { class: "u-symbol", "font-style": "italic" }), svg("tspan"))).forEach((text, n) => {
      const { key, y, letter = key, chosen = key === now.gate } = labels[n];
      patch(text, { y: y + 4, class: chosen ? "u-chosen" : "" });
      patch(text.firstChild, { text: letter });
      patch(text.lastChild, { text: wide ? `${letter && " "}${toldBy(words.rows[key], now)}` : "", dx: letter ? 2 : null });
    });

    const wideGrip = Math.max(44, cols.pitch);
    patch(grip, {
      style: `left:${cols.x(at) - wideGrip / 2}px;width:${wideGrip}px;top:${x - reach - 11}px;height:${2 * reach + 24}px`,
    });
    time.update(now.step, { text: words.stepValue(now.step, now.x.length), upper: now.x.length });
    // the thumb is 20 px wide; its centre stands under the column
    time.element.style.marginLeft = `${cols.x(0) - 10}px`;
    time.element.style.width = `${cols.pitch * (cols.count - 1) + 20}px`;
    cell?.update(parts(view));
  }
  return { element, update };
}

// --- the formula

export const strong = (text) => html("b", { text });

/** A gate that the reader holds: its value, and what it would have been. */
export function heldLine(name, words, { own, value, operands, evaluate, computed, print }) {
  const { decimals, exact } = decimalsFor(operands, evaluate, computed, decimalsOf(computed));
  return line(name, [...own, " = ", strong(fixed(value, decimalsOf(value)))], [words.would],
    print((n) => operand(operands[n], decimals), (n) => signed(operands[n], decimals)), [exact ? "= " : "≈ ", fixed(computed, decimalsOf(computed))]);
}

/** A gate's affine map of x_t and h_{t-1} in `open` and a bracket: its symbols and its numbers. */
export function affineGate(gate, k, open) {
  return {
    symbols: [...symbolNodes(`${gate}_${k + 1}`), " = ", open, ...symbolNodes(`w_x${gate}`), " ", ...symbolNodes(`x_${k + 1}`), " + ",
      ...symbolNodes(`w_h${gate}`), " ", ...symbolNodes(`h_${k}`), " + ", ...symbolNodes(`b_${gate}`), ")"],
    print: (shown, plain) =>
      [`${open}${unbracketed(plain(0))} × `, shown(1), ` + ${plain(2)} × `, shown(3), ` + ${plain(4)})`],
  };
}

export const unbracketed = (text) => text.replace(/^\((.*)\)$/, "$1");

const halfLife = (share) => Math.log(0.5) / Math.log(share);

/** After so many steps half of a state is left, if each keeps this `share` of it, called `own`. */
export function lifeLine(words, own, share) {
  if (!(share > 0 && share < 1)) {
    return line(words.lines.life, [...own, ` = ${fixed(share, 0)}: `, share === 1 ? words.keepsAll : share === 0 ? words.keepsNone : ""]);
  }
  const life = halfLife(share);
  const { digits, exact } = digitsFor([share], ([one]) => halfLife(one), life);
  const text = significant(share, digits);
  return line(words.lines.life, ["log ½ / log ", ...own], [`= log 0.5 / log ${text.includes("×") ? `(${text})` : text}`],
    [exact ? "= " : "≈ ", strong(significant(life)), ` ${words.steps}`]);
}

export const derivative = (above, below) => html("span", { class: "u-tight" }, "d", ...symbolNodes(above), "/d", ...symbolNodes(below));

/**
 * The derivative of the last `letter` by the one at column k: along the band alone, then what
 * `whole` makes of it. `valve(step)` are the symbols of what the band is multiplied by.
 */
export function backLines({ words, letter, T, k, share, direct, valve, whole }) {
  const own = derivative(`${letter}_${T}`, `${letter}_${k + 1}`);
  if (k === T - 1) return [line(words.lines.direct, [own, " = ", strong("1"), `: ${words.itself}`])];
  const valves = [...valve(k + 2), ...(T - k > 3 ? [" ⋯ "] : [" "]), ...(T - k > 2 ? valve(T) : [])];
  return [
    equation(words.lines.direct, { operands: [share[k + 1], direct[k + 1]], evaluate: ([p, q]) => p * q, value: direct[k] },
      valves, (shown, plain) => [plain(0), " × ", plain(1)]),
    whole(own),
  ];
}

/** What has gone wrong with the gradient, in words. */
export function gradientStatus({ state, result: { direct, whole } }, words) {
  if (state.gradient === "off") return null;
  const overflow = whole.findLastIndex((value) => !Number.isFinite(value));
  if (overflow >= 0) return words.overflow(overflow + 1);
  const log = state.gradient === "log";
  const { beyond } = backFrame({ top: 0, bottom: 1, log, lists: [direct, whole] });
  if ([...direct, ...whole].some(beyond)) return words.clipped;
  return log && [...direct, ...whole].includes(0) ? words.nothing : null;
}

// --- the controls

/** Which gate the sliders belong to, and whether it is computed or held at a value. */
export function gatePanel({ change, current }, { words, gates, clamped, compute }) {
  const which = segments({ label: words.whichGate, options: gates, labels: words.gates, onvalue: (gate) => change({ gate }) });
  const how = segments({
    label: words.howGate, options: ["computed", "clamped"], labels: words.how, onvalue(value) {
      const { gate, step } = current();
      const now = compute(current())[gate][step - 1];
      change({ [`clamp_${gate}`]: value === "clamped" ? Math.round(now * 100) / 100 : null });
    },
  });
  const meaning = html("p", { class: "u-meaning" });
  return {
    element: html("div", { class: "u-panel" }, which.element, how.element, meaning),
    update({ state }) {
      which.update(state.gate);
      how.update(isHeld(state, state.gate) ? "clamped" : "computed");
      patch(how.element, { hidden: !clamped.includes(state.gate) });
      patch(meaning, { text: toldBy(words.meanings[state.gate], state) });
    },
  };
}

/** The sliders: `part` makes one that is there only while `shown` says so. */
export function gatedSliders({ change, current, say }, words) {
  const part = (spec, { value, label, symbol, shown = () => true }) => {
    const one = slider({ step: 0.1, ...spec, symbol: "x", label: "", onerror: say });
    return {
      element: one.element,
      update({ state }) {
        const visible = shown(state);
        patch(one.element, { hidden: !visible });
        if (visible) one.update(value(state), { symbol: symbol(state), label: label(state) });
      },
    };
  };
  // inputs that a shorter sequence hides come back when it grows again
  let kept = [];
  return {
    part,
    /** the n-th weight of `gate`, or of the chosen one */
    weight: (n, gate, shown) => part({
      min: -16, max: 16, onvalue(value) {
        const own = gate ?? current().gate;
        change({ [own]: current()[own].map((old, at) => (at === n ? value : old)) });
      },
    }, {
      value: (state) => state[gate ?? state.gate][n],
      symbol: (state) => `${["w_x", "w_h", "b_"][n]}${gate ?? state.gate}`,
      label: (state) => words.weights[n](words.names[gate ?? state.gate], gate ?? state.gate),
      shown,
    }),
    held: (gate, shown) => part({
      min: 0, max: 1, step: 0.01, least: 0, most: 1, onvalue: (value) => change({ [`clamp_${gate ?? current().gate}`]: value }),
    }, {
      value: (state) => state[`clamp_${gate ?? state.gate}`],
      symbol: (state) => gate ?? state.gate,
      label: (state) => words.heldControl(words.names[gate ?? state.gate]),
      shown,
    }),
    input: part({
      min: -1, max: 1, step: 0.01, onvalue(value) {
        const { x, step } = current();
        change({ x: x.map((old, k) => (k === step - 1 ? value : old)) });
      },
    }, { value: ({ x, step }) => x[step - 1], symbol: ({ step }) => `x_${step}`, label: ({ step }) => words.inputControl(step) }),
    length: part({
      min: 2, max: MOST_STEPS, step: 1, whole: true, onvalue(timesteps) {
        const { x } = current();
        kept = [...x, ...kept.slice(x.length)];
        change({ x: Array.from({ length: timesteps }, (_, k) => kept[k] ?? 0) });
      },
    }, { value: ({ x }) => x.length, symbol: () => words.lengthLabel, label: () => words.lengthControl }),
  };
}

/** The switch that draws the gradient. */
export const gradientChoice = (words) => ({ change }) => {
  const part = segments({
    label: words.gradient, options: ["off", "plain", "log"], labels: words.gradients, onvalue: (gradient) => change({ gradient }),
  });
  return {
    element: html("div", { class: "u-choices u-named" }, html("span", { "aria-hidden": "true", text: words.gradient }), part.element),
    update: ({ state }) => part.update(state.gradient),
  };
};

// --- the same numbers in Python

/** The weights, by gate. */
export const weightsCode = (state, gates) => gates.map((gate) => `w_${gate} = ${state[gate].map(literal).join(", ")}  # on x, on h, bias`).join("\n");
export const sumCode = (gate, h = "h") => `w_${gate}[0] * x_t + w_${gate}[1] * ${h} + w_${gate}[2]`;
export const printed = (names, of) => names.map((name) => `${name} {${of(name)}:z.2f}`).join(", ");
