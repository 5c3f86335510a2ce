/**
 * One GRU unit, unrolled over 2 to 40 steps, in any of its conventions: the hidden state as a
 * band with one valve, whose complement lets the candidate in, and the cell itself, at the
 * chosen step, as a circuit: the front end of its room.
 *
 * Where a convention is chosen that is not PyTorch's, the state that PyTorch's would give with
 * the same weights is marked beside it.
 */

import { alongBand, stacked } from "#core/gates.js";
import { GATES, preactivation, run, signals } from "#core/gru.js";
import { control, ends, inputControl, lengthControl, named, settingSegments, together, told } from "#view/controls.js";
import { sketch } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { line, sumLine } from "#view/formula.js";
import {
  above, backLines, before, below, cellPrograms, gateControls, gatedStage, gateLine, gradientChoice, gradientStatus, inputs, isHeld, legendLane,
  lifeLine, outside, over, overBand, overBar, settle, strong, under, valuesOf,
} from "#view/gated.js";
import { bandAxis, bandLane, bandLimit, branchLane, circuitFrame, edgeLabels, flowLane, gateLane, markLane, tapLabel } from "#view/gates.js";
import { brief, decimalsOf, fixed, short } from "#view/number.js";
import { symbols } from "#view/slider.js";
import { barLane } from "#view/strip.js";

const plain = { clamp_r: null, clamp_z: null, b_hn: 0, reset_after: true, update_keeps: true };

export const presets = {
  keep: {
    ...plain, x: inputs(16, { 2: 1, 6: -1, 9: -0.5, 12: -0.2 }), r: [-10, 0, 5], z: [-10, 0, 5], n: [2, 1, 0],
  },
  latch: {
    ...plain, x: inputs(20, { 2: 1, 7: 1, 12: -1, 16: 1 }), r: [0, 0, 5], z: [0, 0, -2.2], n: [5, 3, 0],
  },
  reset: {
    ...plain, x: inputs(16, { 2: -1, 9: 1 }), r: [-10, 0, 5], z: [0, 0, -2.2], n: [2, 3, 0],
  },
  default: {
    ...plain, x: inputs(16, { 2: 1 }), r: [0.14, 0.22, -0.32], z: [0.11, -0.53, 0.16], n: [0.97, -0.1, 0.12], b_hn: -0.07,
  },
  conventions: {
    ...plain, x: inputs(16, { 2: 1, 9: -1 }), r: [-8, 0, 4], z: [-8, 0, 4], n: [2, 0, -1.5], b_hn: 1.5, reset_after: false,
  },
};
export const initial = { ...presets.keep, gradient: "off", gate: "z", step: 12 };

/** The cell by a convention. With r before the product, the candidate's two biases are one. */
function cellOf(state, after, keeps) {
  const cell = stacked(GATES.map((gate) => state[gate]));
  if (!after) cell.b[2] += state.b_hn;
  return { ...cell, b_hn: after ? [state.b_hn] : null, reset_after: after, update_keeps: keeps };
}

const isPytorchs = (state) => state.reset_after && state.update_keeps;

/**
 * Every gate and the state by name, a list of T numbers each; `sums` is what a gate's sigmoid (of
 * n: tanh) would be applied to. `share` is how much of the old state stays, z or 1 - z, and `open`
 * the rest; `kept` is share_t h_{t-1} and `written` open_t n_t. What n's tanh is applied to is
 * `heard`, of the input and the biases that r leaves alone, and `pushed`, through r.
 *
 * `pytorch` is the state in PyTorch's convention with the same weights, `drift` what it is off by,
 * and `worst` the largest of that. Of h_T: `direct` is its derivative by h_t along the band alone,
 * `whole` through everything; `by` is what the candidate and the gates of the next step add.
 */
export function compute(state) {
  const { reset_after: after, update_keeps: keeps } = state;
  const cell = cellOf(state, after, keeps);
  const xs = state.x.map((value) => [value]);
  const clamp = { r: state.clamp_r, z: state.clamp_z };
  const steps = run(cell, xs, [0], { clamp });
  const back = signals(cell, steps, steps.map((_, k) => [k === steps.length - 1 ? 1 : 0]));
  const own = Object.fromEntries([...GATES, "h"].map((name) => [name, steps.map((one) => one[name][0])]));
  const old = steps.map(({ from }) => from.h[0]);
  const share = keeps ? own.z : own.z.map((z) => 1 - z);
  const open = keeps ? own.z.map((z) => 1 - z) : own.z;
  const [, , w] = cell.W_h;
  const pytorch = isPytorchs(state) ? own.h : run(cellOf(state, true, true), xs, [0], { clamp }).map(({ h }) => h[0]);
  const drift = own.h.map((h, k) => h - pytorch[k]);
  const sizes = drift.map(Math.abs);
  const worst = sizes.reduce((most, size, k) => (size > sizes[most] ? k : most), 0);
  return {
    ...own, share, open, direct: alongBand(share), pytorch, drift, worst,
    sums: Object.fromEntries(GATES.map((gate) => [gate, steps.map(({ r, from }) => preactivation(cell, gate, from.x, from.h, r)[0])])),
    kept: share.map((part, k) => part * old[k]),
    written: open.map((part, k) => part * own.n[k]),
    product: old.map((h, k) => w[0] * (after ? h : own.r[k] * h) + (after ? state.b_hn : 0)),
    pushed: old.map((h, k) => (after ? own.r[k] * (w[0] * h + state.b_hn) : w[0] * (own.r[k] * h))),
    heard: state.x.map((x) => cell.W_x[2][0] * x + cell.b[2]),
    whole: back.h.map(([value]) => value),
    by: {
      n: steps.map(({ r }, k) => back.a_n[k][0] * r[0] * w[0]),
      r: back.a_r.map(([a]) => a * cell.W_h[0][0]),
      z: back.a_z.map(([a]) => a * cell.W_h[1][0]),
    },
  };
}

/** The largest drift, or 0 where there is none but for the last digits. */
const largestDrift = ({ drift, worst }) => (Math.abs(drift[worst]) < 1e-12 ? 0 : Math.abs(drift[worst]));

/** What stays of h, and what lets the candidate in, by the convention. */
const shares = (keeps) => (keeps ? { kept: "z", open: "1 − z" } : { kept: "1 − z", open: "z" });

// --- the lanes over time

const HALVES = { h: 30, c: 38, open: 12, n: 16, r: 12, x: 27 };
const TOLD = 15; // where it is said how far off PyTorch's convention is

/** From the old state through r into the candidate, and from there into the band, which is shown as it is. */
function flowLanes() {
  const branches = branchLane();
  const flows = { r: flowLane(), n: flowLane(), open: flowLane(), h: flowLane() };
  return {
    elements: [branches, ...Object.values(flows)].map(({ element }) => element),
    update({ h, n, pushed, written }, { cols, rows }) {
      const old = h.map((_, k) => before(h, k));
      branches.update({ cols, from: outside(rows.c, old), to: rows.r.y, until: Math.max(2, Math.min(12, cols.pitch * 0.275)), values: old });
      flows.r.update({ cols, from: over(rows.r), to: below(rows.n, n), values: pushed, limit: bandLimit(pushed) });
      flows.n.update({ cols, from: above(rows.n, n), to: under(rows.open), values: n });
      flows.open.update({ cols, from: over(rows.open), to: outside(rows.c, h), values: written });
      flows.h.update({ cols, from: outside(rows.c, h, 1, -1), to: below(rows.h, h), values: h });
    },
  };
}

/** Where PyTorch's convention is not chosen, the state that it would give, and how far off it is. */
function pytorchLane(words) {
  const [marks, legend] = [markLane(), legendLane()];
  return {
    elements: [marks.element, legend.element],
    update({ state, result, width }, { cols, wide, at, rows: { h } }) {
      const own = isPytorchs(state);
      marks.update({ cols, zero: h.y, half: h.half, limit: 1, values: result.h, others: own ? null : result.pytorch });
      const x = wide ? cols.left : 0;
      const drift = { value: brief(largestDrift(result)), step: result.worst + 1 };
      legend.update(own ? [{ look: null, x, y: TOLD, name: words.same, value: "" }] : [
        { look: "u-marks", x, y: TOLD, name: words.pytorch({ wide }), value: short(result.pytorch[at]) },
        { look: null, x: wide ? cols.end - 168 : width / 2 + 2, y: TOLD, name: words.drift({ wide }), value: words.driftAt(drift) },
      ]);
    },
  };
}

/** The lanes' names, and where they stand. */
function namesOf({ rows: said }, { gate, update_keeps: keeps }, { rows, names }) {
  const { kept: valve, open: tap } = shares(keeps);
  const update = gate === "z";
  return [
    { letter: "h", text: said.shown, y: rows.h.y }, { letter: "h", text: said.h, y: rows.c.y - 16 },
    { letter: valve, text: keeps ? names.z : said.kept, y: rows.c.y + 16, chosen: update },
    { letter: tap, text: keeps ? said.open : names.z, y: rows.open.y, chosen: update },
    { letter: "n", text: names.n, y: rows.n.y, chosen: gate === "n" }, { letter: "r", text: names.r, y: rows.r.y, chosen: gate === "r" },
    { letter: "x", text: said.x, y: rows.x.y },
  ];
}

function stage(tools) {
  const [axis, flows, state, valves, pytorch] = [bandAxis(), flowLanes(), bandLane(), gateLane({ valve: true }), pytorchLane(tools.words)];
  const taps = { open: gateLane(), r: gateLane() };
  const bars = { h: barLane(), n: barLane() };

  function draw(view, place) {
    const { state: now, result } = view;
    const { cols, rows, gap, wide, at, of } = place;
    const held = { open: isHeld(now, "z"), r: isHeld(now, "r") };
    axis.update({ cols, ...rows.c, text: wide ? "|h| = 1" : "1" });
    flows.update(result, place);
    state.update({ ...of("h"), ...rows.c, limit: 1, kept: result.kept });
    valves.update({ ...of("share"), ...rows.c, held: held.open });
    for (const [name, lane] of Object.entries(taps)) lane.update({ ...of(name), ...rows[name], held: held[name] });
    for (const [name, lane] of Object.entries(bars)) lane.update({ ...of(name), zero: rows[name].y, half: rows[name].half, limit: 1 });
    pytorch.update(view, place);
    const [high, value] = overBar(rows.h, result.h[at]);
    return {
      zeros: [rows.h.y, rows.n.y],
      numbers: [[Math.max(high, TOLD + 15), value], overBand(rows.c, value, 1, gap)],
      names: namesOf(tools.words, now, place),
    };
  }

  return gatedStage(tools, {
    halves: HALVES, top: 34, left: 106, gates: { r: "r", n: "n", open: "z", c: "z" }, draw, parts, tall: Y.input + 6,
    gradient: { letter: "h", valve: ({ update_keeps: keeps }) => shares(keeps).kept },
    lanes: [
      axis.element, ...flows.elements, ...[state, valves, ...Object.values(taps), ...Object.values(bars)].map(({ element }) => element),
      ...pytorch.elements,
    ],
  });
}

// --- the cell at the chosen step

const Y = { edge: 4, title: 22, band: 58, mix: 98, tap: 136, name: 164, rail: 192, reset: 226, bus: 260, input: 292 };

/**
 * Where the parts of the circuit stand. On the old state's way to the candidate r stands before
 * the product or after it; z turns into 1 - z on its way to the candidate, or to the old state.
 */
function placesIn(area, { reset_after: after, update_keeps: keeps }) {
  const { at, ...frame } = circuitFrame(area, 62, Y);
  const { band, mix, tap, reset, size } = frame;
  const [z, first, second, n] = [0.17, 0.4, 0.64, 0.88].map(at);
  const [middle, above] = [(z + n) / 2, (mix + band) / 2];
  return {
    ...frame, top: tap - size / 2, into: reset + size / 2, out: reset - size / 2, branch: frame.left + 8, z, x: at(0.28), first, second, n, middle, above,
    r: after ? second : first, product: after ? first : second, turn: keeps ? [middle, mix] : [z, above],
  };
}

const CARRIED = ["h", ...GATES, "share", "open", "kept", "written", "heard", "pushed", "product"];

/** All that the circuit carries. */
function carried({ state, result }) {
  const k = state.step - 1;
  const old = before(result.h, k);
  const now = Object.fromEntries(CARRIED.map((name) => [name, result[name][k]]));
  const sum = result.sums.n[k];
  const limit = bandLimit([now.product, now.pushed, sum, now.heard].filter(Number.isFinite));
  return { ...now, k, x: state.x[k], old, sum, between: state.reset_after ? now.product : now.r * old, limit };
}

const wires = (state, { limit, ...now }) => [
  // what comes in: the old state and x, to the two gates and the candidate
  ["M branch band V bus", now.old],
  ["M branch bus H n"],
  ["M x input V bus", now.x],
  ["M z bus V rail+6 M z rail-6 V name+6", undefined, { off: isHeld(state, "z") }],
  ["M r bus V into", undefined, { off: isHeld(state, "r") }],
  ["M n bus V rail", now.heard, { limit }],
  ["M branch rail H first", now.old],
  ["M first rail H second", now.between, { limit: state.reset_after ? limit : 1 }],
  ["M second rail H n", now.pushed, { limit }],
  ["M r out V rail", now.r, { gate: true }],
  ["M n rail V name+6", now.sum, { limit }],
  // under the band
  ["M z top V mix", now.z, { gate: true }],
  ["M z mix V band", now.share, { gate: true }],
  ["M z mix H n", now.open, { gate: true }],
  ["M n top V mix", now.n],
  ["M n mix V band", now.written],
  // the band, in and out
  ["M0 band H z", now.old],
  ["M z band H n", now.kept],
  ["M n band H end", now.h],
];

/** Numbers on the old state's way to the candidate, each in the middle of what is free of its wire. */
function railLabels(after, p, now) {
  const [first, second] = after ? [18, 9] : [9, 18]; // half of what stands there
  const middle = (start, end, value) => ({ x: (start + end) / 2, y: p.rail - 9, anchor: "middle", text: short(value) });
  return [
    middle(p.z + 6, p.first - first, now.old),
    middle(p.first + first, p.second - second, now.between),
    middle(p.second + second, p.n - 9, now.pushed),
  ];
}

function labels({ state, result, words }, p, now) {
  const { gate, reset_after: after, update_keeps: keeps } = state;
  const [ofOld, ofNew] = keeps ? ["z h", "(1 − z) n"] : ["(1 − z) h", "z n"];
  const product = (text) => [p.wide ? text : "", ""];
  return [
    { x: p.left + 12, y: p.title, text: words.circuit({ step: state.step }), look: "u-chosen" },
    ...edgeLabels({ x: 0, y: p.band, symbol: ["h", String(now.k)], value: now.old, pick: "before" }),
    ...edgeLabels({ x: p.end, y: p.band, anchor: "end", symbol: ["h", String(now.k + 1)], value: now.h }),
    { x: p.x + 9, y: p.input - 2, symbol: ["x", String(now.k + 1)], text: short(now.x), look: "u-strong" },
    { x: p.middle, y: p.band - 9, anchor: "middle", symbol: product(ofOld), text: short(now.kept) },
    { x: p.n - 10, y: p.above + 4, anchor: "end", symbol: product(ofNew), text: short(now.written) },
    { x: keeps ? (p.middle + p.n) / 2 + 6 : p.middle, y: p.mix + 19, anchor: "middle", text: short(now.open) },
    tapLabel("z", p.z, p.name, now.z, gate), tapLabel("n", p.n, p.name, now.n, gate),
    tapLabel("r", p.r + (after ? -19 : 19), p.reset + 5, now.r, gate, after ? "end" : "start"),
    ...railLabels(after, p, now),
    { x: p.n - 8, y: p.bus - 6, anchor: "end", text: short(now.heard) },
    ...(p.wide ? ["z", "r"].map((name) => ({
      x: p[name] + 7, y: p.bus - 6, text: isHeld(state, name) ? words.held : short(result.sums[name][now.k]),
    })) : []),
  ];
}

/** What `circuit` draws. */
function parts(view, height) {
  const { state, ghost, width, words } = view;
  const [p, now] = [placesIn({ width, height }, state), carried(view)];
  const values = Object.fromEntries(GATES.map((gate) => [gate, fixed(now[gate])]));
  return {
    label: words.circuitLabel({ step: state.step, ...values }), places: p,
    wires: wires(state, now),
    labels: labels(view, p, now),
    taps: Object.entries({ z: p.tap, n: p.tap, r: p.reset }).map(([name, y]) => ({
      name, x: p[name], y, size: p.size, value: now[name], past: ghost?.[name][now.k], held: isHeld(state, name), signed: name === "n",
    })),
    nodes: [
      { x: p.z, y: p.band, text: "×" }, { x: p.n, y: p.band, text: "+" }, { x: p.n, y: p.mix, text: "×" }, { x: p.turn[0], y: p.turn[1], text: "1 −" },
      { x: p.r, y: p.rail, text: "×" }, { x: p.product, y: p.rail, symbol: ["w", "hn"] }, { x: p.n, y: p.rail, text: "+" },
    ],
  };
}

// --- the formula

/** z, or (1 − z), of a step. */
const valve = (keeps, step) => (keeps ? `z_${step}` : `(1 − z_${step})`);

function driftLine({ state, result, words }) {
  if (state.update_keeps && state.b_hn === 0) return line(words.lines.drift, [words.none]);
  const n = state.step;
  const largest = largestDrift(result);
  const h = () => symbols(`h_${n}`);
  const at = valuesOf(state, { ...result, P: result.pytorch, d: result.drift.map((value) => (Math.abs(value) < 1e-12 ? 0 : value)) });
  const own = sumLine(words.lines.drift, `d_${n} = h_${n} − P_${n}`, at, words.pytorchs.parts({ own: h(), other: h() }));
  const value = strong(fixed(largest, decimalsOf(largest)));
  own.within.push("; ", sketch("span", {}, ...words.largest.parts({ value, step: result.worst + 1 })));
  return own;
}

function formula(view) {
  const { state, result, words } = view;
  const { step: n, gate, gradient, reset_after: after, update_keeps: keeps } = state;
  const at = valuesOf(state, result);
  const pushed = after ? `r_${n} × (w_hn × h_${n - 1} + b_hn)` : `b_hn + w_hn × (r_${n} × h_${n - 1})`;
  return [
    gate === "n" ? sumLine(words.lines.candidate, `n_${n} = tanh(w_xn × x_${n} + b_n + ${pushed})`, at) : gateLine(view, result),
    sumLine(words.lines.h, `h_${n} = ${valve(!keeps, n)} × n_${n} + ${valve(keeps, n)} × h_${n - 1}`, at),
    lifeLine(words, "h", valve(keeps, n), result.share[n - 1]),
    ...(isPytorchs(state) ? [] : [driftLine(view)]),
    ...(gradient === "off" ? [] : backLines(view, {
      letter: "h", valve: (step) => valve(keeps, step), more: `N_${n + 1} + R_${n + 1} + Z_${n + 1}`,
      values: { N: result.by.n, R: result.by.r, Z: result.by.z }, written: () => symbols(["n", "r", "z"].map((one) => ` + ${words.by({ gate: one })}`).join("")),
    })),
  ];
}

// --- the controls

/** The two conventions, and who follows them. */
function conventions(tools) {
  const { words: { places, turns, conventions: who } } = tools;
  const { after, before } = places;
  const { keeps, replaces } = turns;
  const all = [true, false].flatMap((after) => [true, false].map((keeps) => who({ after, keeps })));
  return together("u-panel",
    named(places.title, settingSegments(tools, "reset_after", places.label, { after, before }, [true, false])),
    named("z", settingSegments(tools, "update_keeps", turns.label, { keeps, replaces }, [true, false])),
    told(all, ({ reset_after: after, update_keeps: keeps }) => who({ after, keeps })));
}

/** The candidate's second bias. */
const secondBias = (tools) => control(tools, {
  symbol: "b_hn", label: "", ...ends(tools.settings.b_hn), onvalue: (b_hn) => tools.change({ b_hn }),
}, ({ b_hn }) => b_hn, ({ reset_after: after }) => ({ label: tools.words.b_hn({ after }) }));

function controls(tools) {
  const { r, n, z } = tools.words.meanings;
  // what z means is a matter of the convention
  const meaning = ({ gate, update_keeps: keeps }) => (gate === "z" ? z({ keeps }) : { r, n }[gate]);
  return [
    ...gateControls(tools, { gates: GATES, compute, meanings: [r, n, z({ keeps: true }), z({ keeps: false })], meaning }),
    secondBias(tools),
    inputControl(tools),
    lengthControl(tools),
    conventions(tools),
  ];
}

function summary({ state, result, words }) {
  const k = state.step - 1;
  const values = Object.fromEntries([...GATES, "h"].map((name) => [name, fixed(result[name][k])]));
  return words.summary({
    step: state.step, ...values, pytorch: isPytorchs(state), drift: brief(largestDrift(result)), worst: result.worst + 1,
    gradient: state.gradient, direct: brief(result.direct[k]), whole: brief(result.whole[k]),
  });
}

// --- the same numbers in Python

export const code = cellPrograms("GRU", (state, words) => ({ own: isPytorchs(state), bias: words.b_hn({ after: state.reset_after }) }));

/** What was computed, by the names that the face has for it. */
export const names = (state, result) => ({ hidden_states: result.h, gates: result });

export default explorer({
  cursors: ["gradient", "gate", "step"],
  initial,
  settle,
  presets,
  compute, names,
  stage,
  controls,
  choice: gradientChoice("h"),
  formula,
  status: gradientStatus,
  summary,
  code,
});
