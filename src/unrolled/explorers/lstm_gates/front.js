/**
 * One LSTM unit, unrolled over 2 to 40 steps: the cell state as a band with valves and taps, and
 * the cell itself, at the chosen step, as a circuit: the front end of its room.
 */

import { alongBand, stacked } from "#core/gates.js";
import { GATES, preactivation, run, signals } from "#core/lstm.js";
import { inputControl, lengthControl } from "#view/controls.js";
import { explorer } from "#view/explorer.js";
import { equation, sumLine, symbols } from "#view/formula.js";
import {
  backLines, before, derivative, gatedStage, gateLine, gatePanel, gradientChoice, gradientStatus, heldControl, inputs, isHeld, lifeLine, onlyWhile,
  printed, settle, sumCode, weightControl, weightsCode,
} from "#view/gated.js";
import { bandAxis, bandLane, bandLimit, circuitFrame, edgeLabels, flowLane, gateLane, tapLabel } from "#view/gates.js";
import { brief, fixed, literal, literals, short } from "#view/number.js";
import { barLane } from "#view/strip.js";

const CLAMPS = ["clamp_i", "clamp_f", "clamp_o"];
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

const WIDE = {
  left: 106, right: 8, h: 46, hHalf: 27, o: 98, tap: 24, c: 166, half: 38, i: 234, g: 272, gHalf: 15, x: 326, reach: 27,
  foot: 374, back: 128, chart: 76,
};
const NARROW = {
  left: 34, right: 6, h: 42, hHalf: 22, o: 84, tap: 20, c: 143, half: 33, i: 202, g: 236, gHalf: 13, x: 284, reach: 24,
  foot: 330, back: 112, chart: 64,
};

/** Upwards: the candidate, through the input gate into the band, and through the output gate out of it. */
function flowLanes() {
  const flows = { g: flowLane(), i: flowLane(), c: flowLane(), o: flowLane() };
  return {
    elements: Object.values(flows).map(({ element }) => element),
    update({ g: candidate, c: state, h: shown, written }, { cols, thick, layout: { h, o, c, i, g, tap, gHalf, hHalf } }) {
      flows.g.update({ cols, from: (k) => g - Math.max(0, candidate[k]) * gHalf, to: () => i + tap / 2, values: candidate });
      flows.i.update({ cols, from: () => i - tap / 2, to: (k) => c + thick(state[k]), values: written });
      flows.c.update({ cols, from: (k) => c - thick(state[k]), to: () => o + tap / 2, values: state.map(Math.tanh) });
      flows.o.update({ cols, from: () => o - tap / 2, to: (k) => h - Math.min(0, shown[k]) * hHalf, values: shown });
    },
  };
}

/** The gate in whose lane a click is. */
function pick(py, { o, i, g, c, tap, gHalf, half }) {
  const lanes = { o: [o, tap / 2 + 5], i: [i, tap / 2 + 5], g: [g, gHalf + 4], f: [c, half + 6] };
  return Object.keys(lanes).find((gate) => Math.abs(py - lanes[gate][0]) < lanes[gate][1]) ?? null;
}

function stage(tools) {
  const { rows, names } = tools.words;
  const [axis, flows, state, valves] = [bandAxis(), flowLanes(), bandLane(), gateLane({ valve: true })];
  const taps = { i: gateLane(), o: gateLane() };
  const bars = { h: barLane(), g: barLane() };

  function draw(view, { cols, layout, wide, at, of }) {
    const { state: now, result } = view;
    const { h, c, g, half, tap, gHalf, hHalf } = layout;
    const limit = bandLimit(result.c);
    const thick = (value) => (Math.abs(value) / limit) * half;
    axis.update({ cols, y: c, half, text: wide ? `|c| = ${limit}` : String(limit) });
    flows.update(result, { cols, thick, layout });
    state.update({ ...of("c"), y: c, half, limit, kept: result.kept });
    valves.update({ ...of("f"), y: c, height: 2 * half + 10, held: isHeld(now, "f") });
    for (const [gate, lane] of Object.entries(taps)) lane.update({ ...of(gate), y: layout[gate], height: tap, held: isHeld(now, gate) });
    bars.h.update({ ...of("h"), zero: h, half: hHalf, limit: 1 });
    bars.g.update({ ...of("g"), zero: g, half: gHalf, limit: 1 });
    const heights = { h, o: layout.o, c: c - 17, f: c + 17, i: layout.i, g, x: layout.x };
    return {
      zeros: [h, g],
      numbers: [[h - Math.max(0, result.h[at]) * hHalf - 5, result.h[at]], [c - thick(result.c[at]) - 6, result.c[at]]],
      names: Object.entries(heights).map(([letter, y]) => ({ letter, y, text: rows[letter] ?? names[letter], chosen: letter === now.gate })),
    };
  }

  return gatedStage(tools, {
    wide: WIDE, narrow: NARROW, draw, parts, pick, gradient: { letter: "c", valve: () => "f" },
    lanes: [axis.element, ...flows.elements, ...[state, valves, ...Object.values(taps), ...Object.values(bars)].map(({ element }) => element)],
  });
}

// --- the cell at the chosen step

const Y = { shown: 28, tanh: 56, band: 84, times: 122, tap: 152, name: 180, bus: 208, input: 244 };
const ORDER = ["f", "i", "g", "o"]; // from left to right
const SIZE = 26; // of a tap

/** Where the parts of the circuit stand. */
function placesOf(width) {
  const { at, ...frame } = circuitFrame(width, 74);
  return { ...Y, ...frame, end: width, f: at(0.1), x: at(0.215), i: at(0.33), plus: at(0.455), g: at(0.58), up: at(0.76), o: at(0.9) };
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
  ["M o tap-13 V band+8 M o band-8 V shown", now.o, { gate: true }],
  ["M f tap-13 V band", now.f, { gate: true }],
  ["M i tap-13 V times H plus", now.i, { gate: true }],
  ["M g tap-13 V times H plus", now.g],
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
function parts(view) {
  const { state, ghost, width, words } = view;
  const [p, now] = [placesOf(width), carried(view)];
  const values = Object.fromEntries(GATES.map((name) => [name, fixed(now[name])]));
  return {
    width, height: 252, label: words.circuitLabel({ step: state.step, ...values }), places: p,
    frame: { x: p.left, y: 4, width: p.right - p.left, height: p.bus + 12 },
    wires: wires(state, now),
    labels: labels(view, p, now),
    taps: ORDER.map((name) => ({
      name, x: p[name], y: p.tap, size: SIZE, value: now[name], past: ghost?.[name][now.k], held: isHeld(state, name), signed: name === "g",
    })),
    nodes: [
      { x: p.f, y: p.band, text: "×" }, { x: p.plus, y: p.band, text: "+" }, { x: p.plus, y: p.times, text: "×" },
      { x: p.up, y: p.tanh, text: "tanh" }, { x: p.o, y: p.shown, text: "×" },
    ],
  };
}

// --- the formula

function gradientLines({ state, result: { f, o, c, direct, whole, through }, words }, k) {
  const T = state.x.length;
  return backLines({
    words, letter: "c", T, k, share: f, direct, valve: (step) => `f_${step}`,
    whole: (own) => equation(words.lines.whole, {
      operands: [f[k + 1], whole[k + 1], o[k], c[k], through[k]],
      evaluate: ([p, q, r, s, t]) => p * q + r * (1 - Math.tanh(s) ** 2) * t, value: whole[k],
    }, [own, ...symbols(` = f_${k + 2} `), derivative(`c_${T}`, `c_${k + 2}`), ...symbols(` + o_${k + 1} (1 − tanh² c_${k + 1}) `),
      derivative(`c_${T}`, `h_${k + 1}`)],
    (shown, plain) => [plain(0), " × ", shown(1), " + ", plain(2), " × (1 − tanh² ", shown(3), ") × ", shown(4)]),
  });
}

function formula(view) {
  const { state, result: { i, f, g, o, c, h }, words } = view;
  const k = state.step - 1;
  const n = k + 1;
  return [
    gateLine(view, k, state.gate === "g"),
    sumLine(words.lines.c, `c_${n} = f_${n} × c_${k} + i_${n} × g_${n}`, {
      operands: [f[k], before(c, k), i[k], g[k]], evaluate: ([p, q, r, s]) => p * q + r * s, value: c[k],
    }),
    sumLine(words.lines.h, `h_${n} = o_${n} × tanh c_${n}`, { operands: [o[k], c[k]], evaluate: ([p, q]) => p * Math.tanh(q), value: h[k] }),
    lifeLine(words, "c", `f_${n}`, f[k]),
    ...(state.gradient === "off" ? [] : gradientLines(view, k)),
  ];
}

// --- the controls

/** The chosen gate's sliders, and always the forget gate's bias. */
function controls(tools) {
  const free = (state) => !isHeld(state, state.gate);
  const notForget = ({ gate }) => gate !== "f";
  const forgets = (state) => !isHeld(state, "f");
  return [
    gatePanel(tools, { gates: GATES, compute, meaning: ({ gate }) => tools.words.meanings[gate] }),
    onlyWhile(free, weightControl(tools, "x")),
    onlyWhile(free, weightControl(tools, "h")),
    onlyWhile((state) => free(state) && notForget(state), weightControl(tools, "b")),
    onlyWhile((state) => !free(state) && notForget(state), heldControl(tools)),
    onlyWhile(forgets, weightControl(tools, "b", { gate: "f" })),
    onlyWhile((state) => !forgets(state), heldControl(tools, { gate: "f" })),
    inputControl(tools),
    lengthControl(tools),
  ];
}

function summary({ state, result, words }) {
  const k = state.step - 1;
  const values = Object.fromEntries(["i", "f", "o", "c", "h"].map((name) => [name, fixed(result[name][k])]));
  return words.summary({
    step: state.step, ...values, gradient: state.gradient, direct: brief(result.direct[k]), whole: brief(result.whole[k]),
  });
}

// --- the same numbers in Python

/** The gates of one step. */
function gateCode(state, python) {
  return GATES.map((gate) => (isHeld(state, gate)
    ? `    ${gate} = ${python.number(literal(state[`clamp_${gate}`]))}  # clamped`
    : `    ${gate} = ${gate === "g" ? python.tanh : python.sigmoid}(${sumCode(gate)})`)).join("\n");
}

function copyNumpy(state, words) {
  const back = state.gradient !== "off";
  const slopes = {
    i: "whole * g * i * (1 - i)", f: "whole * old * f * (1 - f)", g: "whole * i * (1 - g * g)", o: "dh * np.tanh(c) * o * (1 - o)",
  };
  const paths = GATES.filter((gate) => !isHeld(state, gate)).map((gate) => `    back += w_${gate}[1] * ${slopes[gate]}\n`).join("");
  return `# ${words.comment({ timesteps: state.x.length })}
import numpy as np

x = np.array(${literals(state.x)})
${weightsCode(state, GATES)}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


h = c = 0.0
${back ? "run = []\n" : ""}for t, x_t in enumerate(x, start=1):
${gateCode(state, { tanh: "np.tanh", sigmoid: "sigmoid", number: (text) => text })}
${back ? "    old = c\n" : ""}    c = f * c + i * g
    h = o * np.tanh(c)
    print(f"step {t}: ${printed([...GATES, "c", "h"], (name) => name)}")
${back ? `    run.append((i, f, g, o, old, c))

# back from the last c: along f alone, and through everything
direct, whole, dh = 1.0, 1.0, 0.0
for t in range(len(x), 0, -1):
    print(f"step {t}: direct {direct:.4g}, whole {whole:z.4g}")
    i, f, g, o, old, c = run[t - 1]
    back = 0.0  # what arrives at the last h
${paths}    dh = back
    direct, whole = direct * f, whole * f
    if t > 1:
        whole += dh * run[t - 2][3] * (1 - np.tanh(old) ** 2)
` : ""}`;
}

/** The loop, with autograd. */
function pytorchLoop(state, words, clamped) {
  const back = state.gradient !== "off";
  return `${weightsCode(state, GATES)}

# ${words.loop({ module: "torch.nn.LSTM", clamped })}
h = torch.zeros((), dtype=torch.float64)
c = torch.zeros((), dtype=torch.float64, requires_grad=True)
${back ? "kept, forgets = [], []\n" : ""}for t, x_t in enumerate(x, start=1):
${gateCode(state, { tanh: "torch.tanh", sigmoid: "torch.sigmoid", number: (text) => `torch.tensor(${text}, dtype=torch.float64)` })}
    c = f * c + i * g
${back ? "    c.retain_grad()\n    kept.append(c)\n    forgets.append(f.item())\n" : ""}    h = o * torch.tanh(c)
    print(f"step {t}: ${printed([...GATES, "c", "h"], (name) => `${name}.item()`)}")
${back ? `
c.backward()
direct = 1.0
for t in range(len(x), 0, -1):
    print(f"step {t}: direct {direct:.4g}, whole {kept[t - 1].grad.item():z.4g}")
    direct *= forgets[t - 1]
` : ""}`;
}

/** `torch.nn.LSTM` itself, which keeps its gates to itself. */
function pytorchModule(state) {
  const tensor = (write) => `torch.tensor([${GATES.map((gate) => write(state[gate])).join(", ")}], dtype=torch.float64)`;
  const column = (n) => tensor((weights) => `[${literal(weights[n])}]`);
  return `lstm = torch.nn.LSTM(1, 1, dtype=torch.float64)
with torch.no_grad():  # the order of the gates is i, f, g, o
    lstm.weight_ih_l0.copy_(${column(0)})
    lstm.weight_hh_l0.copy_(${column(1)})
    lstm.bias_ih_l0.copy_(${tensor(([, , bias]) => literal(bias))})
    lstm.bias_hh_l0.zero_()  # PyTorch has two biases; they are added
    state = None
    for t, x_t in enumerate(x, start=1):
        _, state = lstm(x_t.reshape(1, 1), state)
        h, c = (one.item() for one in state)
        print(f"step {t}: ${printed(["c", "h"], (name) => name)}")
`;
}

function copyPytorch(state, words) {
  const clamped = CLAMPS.some((name) => state[name] !== null);
  const body = clamped || state.gradient !== "off" ? pytorchLoop(state, words, clamped) : pytorchModule(state);
  return `# ${words.comment({ timesteps: state.x.length })}
import torch

x = torch.tensor(${literals(state.x)}, dtype=torch.float64)
${body}`;
}

export const code = { copyNumpy, copyPytorch };

export default explorer({
  cursors: ["gradient", "gate", "step"],
  initial,
  settle,
  presets,
  compute,
  stage,
  controls,
  choice: gradientChoice("c"),
  formula,
  status: gradientStatus,
  summary,
  code,
});
