/**
 * One LSTM unit, unrolled over 2 to 40 steps: the cell state as a band with valves and taps, and
 * the cell itself, at the chosen step, as a circuit: the front end of its room.
 */

import { alongBand, stacked } from "#core/gates.js";
import { GATES, preactivation, run, signals } from "#core/lstm.js";
import { inputControl, lengthControl } from "#view/controls.js";
import { explorer } from "#view/explorer.js";
import { sumLine } from "#view/formula.js";
import {
  above, backLines, before, below, cellPrograms, gatedStage, gateControls, gateLine, gradientChoice, gradientStatus, inputs, isHeld, lifeLine,
  outside, over, overBand, overBar, settle, under, valuesOf,
} from "#view/gated.js";
import { bandAxis, bandLane, bandLimit, circuitFrame, edgeLabels, flowLane, gateLane, tapLabel } from "#view/gates.js";
import { brief, fixed, short } from "#view/number.js";
import { symbols } from "#view/slider.js";
import { barLane } from "#view/strip.js";

const none = { clamp_i: null, clamp_f: null, clamp_o: null };

export const presets = {
  opens: {
    ...none, x: inputs(16, { 2: 1, 12: -1 }), i: [10, 0, -5], f: [0, -14, 5], g: [2, 0, 0], o: [-10, 0, -5],
  },
  latch: {
    ...none, x: inputs(20, { 2: 1, 7: 1, 12: -1, 16: 1 }), i: [12, -16, -6], f: [12, 0, 6], g: [3, 0, 0], o: [0, 0, 5],
  },
  count: {
    ...none, x: inputs(16, { 2: 1, 3: 1, 5: 1, 6: -1, 8: -1, 9: 1, 11: -1, 13: -1 }), i: [0, 0, 8], f: [0, 0, 8], g: [5, 0, 0], o: [0, 0, 8],
  },
  carousel: {
    ...none, clamp_f: 1, x: inputs(24, { 2: 1 }), i: [10, 0, -5], f: [0, 0, 0], g: [2, 0, 0], o: [0, 0, 2], gradient: "plain",
  },
  default: {
    ...none, x: inputs(16, { 2: 1 }),
    i: [0.23, 0.43, 0.01], f: [-0.24, 0.24, -0.07], g: [0.27, -0.11, 0.2], o: [-0.05, -0.81, 0.48],
  },
};
export const initial = { ...presets.opens, gradient: "off", gate: "f", step: 12 };

/**
 * Every gate and state by name, a list of T numbers each; `sums` is what a gate's sigmoid (of
 * g: tanh) would be applied to. `kept` is f_t c_{t-1} and `written` i_t g_t. Of c_T: `direct`
 * is its derivative by c_t along the band alone, `whole` through everything, and `through` its
 * derivative by h_t.
 */
export function compute(state) {
  const cell = stacked(GATES.map((gate) => state[gate]));
  const clamp = { i: state.clamp_i, f: state.clamp_f, o: state.clamp_o };
  const steps = run(cell, state.x.map((value) => [value]), [0], [0], { clamp });
  const back = signals(cell, steps, null, steps.map((_, k) => [k === steps.length - 1 ? 1 : 0]));
  return {
    ...Object.fromEntries([...GATES, "c", "h"].map((name) => [name, steps.map((one) => one[name][0])])),
    sums: Object.fromEntries(GATES.map((gate) => [gate, steps.map(({ from }) => preactivation(cell, gate, from.x, from.h, from.c)[0])])),
    kept: steps.map(({ f, from }) => f[0] * from.c[0]),
    written: steps.map(({ i, g }) => i[0] * g[0]),
    direct: alongBand(steps.map(({ f }) => f[0])),
    whole: back.c.map(([value]) => value),
    through: back.h.map(([value]) => value),
  };
}

// --- the lanes over time

const HALVES = { h: 27, o: 12, c: 38, i: 12, g: 15, x: 27 };

/** Upwards: the candidate, through the input gate into the band, and through the output gate out of it. */
function flowLanes() {
  const flows = { g: flowLane(), i: flowLane(), c: flowLane(), o: flowLane() };
  return {
    elements: Object.values(flows).map(({ element }) => element),
    update({ g, c, h, written }, { cols, rows }, limit) {
      flows.g.update({ cols, from: above(rows.g, g), to: under(rows.i), values: g });
      flows.i.update({ cols, from: over(rows.i), to: outside(rows.c, c, limit), values: written });
      flows.c.update({ cols, from: outside(rows.c, c, limit, -1), to: under(rows.o), values: c.map(Math.tanh) });
      flows.o.update({ cols, from: over(rows.o), to: below(rows.h, h), values: h });
    },
  };
}

function stage(tools) {
  const { words } = tools;
  const [axis, flows, state, valves] = [bandAxis(), flowLanes(), bandLane(), gateLane({ valve: true })];
  const taps = { i: gateLane(), o: gateLane() };
  const bars = { h: barLane(), g: barLane() };

  function draw(view, place) {
    const { state: now, result } = view;
    const { cols, rows, gap, wide, at, names, of } = place;
    const limit = bandLimit(result.c);
    axis.update({ cols, ...rows.c, text: wide ? `|c| = ${limit}` : String(limit) });
    flows.update(result, place, limit);
    state.update({ ...of("c"), ...rows.c, limit, kept: result.kept });
    valves.update({ ...of("f"), ...rows.c, held: isHeld(now, "f") });
    for (const [gate, lane] of Object.entries(taps)) lane.update({ ...of(gate), ...rows[gate], held: isHeld(now, gate) });
    for (const [name, lane] of Object.entries(bars)) lane.update({ ...of(name), zero: rows[name].y, half: rows[name].half, limit: 1 });
    const heights = { h: rows.h.y, o: rows.o.y, c: rows.c.y - 16, f: rows.c.y + 16, i: rows.i.y, g: rows.g.y, x: rows.x.y };
    return {
      zeros: [rows.h.y, rows.g.y],
      numbers: [overBar(rows.h, result.h[at]), overBand(rows.c, result.c[at], limit, gap)],
      names: Object.entries(heights).map(([letter, y]) => ({ letter, y, text: words.rows[letter] ?? names[letter], chosen: letter === now.gate })),
    };
  }

  return gatedStage(tools, {
    halves: HALVES, top: 19, left: 106, gates: { o: "o", c: "f", i: "i", g: "g" }, draw, parts, tall: Y.input + 6,
    gradient: { letter: "c", valve: () => "f" },
    lanes: [axis.element, ...flows.elements, ...[state, valves, ...Object.values(taps), ...Object.values(bars)].map(({ element }) => element)],
  });
}

// --- the cell at the chosen step

const Y = { edge: 4, shown: 28, tanh: 56, band: 84, times: 122, tap: 152, name: 180, bus: 208, input: 244 };
const ORDER = ["f", "i", "g", "o"]; // from left to right

/** Where the parts of the circuit stand. */
function placesIn(size) {
  const { at, ...frame } = circuitFrame(size, 74, Y);
  return {
    ...frame, top: frame.tap - frame.size / 2, f: at(0.1), x: at(0.215), i: at(0.33), plus: at(0.455), g: at(0.58), up: at(0.76), o: at(0.9),
  };
}

/** All that the circuit carries. */
function carried({ state, result }) {
  const k = state.step - 1;
  const now = Object.fromEntries([...ORDER, "c", "h", "kept", "written"].map((name) => [name, result[name][k]]));
  return { ...now, k, x: state.x[k], oldC: before(result.c, k), oldH: before(result.h, k), squashed: Math.tanh(now.c), limit: bandLimit(result.c) };
}

const wires = (state, { limit, ...now }) => [
  // what comes in: x and the last h, to all four
  ["M0 bus H left", now.oldH],
  ["M left bus H o"],
  ["M x input V bus", now.x],
  ...ORDER.map((name) => [`M ${name} bus V name+6`, undefined, { off: isHeld(state, name) }]),
  // under the band
  ["M o top V band+8 M o band-8 V shown", now.o, { gate: true }],
  ["M f top V band", now.f, { gate: true }],
  ["M i top V times H plus", now.i, { gate: true }],
  ["M g top V times H plus", now.g],
  ["M plus times V band", now.written, { limit }],
  // the band
  ["M0 band H f", now.oldC, { limit }],
  ["M f band H plus", now.kept, { limit }],
  ["M plus band H end", now.c, { limit }],
  // and out
  ["M up band V shown H o", now.squashed],
  ["M o shown H end", now.h],
];

function labels({ state, result, words }, p, now) {
  const [old, n] = [String(now.k), String(now.k + 1)];
  const product = (text) => [p.wide ? text : "", ""];
  return [
    { x: p.left + 12, y: p.shown, text: words.circuit({ step: state.step }), look: "u-chosen" },
    ...edgeLabels({ x: 0, y: p.band, symbol: ["c", old], value: now.oldC, pick: "before" }),
    ...edgeLabels({ x: 0, y: p.bus, symbol: ["h", old], value: now.oldH, pick: "before" }),
    { x: p.x + 9, y: p.input - 2, symbol: ["x", n], text: short(now.x), look: "u-strong" },
    ...edgeLabels({ x: p.end, y: p.band, anchor: "end", symbol: ["c", n], value: now.c }),
    ...edgeLabels({ x: p.end, y: p.shown, anchor: "end", symbol: ["h", n], value: now.h }),
    { x: (p.f + p.plus) / 2 + 2, y: p.band - 9, anchor: "middle", symbol: product("f c"), text: short(now.kept) },
    { x: p.plus + 11, y: p.times - 12, symbol: product("i g"), text: short(now.written) },
    { x: p.o - 13, y: p.shown - 8, anchor: "end", text: short(now.squashed) },
    ...ORDER.map((name) => tapLabel(name, p[name], p.name, now[name], state.gate)),
    ...(p.wide ? ORDER.map((name) => ({
      x: p[name] + 7, y: p.bus - 6, text: isHeld(state, name) ? words.held : short(result.sums[name][now.k]),
    })) : []),
  ];
}

/** What `circuit` draws. */
function parts(view, height) {
  const { state, ghost, width, words } = view;
  const [p, now] = [placesIn({ width, height }), carried(view)];
  const values = Object.fromEntries(GATES.map((name) => [name, fixed(now[name])]));
  return {
    label: words.circuitLabel({ step: state.step, ...values }), places: p,
    wires: wires(state, now),
    labels: labels(view, p, now),
    taps: ORDER.map((name) => ({
      name, x: p[name], y: p.tap, size: p.size, value: now[name], past: ghost?.[name][now.k], held: isHeld(state, name), signed: name === "g",
    })),
    nodes: [
      { x: p.f, y: p.band, text: "×" }, { x: p.plus, y: p.band, text: "+" }, { x: p.plus, y: p.times, text: "×" },
      { x: p.up, y: p.tanh, text: "tanh" }, { x: p.o, y: p.shown, text: "×" },
    ],
  };
}

// --- the formula

function formula(view) {
  const { state, result, words } = view;
  const n = state.step;
  const at = valuesOf(state, result);
  return [
    gateLine(view, result, state.gate === "g"),
    sumLine(words.lines.c, `c_${n} = f_${n} × c_${n - 1} + i_${n} × g_${n}`, at),
    sumLine(words.lines.h, `h_${n} = o_${n} × tanh c_${n}`, at),
    lifeLine(words, "c", `f_${n}`, at(`f_${n}`)),
    ...(state.gradient === "off" ? [] : backLines(view, {
      letter: "c", valve: (step) => `f_${step}`, more: `o_${n} × (1 − tanh² c_${n}) × H_${n}`, values: { H: result.through },
      written: (to) => [...symbols(` + o_${n} (1 − tanh² c_${n}) `), to("h", n)],
    })),
  ];
}

// --- the controls

const controls = (tools) => {
  const { meanings } = tools.words;
  return [
    ...gateControls(tools, { gates: GATES, compute, meanings: Object.values(meanings), meaning: ({ gate }) => meanings[gate] }),
    inputControl(tools),
    lengthControl(tools),
  ];
};

function summary({ state, result, words }) {
  const k = state.step - 1;
  const values = Object.fromEntries(["i", "f", "o", "c", "h"].map((name) => [name, fixed(result[name][k])]));
  return words.summary({
    step: state.step, ...values, gradient: state.gradient, direct: brief(result.direct[k]), whole: brief(result.whole[k]),
  });
}

// --- the same numbers in Python

export const code = cellPrograms("LSTM", () => ({ own: true }));

/** What was computed, by the names that the face has for it. */
export const names = (state, result) => ({ hidden_states: result.h, cell_states: result.c, gates: result });

export default explorer({
  cursors: ["gradient", "gate", "step"],
  initial,
  settle,
  presets,
  compute, names,
  stage,
  controls,
  choice: gradientChoice("c"),
  formula,
  status: gradientStatus,
  summary,
  code,
});
