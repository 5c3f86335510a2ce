/**
 * One LSTM unit, unrolled over 2 to 40 steps: the cell state as a band with valves and taps,
 * and the cell itself, at the chosen step, as a circuit
 * (src/unrolled/explorers/lstm_gates.py is its face in Python).
 */

import { sigmoid } from "../core/gates.js";
import { backward, GATES, preactivation, run } from "../core/lstm.js";
import { patch, svg } from "../view/dom.js";
import { explorer } from "../view/explorer.js";
import { equation } from "../view/formula.js";
import {
  affineGate, backLines, before, derivative, gatedParameters, gatedSliders, gatedStage, gatePanel, gradientChoice, gradientStatus, heldLine,
  inputs, isHeld, lifeLine, printed, settle, sumCode, weightsCode,
} from "../view/gated.js";
import { bandAxis, bandLane, bandLimit, flowLane, gateLane } from "../view/gates.js";
import { brief, fixed, literal, literals, short } from "../view/number.js";
import { symbolNodes } from "../view/slider.js";
import { barLane } from "../view/strip.js";
import { lstmGates as words } from "../view/words.js";

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
  const rows = GATES.map((gate) => state[gate]);
  const cell = { W_x: rows.map(([w]) => [w]), W_h: rows.map(([, w]) => [w]), b: rows.map(([, , b]) => b) };
  const clamp = { i: state.clamp_i, f: state.clamp_f, o: state.clamp_o };
  const steps = run(cell, state.x.map((value) => [value]), [0], [0], { clamp });
  const back = backward(cell, steps, null, steps.map((_, k) => [k === steps.length - 1 ? 1 : 0]));
  const direct = steps.map(() => 1);
  for (let k = steps.length - 2; k >= 0; k--) direct[k] = direct[k + 1] * steps[k + 1].f[0];
  return {
    ...Object.fromEntries([...GATES, "c", "h"].map((name) => [name, steps.map((one) => one[name][0])])),
    sums: Object.fromEntries(GATES.map((gate) => [gate, steps.map(({ from }) => preactivation(cell, gate, from.x, from.h, from.c)[0])])),
    kept: steps.map(({ f, from }) => f[0] * from.c[0]),
    written: steps.map(({ i, g }) => i[0] * g[0]),
    direct,
    whole: back.c.map(([value]) => value),
    through: back.h.map(([value]) => value),
  };
}

/** The scale of the cell state, which nothing squashes. */
const stateLimit = ({ result }) => bandLimit(result.c);

// --- the lanes over time

const WIDE = {
  left: 106, right: 8, h: 46, hHalf: 27, o: 98, tap: 24, c: 166, half: 38, i: 234, g: 272, gHalf: 15, x: 326, reach: 27,
  foot: 374, back: 128, chart: 76,
};
const NARROW = {
  left: 34, right: 6, h: 42, hHalf: 22, o: 84, tap: 20, c: 143, half: 33, i: 202, g: 236, gHalf: 13, x: 284, reach: 24,
  foot: 330, back: 112, chart: 64,
};

function stage(tools) {
  const axis = bandAxis();
  const zeros = svg("path", { class: "u-line" });
  const flows = { g: flowLane(), i: flowLane(), c: flowLane(), o: flowLane() };
  const state = bandLane();
  const valves = gateLane({ valve: true });
  const taps = { i: gateLane(), o: gateLane() };
  const bars = { h: barLane(), g: barLane() };

  function draw(view, { cols, layout, wide }) {
    const { state: now, result, ghost } = view;
    const { h, o, c, i, g, x, half, tap, gHalf, hHalf } = layout;
    const at = now.step - 1;
    const limit = stateLimit(view);
    const thick = (value) => (Math.abs(value) / limit) * half;
    axis.update({ cols, y: c, half, text: wide ? `|c| = ${limit}` : String(limit) });
    patch(zeros, { d: [h, g, x].map((y) => `M${cols.left} ${y}H${cols.end}`).join("") });

    // upwards: the candidate, through the input gate into the band, and through the output gate out of it
    const low = (value, zero, reach) => zero - Math.max(0, value) * reach;
    flows.g.update({ cols, from: (k) => low(result.g[k], g, gHalf), to: () => i + tap / 2, values: result.g });
    flows.i.update({ cols, from: () => i - tap / 2, to: (k) => c + thick(result.c[k]), values: result.written });
    flows.c.update({ cols, from: (k) => c - thick(result.c[k]), to: () => o + tap / 2, values: result.c.map(Math.tanh) });
    flows.o.update({ cols, from: () => o - tap / 2, to: (k) => h - Math.min(0, result.h[k]) * hHalf, values: result.h });
    state.update({ cols, y: c, half, limit, values: result.c, kept: result.kept, ghost: ghost?.c });
    valves.update({ cols, y: c, height: 2 * half + 10, values: result.f, ghost: ghost?.f, held: isHeld(now, "f") });
    for (const gate of ["i", "o"]) {
      taps[gate].update({ cols, y: layout[gate], height: tap, values: result[gate], ghost: ghost?.[gate], held: isHeld(now, gate) });
    }
    bars.h.update({ cols, zero: h, half: hHalf, limit: 1, values: result.h, ghost: ghost?.h });
    bars.g.update({ cols, zero: g, half: gHalf, limit: 1, values: result.g, ghost: ghost?.g });
    return {
      numbers: [[h - Math.max(0, result.h[at]) * hHalf - 5, result.h[at]], [c - thick(result.c[at]) - 6, result.c[at]]],
      names: [["h", h], ["o", o], ["c", c - 17], ["f", c + 17], ["i", i], ["g", g], ["x", x]].map(([key, y]) => ({ key, y })),
    };
  }

  return gatedStage(tools, {
    look: "u-lstm", words, wide: WIDE, narrow: NARROW, draw, parts, summary,
    lanes: [axis.element, zeros, ...[...Object.values(flows), state, valves, ...Object.values(taps), ...Object.values(bars)].map((one) => one.element)],
    pick(py, layout) {
      const rooms = { o: layout.tap / 2 + 5, i: layout.tap / 2 + 5, g: layout.gHalf + 4 };
      return Object.keys(rooms).find((name) => Math.abs(py - layout[name]) < rooms[name])
        ?? (Math.abs(py - layout.c) < layout.half + 6 ? "f" : null);
    },
  });
}

// --- the cell at the chosen step

const Y = { h: 28, tanh: 56, c: 84, times: 122, tap: 152, name: 180, bus: 208, x: 244, height: 252 };

/** What `circuit` draws. */
function parts(view) {
  const { state, result, ghost, width } = view;
  const k = state.step - 1;
  const wide = width >= 560;
  const margin = wide ? 74 : width < 300 ? 35 : 42;
  const [left, right] = [margin, width - margin];
  const place = (share) => Math.round(left + share * (right - left));
  const at = { f: place(0.1), i: place(0.33), plus: place(0.455), g: place(0.58), up: place(0.76), o: place(0.9), x: place(0.215) };
  const size = 26;
  const top = Y.tap - size / 2;
  const limit = stateLimit(view);
  const [c, h, x] = [result.c[k], result.h[k], state.x[k]];
  const [oldC, oldH] = [before(result.c, k), before(result.h, k)];
  const squashed = Math.tanh(c);
  const gate = { f: result.f[k], i: result.i[k], g: result.g[k], o: result.o[k] };

  const wires = [
    // what comes in: x and the last h, to all four
    { d: `M0 ${Y.bus}H${left}`, value: oldH },
    { d: `M${left} ${Y.bus}H${at.o}` },
    { d: `M${at.x} ${Y.x}V${Y.bus}`, value: x },
    ...["f", "i", "g", "o"].map((name) => ({ d: `M${at[name]} ${Y.bus}V${Y.name + 6}`, off: isHeld(state, name) })),
    // under the band
    { d: `M${at.o} ${top}V${Y.c + 8}M${at.o} ${Y.c - 8}V${Y.h}`, value: gate.o, gate: true },
    { d: `M${at.f} ${top}V${Y.c}`, value: gate.f, gate: true },
    { d: `M${at.i} ${top}V${Y.times}H${at.plus}`, value: gate.i, gate: true },
    { d: `M${at.g} ${top}V${Y.times}H${at.plus}`, value: gate.g },
    { d: `M${at.plus} ${Y.times}V${Y.c}`, value: result.written[k], limit },
    // the band
    { d: `M0 ${Y.c}H${at.f}`, value: oldC, limit },
    { d: `M${at.f} ${Y.c}H${at.plus}`, value: result.kept[k], limit },
    { d: `M${at.plus} ${Y.c}H${width}`, value: c, limit },
    // and out
    { d: `M${at.up} ${Y.c}V${Y.h}H${at.o}`, value: squashed },
    { d: `M${at.o} ${Y.h}H${width}`, value: h },
  ];
  const named = (text) => [wide ? text : "", ""];
  const labels = [
    { x: left + 12, y: Y.h, text: words.circuit(state.step), look: "u-chosen" },
    { x: 0, y: Y.c - 10, symbol: ["c", String(k)], pick: "before" },
    { x: 0, y: Y.c + 19, text: short(oldC), look: "u-strong", pick: "before" },
    { x: 0, y: Y.bus - 10, symbol: ["h", String(k)], pick: "before" },
    { x: 0, y: Y.bus + 19, text: short(oldH), look: "u-strong", pick: "before" },
    { x: at.x + 9, y: Y.x - 2, symbol: ["x", String(k + 1)], text: short(x), look: "u-strong" },
    { x: width, y: Y.c - 10, anchor: "end", symbol: ["c", String(k + 1)] },
    { x: width, y: Y.c + 19, anchor: "end", text: short(c), look: "u-strong" },
    { x: width, y: Y.h - 10, anchor: "end", symbol: ["h", String(k + 1)] },
    { x: width, y: Y.h + 19, anchor: "end", text: short(h), look: "u-strong" },
    { x: (at.f + at.plus) / 2 + 2, y: Y.c - 9, anchor: "middle", symbol: named("f c"), text: short(result.kept[k]) },
    { x: at.plus + 11, y: Y.times - 12, symbol: named("i g"), text: short(result.written[k]) },
    { x: at.o - 13, y: Y.h - 8, anchor: "end", text: short(squashed) },
    ...["f", "i", "g", "o"].map((name) => ({
      x: at[name], y: Y.name, anchor: "middle", symbol: [name, ""], text: short(gate[name]), pick: name,
      look: name === state.gate ? "u-chosen" : "u-strong",
    })),
    ...(wide ? ["f", "i", "g", "o"].map((name) => ({
      x: at[name] + 7, y: Y.bus - 6, text: isHeld(state, name) ? words.held : short(result.sums[name][k]),
    })) : []),
  ];
  return {
    width, height: Y.height, label: words.circuitLabel(state.step, ...["i", "f", "g", "o"].map((name) => fixed(gate[name]))),
    frame: { x: left, y: 4, width: right - left, height: Y.bus + 12 },
    wires,
    labels,
    taps: ["f", "i", "g", "o"].map((name) => ({
      name, x: at[name], y: Y.tap, size, value: gate[name], past: ghost?.[name][k] ?? null, held: isHeld(state, name), signed: name === "g",
    })),
    nodes: [
      { x: at.f, y: Y.c, text: "×" }, { x: at.plus, y: Y.c, text: "+" }, { x: at.plus, y: Y.times, text: "×" },
      { x: at.up, y: Y.tanh, text: "tanh" }, { x: at.o, y: Y.h, text: "×" },
    ],
  };
}

// --- the formula

function gateLine({ state, result }, k) {
  const { gate } = state;
  const [open, act] = gate === "g" ? ["tanh(", Math.tanh] : ["σ(", sigmoid];
  const operands = [state[gate][0], state.x[k], state[gate][1], before(result.h, k), state[gate][2]];
  const evaluate = ([p, q, r, s, t]) => act(p * q + r * s + t);
  const value = result[gate][k];
  const { symbols, print } = affineGate(gate, k, open);
  if (!isHeld(state, gate)) return equation(words.lines[gate === "g" ? "candidate" : "gate"], { operands, evaluate, value }, symbols, print);
  return heldLine(words.lines.gate, words, {
    own: symbolNodes(`${gate}_${k + 1}`), value, operands, evaluate, computed: act(result.sums[gate][k]), print,
  });
}

const gradientLines = ({ state, result: { f, o, c, direct, whole, through } }, k) => backLines({
  words, letter: "c", T: state.x.length, k, share: f, direct, valve: (step) => symbolNodes(`f_${step}`),
  whole: (own) => equation(words.lines.whole, {
    operands: [f[k + 1], whole[k + 1], o[k], c[k], through[k]],
    evaluate: ([p, q, r, s, t]) => p * q + r * (1 - Math.tanh(s) ** 2) * t, value: whole[k],
  }, [own, " = ", ...symbolNodes(`f_${k + 2}`), " ", derivative(`c_${state.x.length}`, `c_${k + 2}`), " + ", ...symbolNodes(`o_${k + 1}`),
    " (1 − tanh² ", ...symbolNodes(`c_${k + 1}`), ") ", derivative(`c_${state.x.length}`, `h_${k + 1}`)],
  (shown, plain) => [plain(0), " × ", shown(1), " + ", plain(2), " × (1 − tanh² ", shown(3), ") × ", shown(4)]),
});

function formula(view) {
  const { state, result } = view;
  const k = state.step - 1;
  const [n, old] = [k + 1, k];
  return [
    gateLine(view, k),
    equation(words.lines.c, {
      operands: [result.f[k], before(result.c, k), result.i[k], result.g[k]], evaluate: ([p, q, r, s]) => p * q + r * s, value: result.c[k],
    }, [...symbolNodes(`c_${n}`), " = ", ...symbolNodes(`f_${n}`), " ", ...symbolNodes(`c_${old}`), " + ", ...symbolNodes(`i_${n}`), " ", ...symbolNodes(`g_${n}`)],
    (shown, plain) => [plain(0), " × ", shown(1), " + ", plain(2), " × ", shown(3)]),
    equation(words.lines.h, {
      operands: [result.o[k], result.c[k]], evaluate: ([p, q]) => p * Math.tanh(q), value: result.h[k],
    }, [...symbolNodes(`h_${n}`), " = ", ...symbolNodes(`o_${n}`), " tanh ", ...symbolNodes(`c_${n}`)],
    (shown, plain) => [plain(0), " × tanh ", shown(1)]),
    lifeLine(words, symbolNodes(`f_${n}`), result.f[k]),
    ...(state.gradient === "off" ? [] : gradientLines(view, k)),
  ];
}

// --- the controls

function controls(tools) {
  const { weight, held, input, length } = gatedSliders(tools, words);
  const free = (state) => !isHeld(state, state.gate);
  return [
    gatePanel(tools, { words, gates: GATES, clamped: ["i", "f", "o"], compute }),
    weight(0, null, free),
    weight(1, null, free),
    weight(2, null, (state) => free(state) && state.gate !== "f"),
    held(null, (state) => !free(state) && state.gate !== "f"),
    weight(2, "f", (state) => !isHeld(state, "f")),
    held("f", (state) => isHeld(state, "f")),
    input,
    length,
  ];
}

const summary = ({ state, result }) => {
  const k = state.step - 1;
  return words.summary(state.step, ...["i", "f", "o", "c", "h"].map((name) => fixed(result[name][k])))
    + (state.gradient === "off" ? "" : words.summaryBack(brief(result.direct[k]), brief(result.whole[k])));
};

// --- the same numbers in Python

function gateCode(state, tanh, sum) {
  return GATES.map((gate) => (isHeld(state, gate)
    ? `    ${gate} = ${tanh.number(literal(state[`clamp_${gate}`]))}  # clamped`
    : `    ${gate} = ${gate === "g" ? tanh.tanh : tanh.sigmoid}(${sum(gate)})`)).join("\n");
}

function copyNumpy(state) {
  const back = state.gradient !== "off";
  const slopes = {
    i: "whole * g * i * (1 - i)", f: "whole * old * f * (1 - f)", g: "whole * i * (1 - g * g)", o: "dh * np.tanh(c) * o * (1 - o)",
  };
  const paths = GATES.filter((gate) => !isHeld(state, gate)).map((gate) => `    back += w_${gate}[1] * ${slopes[gate]}\n`).join("");
  return `# ${words.comment(state.x.length)}
import numpy as np

x = np.array(${literals(state.x)})
${weightsCode(state, GATES)}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


h = c = 0.0
${back ? "run = []\n" : ""}for t, x_t in enumerate(x, start=1):
${gateCode(state, { tanh: "np.tanh", sigmoid: "sigmoid", number: (text) => text }, sumCode)}
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

function copyPytorch(state) {
  const back = state.gradient !== "off";
  const head = `# ${words.comment(state.x.length)}
import torch

x = torch.tensor(${literals(state.x)}, dtype=torch.float64)
`;
  if (!back && CLAMPS.every((name) => state[name] === null)) {
    const tensor = (write) => `torch.tensor([${GATES.map((gate) => write(state[gate])).join(", ")}], dtype=torch.float64)`;
    const column = (n) => tensor((weights) => `[${literal(weights[n])}]`);
    return `${head}lstm = torch.nn.LSTM(1, 1, dtype=torch.float64)
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
  return `${head}${weightsCode(state, GATES)}

# torch.nn.LSTM ${CLAMPS.some((name) => state[name] !== null) ? "cannot hold a gate" : "keeps its gates to itself"}, so here is the loop
h = torch.zeros((), dtype=torch.float64)
c = torch.zeros((), dtype=torch.float64, requires_grad=True)
${back ? "kept, forgets = [], []\n" : ""}for t, x_t in enumerate(x, start=1):
${gateCode(state, { tanh: "torch.tanh", sigmoid: "torch.sigmoid", number: (text) => `torch.tensor(${text}, dtype=torch.float64)` }, sumCode)}
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

export const code = { copyNumpy, copyPytorch };

export default explorer({
  words,
  parameters: gatedParameters(GATES, CLAMPS),
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
