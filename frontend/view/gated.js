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

import { stepsToHalf } from "#core/gates.js";
import { control, ends, named, note, settingSegments, stepSlider, together, told, turns } from "./controls.js";
import { html, partsOf, patch, repeat, sketch, svg } from "./dom.js";
import { drag, placeIn } from "./drag.js";
import { answer } from "./explorer.js";
import { evaluate, line, numbersOf, sumLine } from "./formula.js";
import { backFrame, backLane, textLane } from "./gates.js";
import { brief, decimalsOf, digitsFor, fixed, short, significant } from "./number.js";
import { programs } from "./program.js";
import { segments, symbols } from "./slider.js";
import { barLane, columns, cursorBand, tickLane } from "./strip.js";

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

/**
 * The gradient of the state `letter` on its way back through valves, `valve(state)`: two lines, and what
 * they are.
 */
export function gradientChart({ words, change }, letter, valve) {
  const name = words.gradient({ state: letter });
  const [band, lines, legend, ticks, title] = [cursorBand(), backLane(), legendLane(), tickLane(), svg("text", { x: 3, y: 15, text: name })];
  let cols;
  const element = svg("svg", {
    role: "img", class: "u-gradient",
    onclick: (event) => change({ step: cols.at(placeIn(element, event)[0]) + 1 }),
  }, band, lines, legend, ticks, title);
  return {
    element, name,
    update({ state, result: { direct, whole }, ghost, width }, place, height) {
      ({ cols } = place);
      const { at, wide } = place;
      patch(element, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": name });
      patch(title, { display: wide ? null : "none" });
      band.update({ cols, at, top: 4, bottom: height });
      lines.update({
        cols, direct, whole, ghost: ghost?.whole,
        frame: backFrame({ top: 32, bottom: height - 30, log: state.gradient === "log", lists: [direct, whole] }),
      });
      const [start, room] = wide ? [cols.left, (cols.end - cols.left) / 2] : [0, (width - 8) / 2];
      legend.update([
        { look: "u-direct", x: start, y: 15, name: words.direct({ wide, valve: valve(state) }), value: brief(direct[at]) },
        { look: "u-whole", x: start + room, y: 15, name: words.whole({ wide }), value: brief(whole[at]) },
      ]);
      ticks.update({ cols, at, y: height - 8 });
    },
  };
}

/** Numbers in the chosen column, at their heights. */
const toldTexts = ({ cols, at, width }, numbers) => numbers.map(([y, value]) =>
  ({ x: Math.min(cols.x(at), width - 17), y, anchor: "middle", text: short(value), look: "u-strong u-halo" }));

/** From where and to where things flow: a tap's ends, those of signed bars, and of a band. */
export const over = ({ y, half }) => () => y - half;
export const under = ({ y, half }) => () => y + half;
export const above = ({ y, half }, values, limit = 1) => (k) => y - Math.max(0, values[k] / limit) * half;
export const below = ({ y, half }, values, limit = 1) => (k) => y - Math.min(0, values[k] / limit) * half;
export const outside = ({ y, half }, values, limit = 1, way = 1) => (k) => y + (way * Math.abs(values[k]) / limit) * half;

/** Where the number of a signed bar stands, and that of a band. */
export const overBar = (row, value) => [above(row, [value])(0) - 5, value];
export const overBand = (row, value, limit, gap) => [row.y - Math.min((Math.abs(value) / limit) * row.half + 6, row.half + gap - 12), value];

/** What the lanes are called: a letter, and where there is room a few words. */
const titleTexts = ({ wide, named }, names) => names.map(({ letter = "", text, y, chosen }) => ({
  x: 3, y: y + 4, symbol: [letter, ""], text: !named ? "" : typeof text === "function" ? text({ wide }) : text,
  look: chosen ? "u-chosen" : "", gap: letter ? 2 : null,
}));

// the heights of the slider, of the choice between two drawings, of the steps' numbers, and between two drawings
const [TIME, BAR, FOOT, BETWEEN] = [40, 42, 29, 10];
const [TALLEST, CHART] = [546, 176];
const LEAST = 0.68; // of its height is what a drawing needs beside another

/** How high a strip over time is, and what stands beside it, in the room that there is: both in one view, or each by itself. */
export function heightsOf({ room = 640 }, tall, other) {
  const whole = Math.round(Math.max(Math.min(room, TALLEST) - TIME, 0.6 * tall));
  if (!other) return { strip: whole };
  const share = (whole - BETWEEN) / (tall + other);
  const strip = share < LEAST ? whole - BAR : Math.round(tall * share);
  return { both: share >= LEAST, strip, other: share < LEAST ? strip : whole - BETWEEN - strip };
}

/** Rows from the top down, each so far up and down from its middle, and what is between them, at a share of their height. */
export function rowsAt(halves, top, share) {
  const gap = 6 + 10 * share;
  let end = top - gap;
  const rows = Object.fromEntries(Object.entries(halves).map(([name, own]) => {
    const half = Math.round(own * share * 10) / 10;
    const y = Math.round(end + gap + half);
    end += gap + 2 * half;
    return [name, { y, half }];
  }));
  return { rows, gap, end };
}

/** How high rows are at their tallest. */
export const heightOf = ({ halves, top }) => rowsAt(halves, top, 1).end + FOOT;

/** Where things stand in a strip so high at the present width. */
function placesOf({ state, result, ghost, width, words }, { halves, top, left }, height) {
  const [wide, named] = [width >= 560, width >= 300];
  const cols = columns(width, state.x.length, { left: wide ? left : named ? 84 : 36, right: wide ? 8 : 6 });
  const none = rowsAt(halves, top, 0).end;
  const share = (height - FOOT - none) / (rowsAt(halves, top, 1).end - none);
  return {
    wide, named, width, height, cols, at: state.step - 1, ...rowsAt(halves, top, share), names: wide ? words.names : words.gates,
    of: (name) => ({ cols, values: result[name], ghost: ghost?.[name] }),
  };
}

/** Lanes over time with inputs that can be dragged. */
function strip(tools, { lanes, draw, gates }) {
  const [band, bars, told, ticks, titles] = [cursorBand(), barLane({ handles: true }), textLane(), tickLane(), textLane("u-names")];
  const zeroLines = svg("path", { class: "u-line" });
  const drawing = svg("svg", { role: "img" }, band, zeroLines, ...lanes, bars, told, ticks, titles);
  const field = html("div", { class: "u-field" }, drawing);
  for (const element of [...lanes, told.element]) answer(element);
  let place;
  dragInputs(field, tools, { place: () => place, gates });
  return {
    element: field,
    update(view, now) {
      place = now;
      const { cols, at, width, height, rows: { x: { y: x, half } } } = place;
      const { state } = view;
      patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
      band.update({ cols, at, top: 4, bottom: height });
      bars.update({ cols, zero: x, half, limit: 1, values: state.x });
      const { numbers, names, zeros } = draw(view, place);
      patch(zeroLines, { d: [...zeros, x].map((y) => `M${cols.left} ${y}H${cols.end}`).join("") });
      told.update(toldTexts(place, [...numbers, [x + (state.x[at] < 0 ? -9 : 20), state.x[at]]]));
      ticks.update({ cols, at, y: height - 8 });
      titles.update(titleTexts(place, [...names, { text: tools.words.step, y: height - 12 }]));
    },
  };
}

/**
 * Lanes over time, a slider for the step, and below it, in one of the cells, its circuit at that step, or
 * the gradient in its place. Where there is not room enough for two drawings the reader chooses
 * one; the whole is as high for any state.
 *
 * @typedef {object} Name of a lane
 * @property {number} y
 * @property {string} [letter]
 * @property {string|Function} text words, or a message that knows `wide`; left out where there is no room
 * @property {boolean} [chosen]
 *
 * @param {import("./explorer.js").Tools} tools
 * @param {object} spec
 * @param {Record<string, number>} spec.halves the rows from the top down to `x`, the inputs, each
 *   so far up and down from its middle where there is room
 * @param {number} spec.top where the first begins
 * @param {number} spec.left where the columns begin in a wide drawing
 * @param {SVGElement[]} spec.lanes from the back to the front
 * @param {Record<string, string>} spec.gates the gate that a click in a row chooses, by the row
 * @param {(view: object, place: object) => {numbers: [number, number][], names: Name[], zeros: number[]}} spec.draw
 *   draws the lanes, by the `cols`, the `rows` and the `gap` of the place, its column `at`, what gates
 *   are called there, and `of(name)`: the columns, values and ghost of that result; returns numbers at
 *   the cursor with their heights, the lanes' names, and where zero lines are
 * @param {{cell: object, back: object}} [spec.beside] what `cellAt` and `gradientChart` made; nothing without
 */
export function gatedStage(tools, spec) {
  const { words } = tools;
  const { cell, back } = spec.beside ?? {};
  const drawings = { over: strip(tools, spec), ...spec.beside };
  const time = stepSlider(tools, cell ? words.circuitStepControl : words.stepControl);
  let [shown, beside, last] = ["over", null, null];
  const bar = segments({
    label: words.drawing, options: Object.keys(drawings), labels: { ...words.drawings, back: back?.name },
    onvalue(view) {
      shown = view;
      update(last);
    },
  });
  const places = Object.entries(drawings).map(([name, { element }]) => (name === "over" ? element : html("div", { class: "u-beside" }, element)));
  const element = html("div", { class: "u-gated" }, bar, ...places);
  drawings.over.element.after(time.element);
  for (const { element } of Object.values(drawings).slice(1)) answer(element);

  /** What stands beside the strip; a gradient that has just been asked for is shown. */
  function choose({ gradient: scale }) {
    const next = !cell ? null : scale === "off" ? "cell" : "back";
    if (next !== beside && (next === "back" || shown === "back")) shown = next === "back" ? next : "over";
    beside = next;
  }

  function update(view) {
    last = view;
    choose(view.state);
    let heights = heightsOf(view, heightOf(spec), cell?.tall);
    // a gradient is low: both find room, and the slider stays at the foot
    if (!heights.both && beside === "back") heights = { ...heightsOf(view, heightOf(spec), CHART), last: true };
    const both = heights.both ?? true;
    const place = placesOf(view, spec, heights.strip);
    Object.entries(drawings).forEach(([name, drawing], n) => {
      const visible = both ? name === "over" || name === beside : name === shown;
      patch(places[n], { hidden: !visible });
      if (visible) drawing.update(view, place, heights.other);
    });
    time.update({ cols: place.cols, step: view.state.step });
    patch(element, { "data-last": heights.last });
    patch(bar.element, { hidden: both, "data-beside": beside });
    bar.update(shown);
  }
  return { element, update };
}

/** The inputs are dragged up and down; elsewhere a click chooses a step, and in a gate's lane the gate. */
function dragInputs(field, { change, current }, { place, gates }) {
  drag(field, {
    cols: () => place().cols,
    row: () => ({ zero: place().rows.x.y, reach: place().rows.x.half }),
    change,
    current,
    sideways(px, py) {
      const { rows, gap, cols } = place();
      const gate = gates[Object.keys(gates).find((row) => Math.abs(py - rows[row].y) < rows[row].half + gap / 2)];
      return gate && ((to) => change({ gate, step: cols.at(to) + 1 }));
    },
  });
}

// --- the formula

export const strong = (text) => sketch("b", { text });

/** The value of "f_3", a gate or a state at a step, and of "w_xf" or "b_f", a weight; before the first step all are 0. */
export const valuesOf = (state, result) => (name) => {
  const [letter, index] = name.split("_");
  if (letter === "w") return state[index[1]]["xh".indexOf(index[0])];
  if (letter === "b") return state[name] ?? state[index][2];
  return (letter === "x" ? state.x : result[letter])[index - 1] ?? 0;
};

/** The chosen gate, or the `candidate`, as it is computed from x_t and h_{t-1}; a held one also as it would have been. */
export function gateLine({ state, words }, result, candidate = false) {
  const { gate, step } = state;
  const at = valuesOf(state, result);
  const own = `${gate}_${step}`;
  const sum = `${candidate ? "tanh" : "σ"}(w_x${gate} × x_${step} + w_h${gate} × h_${step - 1} + b_${gate})`;
  if (!isHeld(state, gate)) return sumLine(words.lines[candidate ? "candidate" : "gate"], `${own} = ${sum}`, at);
  const computed = evaluate(sum, at);
  const { numbers, exact } = numbersOf(sum, at, computed);
  return line(words.lines.gate, [...symbols(`${own} = `), strong(fixed(at(own), decimalsOf(at(own))))], [words.would], numbers,
    [exact ? "= " : "≈ ", fixed(computed, decimalsOf(computed))]);
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

const derivative = (above, below) => sketch("span", { class: "u-tight" }, "d", ...symbols(above), "/d", ...symbols(below));

/**
 * The derivative of the last `letter` by the one at the chosen step: along the band alone, and through
 * everything. `valve(step)` is what the band is multiplied by, `more` what is added on the way through
 * everything, by the names of `values`, and `written` how that is set.
 */
export function backLines({ state, result, words }, { letter, valve, more, written, values }) {
  const { step, x: { length: T } } = state;
  const to = (one, place) => derivative(`${letter}_${T}`, `${one}_${place}`);
  const own = to(letter, step);
  if (step === T) return [line(words.lines.direct, [own, " = ", strong("1"), `: ${words.itself({ state: letter })}`])];
  const at = valuesOf(state, { ...result, d: result.direct, W: result.whole, ...values });
  const next = valve(step + 1);
  return [
    sumLine(words.lines.direct, `d_${step} = ${next} × d_${step + 1}`, at,
      [own, ...symbols(` = ${next}${T - step > 2 ? " ⋯ " : " "}${T - step > 1 ? valve(T) : ""}`)]),
    sumLine(words.lines.whole, `W_${step} = ${next} × W_${step + 1} + ${more}`, at, [own, ...symbols(` = ${next} `), to(letter, step + 1), ...written(to)]),
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

/**
 * Which gate the sliders belong to, what it means (one of the `meanings`), whether it is computed
 * or held at a value, and below it the sliders of its weights or of that value.
 */
export function gateControls(tools, { gates, compute, meanings, meaning }) {
  const { change, current, words, settings } = tools;
  const clamp = ({ gate }) => `clamp_${gate}`;
  const which = settingSegments(tools, "gate", words.whichGate, Object.fromEntries(gates.map((gate) => [gate, words.gates[gate]])));
  const how = segments({
    label: words.howGate, options: ["computed", "clamped"], labels: words.how, onvalue(value) {
      const state = current();
      const now = compute(state)[state.gate][state.step - 1];
      change({ [clamp(state)]: value === "clamped" ? Math.round(now * 100) / 100 : null });
    },
  });
  const held = ({ gate, ...state }) => Number(isHeld(state, gate));
  const choice = {
    element: how.element,
    update({ state }) {
      how.update(held(state) ? "clamped" : "computed");
      patch(how.element, { "data-off": !(clamp(state) in settings) });
    },
  };
  return [
    together("u-panel", which, choice, told(meanings, meaning)),
    turns(held, together("u-controls", ...WEIGHTS.map((weight) => weightControl(tools, weight))), together("u-controls", heldControl(tools), note(words.unheard))),
  ];
}

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

/** A slider of the value at which the chosen gate is held. */
function heldControl(tools) {
  const { change, current, settings, words } = tools;
  const one = Object.keys(settings).find((name) => name.startsWith("clamp_"));
  return control(tools, {
    symbol: "x", label: "", ...ends(settings[one]), onvalue: (value) => change({ [`clamp_${current().gate}`]: value }),
  }, (state) => state[`clamp_${state.gate}`], ({ gate }) => ({ symbol: gate, label: words.heldControl({ name: words.names[gate] }) }));
}

/** The switch that draws the gradient of the state `letter`. */
export const gradientChoice = (letter) => (tools) => {
  const label = tools.words.gradient({ state: letter });
  return named(label, settingSegments(tools, "gradient", label, tools.words.gradients));
};

// --- the same numbers in Python

/**
 * What is copied of one cell: beside the settings its program knows what `adds` has, and `module` where a
 * module of torch.nn, called so, does it all, which a held gate, a gradient or `own` rules out.
 */
export const cellPrograms = (module, adds) => programs((state, words, torch) => {
  const [clamped, back] = [Object.keys(state).some((name) => name.startsWith("clamp_") && state[name] !== null), state.gradient !== "off"];
  const more = adds(state, words);
  return {
    comment: words.comment({ timesteps: state.x.length }), back, module: torch && !clamped && !back && more.own,
    instead: words.loop({ module: `torch.nn.${module}`, clamped }), ...more,
  };
});
