/**
 * What the explorers of one gated unit share: a stage with a column for every step and the
 * cell's circuit under it, the controls of a gate that is computed or clamped, and the lines
 * of the formula that any such cell has. No model is known here.
 *
 * Their states have `x`, `step`, `gate`, for every gate its three weights by name, where it can
 * be held `clamp_NAME`, a number or null, and where there is a gradient `gradient`. Their results
 * then have, by column, `direct` and `whole`, the last state's derivatives by each. Their words
 * are those of explorers/gated/words, and their own.
 */

import { sigmoid, stepsToHalf } from "#core/gates.js";
import { control, ends, settingSegments, stepSlider } from "./controls.js";
import { html, partsOf, patch, repeat, svg } from "./dom.js";
import { drag } from "./drag.js";
import { equation, line, numbersOf, operand, sides, signed, sumLine, symbols } from "./formula.js";
import { backFrame, backLane, circuit, textLane } from "./gates.js";
import { brief, decimalsFor, decimalsOf, digitsFor, fixed, literal, short, significant } from "./number.js";
import { segments } from "./slider.js";
import { barLane, columns, cursorBand, tickLane } from "./strip.js";

/** A sequence of zeros, but for some steps, counted from 1. */
export const inputs = (timesteps, given) => Array.from({ length: timesteps }, (_, k) => given[k + 1] ?? 0);

/** A state at the end of the step before; zero before the first. */
export const before = (values, k) => (k === 0 ? 0 : values[k - 1]);
export const isHeld = (state, gate) => typeof state[`clamp_${gate}`] === "number";

export const settle = (state) => ({ ...state, step: Math.min(state.step, state.x.length) });

// --- the stage

/**
 * Lines with a name and a number: each a swatch of the class `look`, drawn from 18 px wide
 * places at `x`, and a text whose number stands out.
 */
export function legendLane() {
  const element = svg("g", { class: "u-legend" });
  const entry = () => svg("g", {}, svg("path"), svg("text", {}, svg("tspan"), svg("tspan", { class: "u-strong" })));
  return {
    element,
    /** @param {{look: string, x: number, y: number, name: string, value: string}[]} entries */
    update(entries) {
      repeat(element, entries.length, entry).forEach((group, n) => {
        const { look, x, y, name, value } = entries[n];
        const [swatch, text] = partsOf(group);
        patch(swatch, { class: look, d: look ? `M${x} ${y - 4}h18` : null });
        patch(text, { x: look ? x + 24 : x, y });
        patch(partsOf(text)[0], { text: `${name} ` });
        patch(partsOf(text).at(-1), { text: value });
      });
    },
  };
}

/** The gradient on its way back, where it is asked for: two lines, and what they are. */
function gradientLane(words) {
  const element = svg("g");
  const [lines, legend] = [backLane(), legendLane()];
  return {
    element,
    update({ state: { gradient, step }, result: { direct, whole }, ghost, width }, { cols, layout, wide, top }, valve) {
      const shown = gradient !== "off";
      if (shown !== element.hasChildNodes()) element.replaceChildren(...(shown ? [lines.element, legend.element] : []));
      if (!shown) return;
      const frame = backFrame({ top, bottom: top + layout.chart, log: gradient === "log", lists: [direct, whole] });
      lines.update({ cols, frame, direct, whole, ghost: ghost?.whole });
      const [start, room] = wide ? [cols.left, (cols.end - cols.left) / 2] : [0, (width - 8) / 2];
      const y = top - 18;
      legend.update([
        { look: "u-direct", x: start, y, name: words.direct({ wide, valve }), value: brief(direct[step - 1]) },
        { look: "u-whole", x: start + room, y, name: words.whole({ wide }), value: brief(whole[step - 1]) },
      ]);
    },
  };
}

/** Numbers in the chosen column, at their heights. */
const toldTexts = ({ cols, at, width }, numbers) => numbers.map(([y, value]) =>
  ({ x: Math.min(cols.x(at), width - 17), y, anchor: "middle", text: short(value), look: "u-strong u-halo" }));

/** What the lanes are called: a letter, and where there is room a few words. */
const titleTexts = ({ wide }, names) => names.map(({ letter = "", text, y, chosen }) =>
  ({ x: 3, y: y + 4, symbol: [letter, ""], text: wide ? text : "", look: chosen ? "u-chosen" : "", gap: letter ? 2 : null }));

/** Where things stand at the present width. */
function placesOf({ state, result, ghost, width }, spec, gradient) {
  const wide = width >= 560;
  const layout = wide ? spec.wide : spec.narrow;
  const back = gradient && state.gradient !== "off";
  const cols = columns(width, state.x.length, layout);
  return {
    wide, layout, width, back, cols, at: state.step - 1, of: (name) => ({ cols, values: result[name], ghost: ghost?.[name] }),
    top: layout.x + layout.reach + 56, foot: layout.foot + (back ? layout.back : 0),
  };
}

/**
 * Lanes over time with inputs that can be dragged, the gradient under them where it is asked
 * for, a slider for the step, and the circuit of the cell at that step.
 *
 * @typedef {object} Name of a lane
 * @property {number} y
 * @property {string} [letter]
 * @property {string} text words, left out where there is no room for them
 * @property {boolean} [chosen]
 *
 * @param {import("./explorer.js").Tools} tools
 * @param {object} spec
 * @param {object} spec.wide where things stand: `left`, `right`, the inputs' `x` and `reach`,
 *   `foot`, and for the gradient `back` more and a `chart` so high; and what `draw` needs
 * @param {object} spec.narrow the same below 560 px
 * @param {SVGElement[]} spec.lanes from the back to the front
 * @param {(py: number, layout: object) => string|null} spec.pick the gate that a click chooses
 * @param {(view: object, place: object) => {numbers: [number, number][], names: Name[], zeros: number[]}} spec.draw
 *   draws the lanes, by the `cols` and the `layout` of the place, its column `at`, and `of(name)`: the
 *   columns, values and ghost of that result; returns numbers at the cursor with their heights, the
 *   lanes' names, and where zero lines are
 * @param {{letter: string, valve: (state: object) => string}} [spec.gradient] of which state it
 *   is, and by which valves it goes back; none without
 * @param {(view: object) => object} [spec.parts] what the circuit draws; none without
 */
export function gatedStage(tools, spec) {
  const { words, change, current } = tools;
  const { lanes, draw, gradient = null, parts = null } = spec;
  const [band, bars, back, told, ticks, titles] = [cursorBand(), barLane({ handles: true }), gradientLane(words), textLane(), tickLane(), textLane("u-names")];
  const zeroLines = svg("path", { class: "u-line" });
  const drawing = svg("svg", { role: "img" }, band.element, zeroLines, ...lanes, ...[bars, back, told, ticks, titles].map(({ element }) => element));
  const time = stepSlider(tools, parts ? words.circuitStepControl : words.stepControl);
  const field = html("div", { class: "u-field" }, drawing);
  const cell = parts && circuit((picked) =>
    change(picked === "before" ? { step: Math.max(1, current().step - 1) } : { gate: picked }));

  let place;
  dragInputs(field, tools, { place: () => place, pick: spec.pick });

  function update(view) {
    const { state, width } = view;
    place = placesOf(view, spec, gradient);
    const { cols, at, top, foot, layout: { x, reach } } = place;
    const height = foot + 8;
    patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
    band.update({ cols, at, top: 4, bottom: height });
    bars.update({ cols, zero: x, half: reach, limit: 1, values: state.x });
    const { numbers, names, zeros } = draw(view, place);
    patch(zeroLines, { d: [...zeros, x].map((y) => `M${cols.left} ${y}H${cols.end}`).join("") });
    if (gradient) back.update(view, place, gradient.valve(state));
    told.update(toldTexts(place, [...numbers, [x + (state.x[at] < 0 ? -9 : 20), state.x[at]]]));
    ticks.update({ cols, at, y: foot });
    titles.update(titleTexts(place, [
      ...names, { text: words.step, y: foot - 4 },
      ...(place.back && place.wide ? [{ text: words.gradient({ state: gradient.letter }), y: top - 22 }] : []),
    ]));
    time.update({ cols, step: state.step });
    cell?.update(parts(view));
  }
  return { element: html("div", { class: "u-gated" }, field, time.element, cell?.element ?? null), update };
}

/** The inputs are dragged up and down; elsewhere a click chooses a step, and in a gate's lane the gate. */
function dragInputs(field, { change, current }, { place, pick }) {
  drag(field, {
    cols: () => place().cols,
    row: () => ({ zero: place().layout.x, reach: place().layout.reach }),
    change,
    current,
    sideways(px, py) {
      const gate = pick(py, place().layout);
      return gate && ((to) => change({ gate, step: place().cols.at(to) + 1 }));
    },
  });
}

// --- the formula

export const strong = (text) => html("b", { text });

/** A gate's affine map of x_t and h_{t-1} under a function, "f_3 = σ(w_xf × x_3 + w_hf × h_2 + b_f)". */
const affineText = (gate, k, act) => `${gate}_${k + 1} = ${act}(w_x${gate} × x_${k + 1} + w_h${gate} × h_${k} + b_${gate})`;

/** A gate that the reader holds: its value, and what it would have been. */
function heldLine(words, text, { value, computed, operands, evaluate }) {
  const { decimals, exact } = decimalsFor(operands, evaluate, computed, decimalsOf(computed));
  const [own, sum] = sides(text);
  return line(words.lines.gate, [...symbols(`${own} = `), strong(fixed(value, decimalsOf(value)))], [words.would],
    numbersOf(sum)((n) => operand(operands[n], decimals), (n) => signed(operands[n], decimals)),
    [exact ? "= " : "≈ ", fixed(computed, decimalsOf(computed))]);
}

/** The chosen gate, or the `candidate`, as it is computed from x_t and h_{t-1}, or held. */
export function gateLine({ state, result, words }, k, candidate = false) {
  const { gate } = state;
  const [name, act] = candidate ? ["tanh", Math.tanh] : ["σ", sigmoid];
  const [w_x, w_h, b] = state[gate];
  const text = affineText(gate, k, name);
  const sum = {
    operands: [w_x, state.x[k], w_h, before(result.h, k), b], evaluate: ([p, q, r, s, t]) => act(p * q + r * s + t), value: result[gate][k],
  };
  return isHeld(state, gate) ? heldLine(words, text, { ...sum, computed: act(result.sums[gate][k]) })
    : sumLine(words.lines[candidate ? "candidate" : "gate"], text, sum);
}

/** After so many steps half of the state `letter` is left, if each keeps this `share` of it, called `own`. */
export function lifeLine(words, letter, own, share) {
  const name = words.lines.life;
  if (!(share > 0 && share < 1)) {
    const why = share === 1 ? words.keepsAll({ state: letter }) : share === 0 ? words.keepsNone({ state: letter }) : "";
    return line(name, symbols(`${own} = ${fixed(share, 0)}: ${why}`));
  }
  const life = stepsToHalf(share);
  const { digits, exact } = digitsFor([share], ([one]) => stepsToHalf(one), life);
  const text = significant(share, digits);
  return line(name, symbols(`log ½ / log ${own}`), [`= log 0.5 / log ${text.includes("×") ? `(${text})` : text}`],
    [exact ? "= " : "≈ ", strong(significant(life)), ` ${words.steps}`]);
}

export const derivative = (above, below) => html("span", { class: "u-tight" }, "d", ...symbols(above), "/d", ...symbols(below));

/**
 * The derivative of the last `letter` by the one at column k: along the band alone, then what
 * `whole` makes of it. `valve(step)` is what the band is multiplied by.
 */
export function backLines({ words, letter, T, k, share, direct, valve, whole }) {
  const own = derivative(`${letter}_${T}`, `${letter}_${k + 1}`);
  if (k === T - 1) return [line(words.lines.direct, [own, " = ", strong("1"), `: ${words.itself({ state: letter })}`])];
  const valves = `${valve(k + 2)}${T - k > 3 ? " ⋯ " : " "}${T - k > 2 ? valve(T) : ""}`;
  return [
    equation(words.lines.direct, { operands: [share[k + 1], direct[k + 1]], evaluate: ([p, q]) => p * q, value: direct[k] },
      symbols(valves), (shown, plain) => [plain(0), " × ", plain(1)]),
    whole(own),
  ];
}

/** What has gone wrong with the gradient, in words. */
export function gradientStatus({ state, result: { direct, whole }, words }) {
  if (state.gradient === "off") return null;
  const overflow = whole.findLastIndex((value) => !Number.isFinite(value));
  if (overflow >= 0) return words.overflow({ step: overflow + 1 });
  const log = state.gradient === "log";
  const { beyond } = backFrame({ top: 0, bottom: 1, log, lists: [direct, whole] });
  if ([...direct, ...whole].some(beyond)) return words.clipped;
  return log && [...direct, ...whole].includes(0) ? words.nothing : null;
}

// --- the controls

/** A part with a few words before it, which its own label says too. */
export const named = (text, part) => html("div", { class: "u-choices u-named" }, html("span", { "aria-hidden": "true", text }), part.element);

/** Whether a gate can be held. */
const canBeHeld = (settings, gate) => `clamp_${gate}` in settings;

/** Which gate the sliders belong to, what it means, and whether it is computed or held at a value. */
export function gatePanel({ change, current, words, settings }, { gates, compute, meaning }) {
  const which = segments({ label: words.whichGate, options: gates, labels: words.gates, onvalue: (gate) => change({ gate }) });
  const how = segments({
    label: words.howGate, options: ["computed", "clamped"], labels: words.how, onvalue(value) {
      const { gate, step } = current();
      const now = compute(current())[gate][step - 1];
      change({ [`clamp_${gate}`]: value === "clamped" ? Math.round(now * 100) / 100 : null });
    },
  });
  const told = html("p", { class: "u-meaning" });
  return {
    element: html("div", { class: "u-panel" }, which.element, how.element, told),
    update({ state }) {
      which.update(state.gate);
      how.update(isHeld(state, state.gate) ? "clamped" : "computed");
      patch(how.element, { hidden: !canBeHeld(settings, state.gate) });
      patch(told, { text: meaning(state) });
    },
  };
}

/** A part that is there only while `shown` says so. */
export const onlyWhile = (shown, { element, update }) => ({
  element,
  update(view) {
    const visible = shown(view.state);
    patch(element, { hidden: !visible });
    if (visible) update(view);
  },
});

const WEIGHTS = ["x", "h", "b"];
const SYMBOLS = { x: "w_x", h: "w_h", b: "b_" };

/**
 * A slider of a weight of `gate`, or of the chosen one: on "x", on "h", or the bias "b".
 * @param {import("./explorer.js").Tools} tools
 * @param {"x"|"h"|"b"} which
 * @param {{gate?: string, names?: Record<string, string>}} [options] names: what gates are called
 */
export function weightControl(tools, which, { gate: always = null, names = tools.words.names } = {}) {
  const { change, current, settings, words } = tools;
  const n = WEIGHTS.indexOf(which);
  const gateOf = (state) => always ?? state.gate;
  const { low: min, high: max, step } = settings[gateOf({ gate: settings.gate.options[0] })];
  return control(tools, {
    symbol: "x", label: "", min, max, step, onvalue(value) {
      const own = gateOf(current());
      change({ [own]: current()[own].map((old, at) => (at === n ? value : old)) });
    },
  }, (state) => state[gateOf(state)][n], (state) => {
    const gate = gateOf(state);
    return { symbol: `${SYMBOLS[which]}${gate}`, label: words.weights[which]({ name: names[gate], gate }) };
  });
}

/** A slider of the value at which `gate`, or the chosen one, is held. */
export function heldControl(tools, { gate: always = null } = {}) {
  const { change, current, settings, words } = tools;
  const gateOf = (state) => always ?? state.gate;
  const first = settings.gate.options.find((gate) => canBeHeld(settings, gate));
  return control(tools, {
    symbol: "x", label: "", ...ends(settings[`clamp_${always ?? first}`]), onvalue: (value) => change({ [`clamp_${gateOf(current())}`]: value }),
  }, (state) => state[`clamp_${gateOf(state)}`], (state) =>
    ({ symbol: gateOf(state), label: words.heldControl({ name: words.names[gateOf(state)] }) }));
}

/** The switch that draws the gradient of the state `letter`. */
export const gradientChoice = (letter) => (tools) => {
  const label = tools.words.gradient({ state: letter });
  const part = settingSegments(tools, "gradient", label, tools.words.gradients);
  return { element: named(label, part), update: part.update };
};

// --- the same numbers in Python

/** The weights, by gate. */
export const weightsCode = (state, gates) => gates.map((gate) => `w_${gate} = ${state[gate].map(literal).join(", ")}  # on x, on h, bias`).join("\n");
export const sumCode = (gate, h = "h") => `w_${gate}[0] * x_t + w_${gate}[1] * ${h} + w_${gate}[2]`;
export const printed = (names, of) => names.map((name) => `${name} {${of(name)}:z.2f}`).join(", ");
