/**
 * One GRU unit, unrolled over 2 to 40 steps, in any of its conventions: the hidden state as a
 * band with one valve, whose complement lets the candidate in, and the cell itself, at the
 * chosen step, as a circuit (src/unrolled/explorers/gru_gates.py is its face in Python).
 *
 * Where a convention is chosen that is not PyTorch's, the state that PyTorch's would give with
 * the same weights is marked beside it.
 */

import { sigmoid } from "../core/gates.js";
import { backward, GATES, preactivation, run } from "../core/gru.js";
import { html, patch, svg } from "../view/dom.js";
import { explorer, segments } from "../view/explorer.js";
import { equation, line } from "../view/formula.js";
import {
  affineGate, backLines, before, derivative, gatedParameters, gatedSliders, gatedStage, gatePanel, gradientChoice, gradientStatus, heldLine,
  inputs, isHeld, legendLane, lifeLine, printed, settle, strong, sumCode, unbracketed, weightsCode,
} from "../view/gated.js";
import { bandAxis, bandLane, bandLimit, branchLane, flowLane, gateLane, markLane } from "../view/gates.js";
import { brief, decimalsOf, fixed, literal, literals, short } from "../view/number.js";
import { flag, number } from "../view/parameters.js";
import { symbolNodes } from "../view/slider.js";
import { barLane } from "../view/strip.js";
import { gruGates as words } from "../view/words.js";

const CLAMPS = ["clamp_r", "clamp_z"];
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
  const rows = GATES.map((gate) => state[gate]);
  const b = rows.map(([, , bias]) => bias);
  if (!after) b[2] += state.b_hn;
  return {
    W_x: rows.map(([w]) => [w]), W_h: rows.map(([, w]) => [w]), b, b_hn: after ? [state.b_hn] : null, reset_after: after, update_keeps: keeps,
  };
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
  const back = backward(cell, steps, steps.map((_, k) => [k === steps.length - 1 ? 1 : 0]));
  const own = Object.fromEntries([...GATES, "h"].map((name) => [name, steps.map((one) => one[name][0])]));
  const old = steps.map(({ from }) => from.h[0]);
  const share = keeps ? own.z : own.z.map((z) => 1 - z);
  const open = keeps ? own.z.map((z) => 1 - z) : own.z;
  const [, , w] = cell.W_h;
  const direct = steps.map(() => 1);
  for (let k = steps.length - 2; k >= 0; k--) direct[k] = direct[k + 1] * share[k + 1];
  const pytorch = isPytorchs(state) ? own.h : run(cellOf(state, true, true), xs, [0], { clamp }).map(({ h }) => h[0]);
  const drift = own.h.map((h, k) => h - pytorch[k]);
  const sizes = drift.map(Math.abs);
  const worst = sizes.reduce((most, size, k) => (size > sizes[most] ? k : most), 0);
  return {
    ...own, share, open, direct, pytorch, drift, worst,
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

// --- the lanes over time

const WIDE = {
  left: 106, right: 8, h: 64, hHalf: 30, c: 150, half: 38, open: 218, tap: 24, n: 256, nHalf: 16, r: 296, x: 350, reach: 27, foot: 398,
  back: 128, chart: 76, told: 16,
};
const NARROW = {
  left: 36, right: 6, h: 62, hHalf: 26, c: 139, half: 33, open: 198, tap: 20, n: 232, nHalf: 13, r: 266, x: 314, reach: 24, foot: 360,
  back: 112, chart: 64, told: 16,
};

function stage(tools) {
  const axis = bandAxis();
  const zeros = svg("path", { class: "u-line" });
  const branches = branchLane();
  const flows = { r: flowLane(), n: flowLane(), open: flowLane(), h: flowLane() };
  const state = bandLane();
  const valves = gateLane({ valve: true });
  const taps = { open: gateLane(), r: gateLane() };
  const bars = { h: barLane(), n: barLane() };
  const marks = markLane();
  const legend = legendLane();

  function draw({ state: now, result, ghost, width }, { cols, layout, wide }) {
    const { h, c, open, n, r, x, half, tap, nHalf, hHalf } = layout;
    const at = now.step - 1;
    const { update_keeps: keeps } = now;
    const held = { z: isHeld(now, "z"), r: isHeld(now, "r") };
    const thick = (value) => Math.abs(value) * half;
    axis.update({ cols, y: c, half, text: wide ? "|h| = 1" : "1" });
    patch(zeros, { d: [h, n, x].map((y) => `M${cols.left} ${y}H${cols.end}`).join("") });

    // from the old state through r into the candidate, and from there into the band, which is shown as it is
    const low = (value, zero, reach) => zero - Math.max(0, value) * reach;
    const side = Math.max(2, Math.min(12, cols.pitch * 0.275));
    branches.update({
      cols, from: (k) => c + thick(before(result.h, k)), to: r, until: side, values: result.h.map((_, k) => before(result.h, k)),
    });
    flows.r.update({
      cols, from: () => r - tap / 2, to: (k) => n - Math.min(0, result.n[k]) * nHalf, values: result.pushed, limit: bandLimit(result.pushed),
    });
    flows.n.update({ cols, from: (k) => low(result.n[k], n, nHalf), to: () => open + tap / 2, values: result.n });
    flows.open.update({ cols, from: () => open - tap / 2, to: (k) => c + thick(result.h[k]), values: result.written });
    flows.h.update({ cols, from: (k) => c - thick(result.h[k]), to: (k) => h - Math.min(0, result.h[k]) * hHalf, values: result.h });
    state.update({ cols, y: c, half, limit: 1, values: result.h, kept: result.kept, ghost: ghost?.h });
    valves.update({ cols, y: c, height: 2 * half + 10, values: result.share, ghost: ghost?.share, held: held.z });
    taps.open.update({ cols, y: open, height: tap, values: result.open, ghost: ghost?.open, held: held.z });
    taps.r.update({ cols, y: r, height: tap, values: result.r, ghost: ghost?.r, held: held.r });
    bars.h.update({ cols, zero: h, half: hHalf, limit: 1, values: result.h, ghost: ghost?.h });
    bars.n.update({ cols, zero: n, half: nHalf, limit: 1, values: result.n, ghost: ghost?.n });

    const own = isPytorchs(now);
    marks.update({ cols, zero: h, half: hHalf, limit: 1, values: result.h, others: own ? null : result.pytorch });
    const left = wide ? cols.left : 0;
    const largest = brief(largestDrift(result));
    legend.update(own ? [{ look: null, x: left, y: layout.told, name: words.same, value: "" }] : [
      { look: "u-marks", x: left, y: layout.told, name: words.pytorch(wide), value: short(result.pytorch[at]) },
      {
        look: null, x: wide ? cols.end - 168 : width / 2 + 2, y: layout.told, name: words.drift(wide),
        value: words.driftAt(largest, result.worst + 1),
      },
    ]);
    return {
      numbers: [[Math.max(h - Math.max(0, result.h[at]) * hHalf - 5, layout.told + 15), result.h[at]], [c - thick(result.h[at]) - 6, result.h[at]]],
      names: [
        { key: "shown", y: h, letter: "h" }, { key: "h", y: c - 17 },
        { key: "kept", y: c + 17, letter: keeps ? "z" : "1 − z", chosen: now.gate === "z" },
        { key: "open", y: open, letter: keeps ? "1 − z" : "z", chosen: now.gate === "z" },
        { key: "n", y: n }, { key: "r", y: r }, { key: "x", y: x },
      ],
    };
  }

  return gatedStage(tools, {
    look: "u-gru", words, wide: WIDE, narrow: NARROW, draw, parts, summary,
    lanes: [
      axis.element, zeros, branches.element,
      ...[...Object.values(flows), state, valves, ...Object.values(taps), ...Object.values(bars), marks, legend].map((one) => one.element),
    ],
    pick(py, layout) {
      const near = (name, room) => Math.abs(py - layout[name]) < room;
      if (near("r", layout.tap / 2 + 6)) return "r";
      if (near("n", layout.nHalf + 4)) return "n";
      return near("open", layout.tap / 2 + 6) || near("c", layout.half + 6) ? "z" : null;
    },
  });
}

// --- the cell at the chosen step

const Y = { title: 22, h: 58, mix: 98, tap: 136, name: 164, rail: 192, r: 226, bus: 260, x: 292, height: 298 };

/** What `circuit` draws. */
function parts(view) {
  const { state, result, ghost, width } = view;
  const { reset_after: after, update_keeps: keeps } = state;
  const k = state.step - 1;
  const wide = width >= 560;
  const margin = wide ? 62 : width < 300 ? 35 : 42;
  const [left, right] = [margin, width - margin];
  const place = (share) => Math.round(left + share * (right - left));
  const at = { branch: left + 8, z: place(0.17), first: place(0.4), second: place(0.64), n: place(0.88), x: place(0.28) };
  const size = 26;
  const half = size / 2;
  const old = before(result.h, k);
  const [h, r, z, n, x] = [result.h[k], result.r[k], result.z[k], result.n[k], state.x[k]];
  // the old state's way to the candidate: r stands before the product or after it
  const [cross, product] = after ? [at.second, at.first] : [at.first, at.second];
  const between = after ? result.product[k] : r * old;
  const pill = keeps ? { x: (at.z + at.n) / 2, y: Y.mix } : { x: at.z, y: (Y.mix + Y.h) / 2 };
  const limit = bandLimit([result.product[k], result.pushed[k], result.sums.n[k], result.heard[k]].filter(Number.isFinite));

  const wires = [
    // what comes in: the old state and x, to the two gates and the candidate
    { d: `M${at.branch} ${Y.h}V${Y.bus}`, value: old },
    { d: `M${at.branch} ${Y.bus}H${at.n}` },
    { d: `M${at.x} ${Y.x}V${Y.bus}`, value: x },
    { d: `M${at.z} ${Y.bus}V${Y.rail + 6}M${at.z} ${Y.rail - 6}V${Y.name + 6}`, off: isHeld(state, "z") },
    { d: `M${cross} ${Y.bus}V${Y.r + half}`, off: isHeld(state, "r") },
    { d: `M${at.n} ${Y.bus}V${Y.rail}`, value: result.heard[k], limit },
    { d: `M${at.branch} ${Y.rail}H${at.first}`, value: old },
    { d: `M${at.first} ${Y.rail}H${at.second}`, value: between, limit: after ? limit : 1 },
    { d: `M${at.second} ${Y.rail}H${at.n}`, value: result.pushed[k], limit },
    { d: `M${cross} ${Y.r - half}V${Y.rail}`, value: r, gate: true },
    { d: `M${at.n} ${Y.rail}V${Y.name + 6}`, value: result.sums.n[k], limit },
    // under the band
    { d: `M${at.z} ${Y.tap - half}V${Y.mix}`, value: z, gate: true },
    { d: `M${at.z} ${Y.mix}V${Y.h}`, value: result.share[k], gate: true },
    { d: `M${at.z} ${Y.mix}H${at.n}`, value: result.open[k], gate: true },
    { d: `M${at.n} ${Y.tap - half}V${Y.mix}`, value: n },
    { d: `M${at.n} ${Y.mix}V${Y.h}`, value: result.written[k] },
    // the band, in and out
    { d: `M0 ${Y.h}H${at.z}`, value: old },
    { d: `M${at.z} ${Y.h}H${at.n}`, value: result.kept[k] },
    { d: `M${at.n} ${Y.h}H${width}`, value: h },
  ];
  const named = (text) => [wide ? text : "", ""];
  const [ofOld, ofNew] = keeps ? ["z h", "(1 − z) n"] : ["(1 − z) h", "z n"];
  const middle = (one, other, value) => ({ x: (one + other) / 2, y: Y.rail - 9, anchor: "middle", text: short(value) });
  const name = (gate, px, y, anchor) => ({
    x: px, y, anchor, symbol: [gate, ""], text: short(result[gate][k]), pick: gate, look: gate === state.gate ? "u-chosen" : "u-strong",
  });
  const labels = [
    { x: left + 12, y: Y.title, text: words.circuit(state.step), look: "u-chosen" },
    { x: 0, y: Y.h - 10, symbol: ["h", String(k)], pick: "before" },
    { x: 0, y: Y.h + 19, text: short(old), look: "u-strong", pick: "before" },
    { x: width, y: Y.h - 10, anchor: "end", symbol: ["h", String(k + 1)] },
    { x: width, y: Y.h + 19, anchor: "end", text: short(h), look: "u-strong" },
    { x: at.x + 9, y: Y.x - 2, symbol: ["x", String(k + 1)], text: short(x), look: "u-strong" },
    { x: (at.z + at.n) / 2, y: Y.h - 9, anchor: "middle", symbol: named(ofOld), text: short(result.kept[k]) },
    { x: at.n - 10, y: (Y.mix + Y.h) / 2 + 4, anchor: "end", symbol: named(ofNew), text: short(result.written[k]) },
    { x: (keeps ? (pill.x + at.n) / 2 + 6 : (at.z + at.n) / 2), y: Y.mix + 19, anchor: "middle", text: short(result.open[k]) },
    name("z", at.z, Y.name, "middle"), name("n", at.n, Y.name, "middle"), after ? name("r", cross - half - 6, Y.r + 5, "end") : name("r", cross + half + 6, Y.r + 5, "start"),
    middle(at.z + 6, at.first - (after ? 18 : 9), old), middle(at.first + (after ? 18 : 9), at.second - (after ? 9 : 18), between),
    middle(at.second + (after ? 9 : 18), at.n - 9, result.pushed[k]),
    { x: at.n - 8, y: Y.bus - 6, anchor: "end", text: short(result.heard[k]) },
    ...(wide ? [{ x: at.z + 7, y: Y.bus - 6, text: isHeld(state, "z") ? words.held : short(result.sums.z[k]) },
      { x: cross + 7, y: Y.bus - 6, text: isHeld(state, "r") ? words.held : short(result.sums.r[k]) }] : []),
  ];
  return {
    width, height: Y.height, label: words.circuitLabel(state.step, ...GATES.map((gate) => fixed(result[gate][k]))),
    frame: { x: left, y: 4, width: right - left, height: Y.bus + 8 },
    wires,
    labels,
    taps: [["z", at.z, Y.tap], ["n", at.n, Y.tap], ["r", cross, Y.r]].map(([gate, px, py]) => ({
      name: gate, x: px, y: py, size, value: result[gate][k], past: ghost?.[gate][k] ?? null, held: isHeld(state, gate), signed: gate === "n",
    })),
    nodes: [
      { x: at.z, y: Y.h, text: "×" }, { x: at.n, y: Y.h, text: "+" }, { x: at.n, y: Y.mix, text: "×" }, { ...pill, text: "1 −" },
      { x: cross, y: Y.rail, text: "×" }, { x: product, y: Y.rail, symbol: ["w", "hn"] }, { x: at.n, y: Y.rail, text: "+" },
    ],
  };
}

// --- the formula

function gateLine({ state, result }, k) {
  const { gate } = state;
  const value = result[gate][k];
  const old = before(result.h, k);
  const [w, u, b] = state[gate];
  if (gate === "n") return candidateLine({ state, result }, k);
  const operands = [w, state.x[k], u, old, b];
  const evaluate = ([p, q, r, s, t]) => sigmoid(p * q + r * s + t);
  const { symbols, print } = affineGate(gate, k, "σ(");
  if (!isHeld(state, gate)) return equation(words.lines.gate, { operands, evaluate, value }, symbols, print);
  return heldLine(words.lines.gate, words, {
    own: symbolNodes(`${gate}_${k + 1}`), value, operands, evaluate, computed: sigmoid(result.sums[gate][k]), print,
  });
}

/** n, with r where it stands. */
function candidateLine({ state, result }, k) {
  const { reset_after: after, b_hn } = state;
  const [w, u, b] = state.n;
  const [n, old] = [`_${k + 1}`, `_${k}`];
  const sub = (text) => symbolNodes(text);
  const input = ["tanh(", ...sub("w_xn"), " ", ...sub(`x${n}`), " + ", ...sub("b_n"), " + "];
  const symbols = after
    ? [...input, ...sub(`r${n}`), " (", ...sub("w_hn"), " ", ...sub(`h${old}`), " + ", ...sub("b_hn"), "))"]
    : [...input, ...sub("b_hn"), " + ", ...sub("w_hn"), " (", ...sub(`r${n}`), " ", ...sub(`h${old}`), "))"];
  return equation(words.lines.candidate, {
    operands: [w, state.x[k], b, result.r[k], u, before(result.h, k), b_hn], value: result.n[k],
    evaluate: ([p, q, c, r, s, h, d]) => Math.tanh(p * q + c + (after ? r * (s * h + d) : d + s * (r * h))),
  }, [...sub(`n${n}`), " = ", ...symbols], (shown, plain_) => [
    `tanh(${unbracketed(plain_(0))} × `, shown(1), ` + ${plain_(2)} + `,
    ...(after ? [`${plain_(3)} × (${unbracketed(plain_(4))} × `, shown(5), ` + ${plain_(6)}))`]
      : [`${plain_(6)} + ${plain_(4)} × (${plain_(3)} × `, shown(5), "))"]),
  ]);
}

/** z, or (1 − z), of a step. */
const valve = (keeps, step) => (keeps ? symbolNodes(`z_${step}`) : ["(1 − ", ...symbolNodes(`z_${step}`), ")"]);

function stateLine({ state: { update_keeps: keeps }, result }, k) {
  const [n, old] = [k + 1, k];
  const print = (on, value) => (on ? [value] : [`(1 − ${value})`]);
  return equation(words.lines.h, {
    operands: [result.z[k], result.n[k], before(result.h, k)], value: result.h[k],
    evaluate: ([z, p, q]) => (keeps ? (1 - z) * p + z * q : z * p + (1 - z) * q),
  }, [...symbolNodes(`h_${n}`), " = ", ...valve(!keeps, n), " ", ...symbolNodes(`n_${n}`), " + ", ...valve(keeps, n), " ", ...symbolNodes(`h_${old}`)],
  (shown, plain_) => [...print(!keeps, plain_(0)), " × ", shown(1), " + ", ...print(keeps, plain_(0)), " × ", shown(2)]);
}

function driftLine({ state, result }, k) {
  if (state.update_keeps && state.b_hn === 0) return line(words.lines.drift, [words.none]);
  const largest = largestDrift(result);
  const own = equation(words.lines.drift, {
    operands: [result.h[k], result.pytorch[k]], evaluate: ([p, q]) => p - q, value: Math.abs(result.drift[k]) < 1e-12 ? 0 : result.drift[k],
  }, [...symbolNodes(`h_${k + 1}`), ` − ${words.pytorchs} `, ...symbolNodes(`h_${k + 1}`)], (shown) => [shown(0), " − ", shown(1)]);
  own.append("; ", html("span", {}, ...words.largest(strong(fixed(largest, decimalsOf(largest))), result.worst + 1)));
  return own;
}

function gradientLines({ state, result }, k) {
  const { whole, share, direct, by } = result;
  const T = state.x.length;
  const keeps = state.update_keeps;
  return backLines({
    words, letter: "h", T, k, share, direct, valve: (step) => valve(keeps, step),
    whole: (own) => equation(words.lines.whole, {
      operands: [share[k + 1], whole[k + 1], by.n[k + 1], by.r[k + 1], by.z[k + 1]],
      evaluate: ([p, q, n, r, z]) => p * q + n + r + z, value: whole[k],
    }, [own, " = ", ...valve(keeps, k + 2), " ", derivative(`h_${T}`, `h_${k + 2}`), ` + ${words.by.n} + ${words.by.r} + ${words.by.z}`],
    (shown, plain_) => [plain_(0), " × ", shown(1), " + ", shown(2), " + ", shown(3), " + ", shown(4)]),
  });
}

function formula(view) {
  const { state, result } = view;
  const k = state.step - 1;
  return [
    gateLine(view, k),
    stateLine(view, k),
    lifeLine(words, valve(state.update_keeps, k + 1), result.share[k]),
    ...(isPytorchs(state) ? [] : [driftLine(view, k)]),
    ...(state.gradient === "off" ? [] : gradientLines(view, k)),
  ];
}

// --- the controls

/** The two conventions, and who follows them. */
function conventions({ change }) {
  const place = segments({
    label: words.places.label, options: ["after", "before"], labels: words.places, onvalue: (value) => change({ reset_after: value === "after" }),
  });
  const turn = segments({
    label: words.turns.label, options: ["keeps", "replaces"], labels: words.turns, onvalue: (value) => change({ update_keeps: value === "keeps" }),
  });
  const who = html("p", { class: "u-meaning" });
  const titled = ({ title }, part) => html("div", { class: "u-choices u-named" }, html("span", { "aria-hidden": "true", text: title }), part.element);
  return {
    element: html("div", { class: "u-panel" }, titled(words.places, place), titled(words.turns, turn), who),
    update({ state }) {
      place.update(state.reset_after ? "after" : "before");
      turn.update(state.update_keeps ? "keeps" : "replaces");
      patch(who, { text: words.conventions(state.reset_after, state.update_keeps) });
    },
  };
}

function controls(tools) {
  const { part, weight, held, input, length } = gatedSliders(tools, words);
  const free = (state) => !isHeld(state, state.gate);
  return [
    gatePanel(tools, { words, gates: GATES, clamped: ["r", "z"], compute }),
    weight(0, null, free),
    weight(1, null, free),
    weight(2, null, free),
    held(null, (state) => !free(state)),
    part({ min: -4, max: 4, least: -1e6, most: 1e6, onvalue: (b_hn) => tools.change({ b_hn }) },
      { value: ({ b_hn }) => b_hn, symbol: () => "b_hn", label: ({ reset_after }) => words.b_hn(reset_after) }),
    input,
    length,
    conventions(tools),
  ];
}

const summary = ({ state, result }) => {
  const k = state.step - 1;
  return words.summary(state.step, ...[...GATES, "h"].map((name) => fixed(result[name][k])))
    + (isPytorchs(state) ? "" : words.summaryDrift(brief(largestDrift(result)), result.worst + 1))
    + (state.gradient === "off" ? "" : words.summaryBack(brief(result.direct[k]), brief(result.whole[k])));
};

// --- the same numbers in Python

/** One step of the loop by a convention; names end in `tail`. */
function stepCode(state, after, keeps, { tanh, sigmoid: squash, number: write }, tail = "") {
  const [r, z, n, h] = ["r", "z", "n", "h"].map((name) => name + tail);
  const gate = (name) => (isHeld(state, name)
    ? `    ${name}${tail} = ${write(literal(state[`clamp_${name}`]))}  # clamped\n`
    : `    ${name}${tail} = ${squash}(${sumCode(name, h)})\n`);
  const inside = after ? `${r} * (w_n[1] * ${h} + b_hn)` : `b_hn + w_n[1] * (${r} * ${h})`;
  return `${gate("r")}${gate("z")}    ${n} = ${tanh}(w_n[0] * x_t + w_n[2] + ${inside})
    ${h} = ${keeps ? `(1 - ${z}) * ${n} + ${z} * ${h}` : `${z} * ${n} + (1 - ${z}) * ${h}`}\n`;
}

const settingsCode = (state) => `${weightsCode(state, GATES)}\nb_hn = ${literal(state.b_hn)}  # ${words.b_hn(state.reset_after)}`;
const SAME = "    # the same weights in PyTorch's convention\n";
const driftCode = (h, p) => `    print(f"step {t}: PyTorch's h {${p}:z.2f}, drift {${h} - ${p}:z.2f}")\n    drift = max(drift, abs(${h} - ${p}))\n`;
const largestCode = "print(f\"largest drift {drift:.4g}\")\n";

function copyNumpy(state) {
  const { reset_after: after, update_keeps: keeps } = state;
  const back = state.gradient !== "off";
  const off = !isPytorchs(state);
  const python = { tanh: "np.tanh", sigmoid: "sigmoid", number: (text) => text };
  const gates = [["r", `a_n * ${after ? "(w_n[1] * old + b_hn)" : "w_n[1] * old"} * r * (1 - r)`], ["z", `whole * (${keeps ? "old - n" : "n - old"}) * z * (1 - z)`]]
    .filter(([gate]) => !isHeld(state, gate)).map(([gate, slope]) => ` + w_${gate}[1] * ${slope}`).join("");
  return `# ${words.comment(state.x.length)}
import numpy as np

x = np.array(${literals(state.x)})
${settingsCode(state)}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


h = 0.0
${off ? "h_p = drift = 0.0\n" : ""}${back ? "run = []\n" : ""}for t, x_t in enumerate(x, start=1):
${back ? "    old = h\n" : ""}${stepCode(state, after, keeps, python)}    print(f"step {t}: ${printed([...GATES, "h"], (name) => name)}")
${back ? "    run.append((r, z, n, old))\n" : ""}${off ? `${SAME}${stepCode(state, true, true, python, "_p")}${driftCode("h", "h_p")}${largestCode}` : ""}${back ? `
# back from the last h: along the band alone, and through everything
direct = whole = 1.0
for t in range(len(x), 0, -1):
    print(f"step {t}: direct {direct:.4g}, whole {whole:z.4g}")
    r, z, n, old = run[t - 1]
    kept = ${keeps ? "z" : "1 - z"}
    a_n = whole * (1 - kept) * (1 - n * n)
    direct, whole = direct * kept, whole * kept + a_n * r * w_n[1]${gates}
` : ""}`;
}

function copyPytorch(state) {
  const { reset_after: after, update_keeps: keeps } = state;
  const back = state.gradient !== "off";
  const off = !isPytorchs(state);
  const head = `# ${words.comment(state.x.length)}
import torch

x = torch.tensor(${literals(state.x)}, dtype=torch.float64)
`;
  if (!back && CLAMPS.every((name) => state[name] === null)) {
    const changes = [
      ...(keeps ? [] : ["w_z = [-w for w in w_z]  # PyTorch's z keeps, and 1 - sigmoid(a) = sigmoid(-a)"]),
      ...(after ? [] : ["w_n[2], b_hn = w_n[2] + b_hn, 0.0  # one unit: r (w h) = w (r h), so only b_hn moves"]),
    ].map((one) => `${one}\n`).join("");
    return `${head}${GATES.map((gate) => `w_${gate} = ${literals(state[gate])}  # on x, on h, bias`).join("\n")}
b_hn = ${literal(state.b_hn)}  # ${words.b_hn(state.reset_after)}


def gru():
    """A torch.nn.GRU with these weights; the order of its blocks is r, z, n."""
    module = torch.nn.GRU(1, 1, dtype=torch.float64)
    rows = torch.tensor([w_r, w_z, w_n], dtype=torch.float64)
    with torch.no_grad():
        module.weight_ih_l0.copy_(rows[:, :1])
        module.weight_hh_l0.copy_(rows[:, 1:2])
        module.bias_ih_l0.copy_(rows[:, 2])
        module.bias_hh_l0.copy_(torch.tensor([0.0, 0.0, b_hn]))
    return module


def states(module):
    with torch.no_grad():
        return module(x[:, None])[0][:, 0].tolist()


${off ? `same = states(gru())  # the same weights in PyTorch's convention
${changes}h = states(gru())  # converted: the states on screen
for t, (h_t, p_t) in enumerate(zip(h, same), start=1):
    print(f"step {t}: h {h_t:z.2f}")
    print(f"step {t}: PyTorch's h {p_t:z.2f}, drift {h_t - p_t:z.2f}")
print(f"largest drift {max(abs(h_t - p_t) for h_t, p_t in zip(h, same)):.4g}")
` : `for t, h_t in enumerate(states(gru()), start=1):
    print(f"step {t}: h {h_t:z.2f}")
`}`;
  }
  const python = {
    tanh: "torch.tanh", sigmoid: "torch.sigmoid", number: (text) => `torch.tensor(${text}, dtype=torch.float64)`,
  };
  return `${head}${settingsCode(state)}

# torch.nn.GRU ${CLAMPS.some((name) => state[name] !== null) ? "cannot hold a gate" : "keeps its gates to itself"}, so here is the loop
h = torch.zeros((), dtype=torch.float64, requires_grad=True)
${off ? "h_p = torch.zeros((), dtype=torch.float64)\ndrift = 0.0\n" : ""}${back ? "kept, shares = [], []\n" : ""}for t, x_t in enumerate(x, start=1):
${stepCode(state, after, keeps, python)}${back ? `    h.retain_grad()\n    kept.append(h)\n    shares.append(${keeps ? "z" : "1 - z"})\n` : ""}    print(f"step {t}: ${printed([...GATES, "h"], (name) => `${name}.item()`)}")
${off ? `${SAME}${stepCode(state, true, true, python, "_p")}${driftCode("h.item()", "h_p.item()")}${largestCode}` : ""}${back ? `
h.backward()
direct = 1.0
for t in range(len(x), 0, -1):
    print(f"step {t}: direct {direct:.4g}, whole {kept[t - 1].grad.item():z.4g}")
    direct *= shares[t - 1].item()
` : ""}`;
}

export const code = { copyNumpy, copyPytorch };

export default explorer({
  words,
  parameters: gatedParameters(GATES, CLAMPS, [
    number("b_hn", { min: -1e6, max: 1e6 }), flag("reset_after"), flag("update_keeps"),
  ]),
  initial,
  settle,
  presets,
  compute,
  stage,
  controls,
  choice: gradientChoice(words),
  formula,
  status: (view) => gradientStatus(view, words),
  summary,
  code,
});
