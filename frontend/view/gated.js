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

import { isClamped, stepsToHalf } from "#core/gates.js";
import { control, ends, itemControl, named, note, settingSegments, stepSlider, together, told, turns } from "./controls.js";
import { html, partsOf, patch, sketch, svg } from "./dom.js";
import { drag, placeIn } from "./drag.js";
import { answer } from "./explorer.js";
import { evaluate, line, numbersOf, outcome, strong, sumLine } from "./formula.js";
import { backFrame, backLane, lane, textLane } from "./gates.js";
import { brief, decimalsOf, digitsFor, fixed, short, significant } from "./number.js";
import { atStep, planned } from "./plan.js";
import { programs } from "./program.js";
import { segments, symbols } from "./slider.js";
import { barLane, columns, cursorBand, round, tickLane } from "./strip.js";

/** A state at the end of the step before; zero before the first. */
export const before = (values, k) => (k === 0 ? 0 : values[k - 1]);
export const isHeld = (state, gate) => isClamped(state, `clamp_${gate}`);

export const settle = (state) => ({ ...state, step: Math.min(state.step, state.x.length) });

// --- the stage

const newEntry = () => svg("g", {}, svg("path"), svg("text", {}, svg("tspan"), svg("tspan", { class: "u-strong" })));

/**
 * Lines with a name and a number: each a swatch of the class `look`, drawn from 18 px wide
 * places at `x`, and a text whose number stands out.
 */
export const legendLane = () => lane("u-legend", newEntry, (group, { look = null, x, name, value = "" }) => {
  const [swatch, text] = partsOf(group);
  patch(swatch, { class: look, d: look && `M${x} 11h18` });
  patch(text, { x: look ? x + 24 : x, y: 15 });
  patch(partsOf(text)[0], { text: `${name} ` });
  patch(partsOf(text)[1], { text: value });
});

/** The gradient of the band's state on its way back through the valves: two lines, and what they are. */
export function gradientChart({ words, change }) {
  const [band, lines, legend, ticks] = [cursorBand(), backLane(), legendLane(), tickLane()];
  let cols;
  const element = svg("svg", {
    role: "img", class: "u-gradient", "aria-label": words.gradient,
    onclick: (event) => change({ step: cols.at(placeIn(element, event)[0]) + 1 }),
  }, band, lines, legend, ticks, svg("text", { x: 3, y: 15, text: words.gradient }));
  return {
    element,
    update({ state, result: { direct, whole }, ghost, width }, place, height) {
      ({ cols } = place);
      const { at, wide } = place;
      patch(element, { width, height, viewBox: `0 0 ${width} ${height}` });
      band.update({ cols, at, top: 4, bottom: height });
      lines.update({
        cols, top: 32, bottom: height - 30, log: state.gradient === "log", direct, whole, ghost: ghost?.whole,
      });
      const [start, room] = wide ? [cols.left, (cols.end - cols.left) / 2] : [0, (width - 8) / 2];
      legend.update([
        { look: "u-direct", x: start, name: words.direct({ ...state, wide }), value: brief(direct[at]) },
        { look: "u-whole", x: start + room, name: words.whole({ wide }), value: brief(whole[at]) },
      ]);
      ticks.update({ cols, at, y: height - 8 });
    },
  };
}

/** Numbers in the chosen column, at their heights. */
const toldTexts = ({ cols, at, width }, numbers) => numbers.map(([y, value]) =>
  ({ x: Math.min(cols.x(at), width - 17), y, anchor: "middle", text: short(value), look: "u-strong u-halo" }));

/** From where and to where things flow: how far up from the middle of its row, where a half is 1. */
const ENDS = {
  over: () => 1, under: () => -1, // a tap's
  above: (value) => Math.max(0, value), below: (value) => Math.min(0, value), // those of signed bars
  outside: (value) => -Math.abs(value), inside: Math.abs, // and of a band
};

/** The height of one of these ends, by column. */
export const end = (name, { y, half }, values = [], limit = 1) => (k) => y - ENDS[name](values[k] / limit) * half;

/** Where the number of a signed bar stands, and that of a band. */
export const overBar = (row, value) => [end("above", row, [value])(0) - 5, value];
export const overBand = (row, value, limit, gap) => [row.y - Math.min((Math.abs(value) / limit) * row.half + 6, row.half + gap - 12), value];

/** What the lanes are called: a letter, and where there is room a few words. */
const titleTexts = ({ named }, names) => names.map(({ letter = "", text, y, chosen }) => ({
  x: 3, y: y + 4, symbol: [letter, ""], text: named ? text : "",
  look: chosen ? "u-chosen" : "", gap: letter ? 2 : null,
}));

// the heights of the slider, of the choice between two drawings, of the steps' numbers, and between two drawings
const [TIME, BAR, FOOT, BETWEEN] = [40, 42, 29, 10];
const [TALLEST, CHART] = [546, 176];
const LEAST = 0.68; // of its height is what a drawing needs beside another

/** How high a strip over time is in the room that there is. */
export const heightIn = ({ room }, tall) => Math.round(Math.max(Math.min(room, TALLEST) - TIME, 0.6 * tall));

/** The same where another drawing stands beside it, and how high that is: both in one view, or each by itself. */
export function heightsOf(view, tall, other) {
  const whole = heightIn(view, tall);
  const share = (whole - BETWEEN) / (tall + other);
  const both = share >= LEAST;
  const strip = both ? Math.round(tall * share) : whole - BAR;
  return { both, strip, other: both ? whole - BETWEEN - strip : strip };
}

/** Rows from the top down, each so far up and down from its middle, and what is between them, at a share of their height. */
export function rowsAt(halves, top, share) {
  const gap = 6 + 10 * share;
  let end = top - gap;
  const rows = Object.fromEntries(Object.entries(halves).map(([name, own]) => {
    const half = round(own * share);
    const y = Math.round(end + gap + half);
    end += gap + 2 * half;
    return [name, { y, half }];
  }));
  return { rows, gap, end };
}

/** How high rows are at their tallest. */
export const heightOf = ({ halves, top }) => rowsAt(halves, top, 1).end + FOOT;

/** Where things stand in a strip so high at the present width. */
function placesOf({ state, width, words }, { halves, top, left }, height) {
  const [wide, named] = [width >= 560, width >= 300];
  const cols = columns(width, state.x.length, { left: wide ? left : named ? 84 : 36, right: wide ? 8 : 6 });
  const none = rowsAt(halves, top, 0).end;
  const share = (height - FOOT - none) / (rowsAt(halves, top, 1).end - none);
  return {
    wide, named, width, height, cols, at: state.step - 1, ...rowsAt(halves, top, share), names: wide ? words.names : words.gates,
  };
}

/** Lanes over time. The inputs are dragged up and down; elsewhere a click chooses a step, and in a gate's lane the gate. */
function strip(tools, { lanes, draw, gates }) {
  const [band, bars, told, ticks, titles] = [cursorBand(), barLane({ handles: true }), textLane(), tickLane(), textLane("u-names")];
  const zeroLines = svg("path", { class: "u-line" });
  const drawing = svg("svg", { role: "img" }, band, zeroLines, ...lanes, bars, told, ticks, titles);
  const field = html("div", { class: "u-field" }, drawing);
  for (const element of [...lanes, told.element]) answer(element);
  let place;
  drag(field, {
    ...tools,
    cols: () => place.cols,
    row: () => ({ zero: place.rows.x.y, reach: place.rows.x.half }),
    sideways(px, py) {
      const { rows, gap, cols } = place;
      const gate = gates[Object.keys(gates).find((row) => Math.abs(py - rows[row].y) < rows[row].half + gap / 2)];
      return gate && ((to) => tools.change({ gate, step: cols.at(to) + 1 }));
    },
  });
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
 * Lanes over time, and a slider for the step.
 *
 * @typedef {object} Name of a lane
 * @property {number} y
 * @property {string} [letter]
 * @property {string} text words; left out where there is no room
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
 *   draws the lanes, by the `cols`, the `rows` and the `gap` of the place, its column `at`, and what
 *   gates are called there; returns numbers at the cursor with their heights, the lanes' names,
 *   and where zero lines are
 */
export function gatedStage(tools, spec) {
  const [over, time] = [strip(tools, spec), stepSlider(tools)];
  return {
    element: html("div", { class: "u-gated" }, over, time),
    update(view) {
      const place = placesOf(view, spec, heightIn(view, heightOf(spec)));
      over.update(view, place);
      time.update({ cols: place.cols, step: view.state.step });
    },
  };
}

/**
 * The same of a cell, and beside it its circuit at that step, or the gradient in its place. Where there is
 * not room enough for two drawings the reader chooses one; the whole is as high for any state.
 * @param {import("./explorer.js").Tools} tools
 * @param {object} spec as for `gatedStage`
 * @param {{tall: number}} cell the circuit
 */
export function cellStage(tools, spec, cell) {
  const { words } = tools;
  const [over, back] = [strip(tools, spec), gradientChart(tools)];
  const drawings = { over, cell, back };
  const time = stepSlider(tools, words.circuitStepControl);
  let [shown, beside, last] = ["over", null, null];
  const bar = segments({
    label: words.drawing, options: Object.keys(drawings), labels: { ...words.drawings, back: words.gradient },
    onvalue(view) {
      shown = view;
      update(last);
    },
  });
  const element = html("div", { class: "u-gated" }, bar, over, time, answer(cell.element), answer(back.element));

  /** What stands beside the strip; a gradient that has just been asked for is shown. */
  function choose({ gradient: scale }) {
    const next = scale === "off" ? "cell" : "back";
    if (next !== beside && (next === "back" || shown === "back")) shown = next === "back" ? next : "over";
    beside = next;
  }

  function update(view) {
    last = view;
    choose(view.state);
    let heights = heightsOf(view, heightOf(spec), cell.tall);
    // a gradient is low: both find room, and the slider stays at the foot
    if (!heights.both && beside === "back") heights = { ...heightsOf(view, heightOf(spec), CHART), last: true };
    const { both, strip: height, other, last: foot } = heights;
    const place = placesOf(view, spec, height);
    for (const [name, drawing] of Object.entries(drawings)) {
      const visible = both ? name === "over" || name === beside : name === shown;
      patch(drawing.element, { hidden: !visible });
      if (visible) drawing.update(view, place, other);
    }
    const after = both && !foot ? cell.element : null;
    if (time.element.nextSibling !== after) element.insertBefore(time.element, after); // where it stands it keeps the focus
    time.update({ cols: place.cols, step: view.state.step });
    patch(bar.element, { hidden: both, "data-beside": beside });
    bar.update(shown);
  }
  return { element, update };
}

// --- the formula

/** The value of "f_3", a gate or a state at a step, and of "w_xf" or "b_f", a weight; before the first step all are 0. */
export const valuesOf = (state, result) => (name) => {
  const [letter, index] = name.split("_");
  if (letter === "w") return state[index[1]]["xh".indexOf(index[0])];
  if (letter === "b") return state[name] ?? state[index][2];
  return (letter === "x" ? state.x : result[letter])[index - 1] ?? 0;
};

/** The chosen gate, or a candidate, whose sum is under a tanh, as it is computed; a held gate also as it would have been. */
export function gateLine({ state, words }, result, text) {
  const { gate, step } = state;
  const at = valuesOf(state, result);
  const own = `${gate}_${step}`;
  const sum = atStep(text, step);
  if (!isHeld(state, gate)) return sumLine(words.lines[sum[0] === "t" ? "candidate" : "gate"], `${own} = ${sum}`, at);
  const computed = evaluate(sum, at);
  const { numbers, exact } = numbersOf(sum, at, computed);
  return line(words.lines.gate, [...symbols(`${own} = `), outcome(at(own), true)[1]], [words.would], numbers,
    [exact ? "= " : "≈ ", fixed(computed, decimalsOf(computed))]);
}

/** After so many steps half of the band's state is left, if each keeps this `share` of it, called `own`. */
function lifeLine(words, own, share) {
  const name = words.lines.life;
  if (!(share > 0 && share < 1)) return line(name, symbols(`${own} = ${fixed(share, 0)}: ${words.kept({ share })}`));
  const life = stepsToHalf(share);
  const { digits, exact } = digitsFor([share], ([one]) => stepsToHalf(one), life);
  const text = significant(share, digits);
  return line(name, symbols(`log ½ / log ${own}`), [`= log 0.5 / log ${text.includes("×") ? `(${text})` : text}`],
    [exact ? "= " : "≈ ", strong(significant(life)), ` ${words.steps}`]);
}

const derivative = (above, below) => sketch("span", { class: "u-tight" }, "d", ...symbols(above), "/d", ...symbols(below));

/**
 * The derivative of the band's last state by the one at the chosen step: along the band alone, and through
 * everything. In sums the two are d and W; other capitals are lists in `result.by`: H is the derivative by h, and
 * what others are is said in the words' `by`.
 */
function backLines({ state, result, words }, { valve, back }) {
  const { step, x: { length: T } } = state;
  const { state: letter } = words.plan.strip;
  const to = (one, place) => derivative(`${letter}_${T}`, `${one}_${place}`);
  const own = to(letter, step);
  if (step === T) return [line(words.lines.direct, [own, " = ", strong("1"), `: ${words.itself}`])];
  const at = valuesOf(state, { ...result, d: result.direct, W: result.whole, ...result.by });
  const next = atStep(valve, step + 1);
  const more = atStep(back, step);
  const [factor, byH] = more.replaceAll(" × ", " ").split("H_");
  return [
    sumLine(words.lines.direct, `d_${step} = ${next} × d_${step + 1}`, at,
      [own, ...symbols(` = ${next}${T - step > 2 ? " ⋯ " : " "}${T - step > 1 ? atStep(valve, T) : ""}`)]),
    sumLine(words.lines.whole, `W_${step} = ${next} × W_${step + 1} + ${more}`, at,
      [own, ...symbols(` = ${next} `), to(letter, step + 1), ...symbols(` + ${words.by ?? factor}`), byH ? to("h", step) : ""]),
  ];
}

/**
 * The formula of a cell, as its plan says it: the chosen gate, what the states are made of, after how many
 * steps half of the band's is left, `more`, and where there is a gradient, that.
 * @param {object} [more] lines
 */
export function cellFormula(view, ...more) {
  const { state, result, words } = view;
  const { step, gate, gradient } = state;
  const sums = Object.assign({}, ...planned(words.plan.formula, state));
  const { strip } = words.plan;
  const states = ["c", "h"].filter((name) => sums[name]);
  return [
    gateLine(view, result, sums[gate]),
    ...states.map((name) => sumLine(words.lines[name], atStep(`${name}_t = ${sums[name]}`, step), valuesOf(state, result))),
    lifeLine(words, atStep(sums.valve, step), result[strip.valve][step - 1]),
    ...more,
    ...(gradient === "off" ? [] : backLines(view, sums)),
  ];
}

/** What has gone wrong with the gradient, in words. */
export function gradientStatus({ state, result: { direct, whole }, words }) {
  if (state.gradient === "off") return null;
  const overflow = whole.findLastIndex((value) => !Number.isFinite(value));
  if (overflow >= 0) return words.overflow({ step: overflow + 1 });
  const log = state.gradient === "log";
  const all = [...direct, ...whole];
  const { y } = backFrame({ top: -1, bottom: 1, log, values: all });
  if (all.some((value) => value && Math.abs(y(value)) > 1 + 1e-9)) return words.clipped;
  return log && all.includes(0) ? words.nothing : null;
}

// --- the controls

/**
 * Which of the `gates` the sliders belong to, what it means (one of the words' meanings: that of its name, unless
 * `meaning` says of which), whether it is computed or held at a value, and below it the sliders of its weights
 * or of that value.
 */
export function gateControls(tools, gates, meaning = ({ gate }) => gate) {
  const { change, current, words, settings } = tools;
  const { meanings } = words;
  const clamp = ({ gate }) => `clamp_${gate}`;
  let now; // the gate's value
  const which = settingSegments(tools, "gate", words.whichGate, Object.fromEntries(gates.map((gate) => [gate, words.gates[gate]])));
  const options = Object.keys(words.how); // computed, or clamped
  const how = segments({
    label: words.howGate, options, labels: words.how,
    onvalue: (value) => change({ [clamp(current())]: value === options[1] ? Math.round(now * 100) / 100 : null }),
  });
  const held = (state) => Number(isHeld(state, state.gate));
  const choice = {
    element: how.element,
    update({ state, result }) {
      now = result[state.gate][state.step - 1];
      how.update(options[held(state)]);
      patch(how.element, { "data-off": !(clamp(state) in settings) });
    },
  };
  return [
    together("u-panel", which, choice, told(Object.values(meanings), (state) => meanings[meaning(state)])),
    turns(held, together("u-controls", ...["w_x", "w_h", "b_"].map((weight, n) => weightControl(tools, weight, n))), together("u-controls", heldControl(tools), note(words.unheard))),
  ];
}

/** A slider of a weight of the chosen gate: "w_x", "w_h", or its bias, "b_". */
const weightControl = (tools, which, n) => itemControl(tools, ({ gate }) => [gate, n], ({ gate }) =>
  ({ symbol: `${which}${gate}`, label: tools.words.weights[which]({ name: tools.words.names[gate], gate }) }));

/** A slider of the value at which the chosen gate is held. */
function heldControl(tools) {
  const { change, current, settings, words } = tools;
  const one = Object.values(settings).find(({ optional }) => optional); // they are all alike
  return control(tools, {
    symbol: "x", label: "", ...ends(one), onvalue: (value) => change({ [`clamp_${current().gate}`]: value }),
  }, (state) => state[`clamp_${state.gate}`], ({ gate }) => ({ symbol: gate, label: words.heldControl({ name: words.names[gate] }) }));
}

/** The switch that draws the gradient of the band's state. */
export function gradientChoice(tools) {
  const { gradient, gradients } = tools.words;
  return named(gradient, settingSegments(tools, "gradient", gradient, gradients));
}

// --- the same numbers in Python

/**
 * What is copied of one cell: beside the settings its program knows what `adds` has, and `module` where a
 * module of torch.nn, called so, does it all, which a held gate, a gradient or `own` rules out.
 */
export const cellPrograms = (module, adds) => programs((state, words, torch) => {
  const [clamped, back] = [Object.keys(words.names).some((gate) => isHeld(state, gate)), state.gradient !== "off"];
  const more = adds(state, words);
  return {
    comment: words.comment({ timesteps: state.x.length }), back, module: torch && !clamped && !back && more.own,
    instead: words.loop({ module: `torch.nn.${module}`, clamped }), ...more,
  };
});
