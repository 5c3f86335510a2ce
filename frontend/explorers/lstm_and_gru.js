/**
 * An LSTM and a GRU of one unit each on one input of 2 to 40 steps, their states aligned: what
 * can one cell do that the other cannot? (src/unrolled/explorers/lstm_and_gru.py is its face in
 * Python.)
 *
 * Two of the LSTM's freedoms can be taken away, one by one: that i is a gate of its own, and
 * that o can hide the cell state.
 */

import { sigmoid } from "../core/gates.js";
import * as gru from "../core/gru.js";
import * as lstm from "../core/lstm.js";
import { html, patch, svg } from "../view/dom.js";
import { explorer, segments } from "../view/explorer.js";
import { equation, line } from "../view/formula.js";
import {
  affineGate, before, gatedSliders, gatedStage, inputs, MOST_STEPS, printed, settle, strong, sumCode, unbracketed, weightsCode,
} from "../view/gated.js";
import { bandAxis, bandLane, bandLimit, flowLane, gateLane } from "../view/gates.js";
import { fixed, literal, literals } from "../view/number.js";
import { choice, integer, numbers } from "../view/parameters.js";
import { symbolNodes } from "../view/slider.js";
import { barLane } from "../view/strip.js";
import { lstmAndGru as words } from "../view/words.js";

const GATES = ["f", "i", "g", "o", "z", "r", "n"];
const MERGES = ["none", "i", "o", "both"];
const OPEN = [0, 0, 40]; // sigmoid(40) is 1 in 64-bit numbers

export const presets = {
  count: {
    x: inputs(16, { 2: 1, 4: 1, 7: 1, 11: 1 }), merge: "none",
    i: [0, 0, 10], f: [0, 0, 10], g: [5, 0, 0], o: [0, 0, 10], r: [0, 0, 10], z: [-10, 0, 10], n: [5, 0, 0],
  },
  latch: {
    x: inputs(16, { 2: 1, 6: 0.5, 9: 0.5, 12: 1 }), merge: "both",
    i: [40, 0, -10], f: [-40, 0, 10], g: [12, 0, -9], o: [0, 0, 10], r: [0, 0, 10], z: [-40, 0, 10], n: [12, 0, -9],
  },
  hide: {
    x: inputs(16, { 2: 1, 12: -1 }), merge: "none",
    i: [20, 0, -10], f: [0, 0, 10], g: [3, 0, 0], o: [-20, 0, -10], r: [0, 0, 10], z: [-20, 0, 10], n: [3, 0, 0],
  },
  look: {
    x: inputs(16, { 2: 1, 10: -1 }), merge: "both",
    i: [0, 0, 1.5], f: [0, 0, -1.5], g: [2, 3, 0], o: [0, 0, 10], r: [8, 0, 4], z: [0, 0, -1.5], n: [2, 3, 0],
  },
  default: {
    x: inputs(16, { 2: 1 }), merge: "none",
    i: [0.23, 0.43, 0.01], f: [-0.24, 0.24, -0.07], g: [0.27, -0.11, 0.2], o: [-0.05, -0.81, 0.48],
    r: [0.42, 0.96, 0.18], z: [-0.59, -0.98, 0.66], n: [-0.38, -0.07, -0.1],
  },
};
export const initial = { ...presets.count, gate: "z", step: 11 };

const isTied = ({ merge }) => merge === "i" || merge === "both";
const isShown = ({ merge }) => merge === "o" || merge === "both";

/**
 * The weights as the cells run: the reader's, but for what the LSTM has given up.
 * 1 - sigmoid(a) is sigmoid(-a), so i = 1 - f is a matter of its weights.
 */
const weights = (state) => ({
  ...state,
  ...(isTied(state) ? { i: state.f.map((weight) => -weight) } : {}),
  ...(isShown(state) ? { o: OPEN } : {}),
});
const cellOf = (rows) => ({ W_x: rows.map(([w]) => [w]), W_h: rows.map(([, w]) => [w]), b: rows.map(([, , b]) => b) });

/**
 * Every gate and state of both cells by name, a list of T numbers each: of the `lstm` i, f, g, o,
 * c and h, of the `gru` r, z, n, h and `open`, which is 1 - z. In both, `kept` is what the valve
 * leaves of the last state, and `written` is what is added to it. `seen` is what the GRU's
 * candidate sees of the last state: r times its weighted value. Sums that are too large for
 * 64-bit numbers open or shut a gate, so every number is finite, and |c| at most T.
 */
export function compute(state) {
  const own = weights(state);
  const x = state.x.map((value) => [value]);
  const long = lstm.run(cellOf(lstm.GATES.map((gate) => own[gate])), x);
  const gated = gru.run(cellOf(gru.GATES.map((gate) => own[gate])), x);
  const named = (steps, names) => Object.fromEntries(names.map((name) => [name, steps.map((one) => one[name][0])]));
  return {
    lstm: {
      ...named(long, [...lstm.GATES, "c", "h"]),
      kept: long.map(({ f, from }) => f[0] * from.c[0]),
      written: long.map(({ i, g }) => i[0] * g[0]),
    },
    gru: {
      ...named(gated, [...gru.GATES, "h"]),
      open: gated.map(({ z }) => 1 - z[0]),
      kept: gated.map(({ z, from }) => z[0] * from.h[0]),
      written: gated.map(({ z, n }) => (1 - z[0]) * n[0]),
      seen: gated.map(({ r, from }) => r[0] * own.n[1] * from.h[0]),
    },
  };
}

const ofLSTM = (gate) => lstm.GATES.includes(gate);
const valuesOf = (result, gate) => result[ofLSTM(gate) ? "lstm" : "gru"][gate];

// --- the drawing

// from the top: the LSTM's lanes, the GRU's, and the input of both
const Y = {
  lstm: 13, h: 54, hHalf: 22, o: 96, tap: 20, c: 155, half: 33, i: 214, g: 248, gHalf: 13,
  rule: 274, gru: 289, state: 342, open: 401, n: 435, r: 471, x: 522, reach: 24, foot: 568,
};
const WIDE = { ...Y, left: 118, right: 8 };
const NARROW = { ...Y, left: 38, right: 6 };

/** The lanes' names, and where they stand. */
const NAMES = [
  ["shown", Y.h, "h"], ["o", Y.o], ["c", Y.c - 17], ["f", Y.c + 17], ["i", Y.i], ["g", Y.g],
  ["state", Y.state - 17, "h"], ["z", Y.state + 17], ["open", Y.open, "1 − z"], ["n", Y.n], ["r", Y.r], ["x", Y.x],
];

/** Where a click chooses a gate: so far up and down from its lane's middle. */
const ROOMS = [
  ["o", Y.o, 15], ["f", Y.c, Y.half + 6], ["i", Y.i, 15], ["g", Y.g, 17],
  ["z", Y.state, Y.half + 6], ["z", Y.open, 15], ["n", Y.n, 17], ["r", Y.r, 15],
];

function stage(tools) {
  const axes = { c: bandAxis(), h: bandAxis() };
  const zeros = svg("path", { class: "u-line" });
  const flows = Object.fromEntries(["g", "i", "c", "o", "r", "n", "open"].map((name) => [name, flowLane()]));
  const states = { c: bandLane(), h: bandLane() };
  const valves = { f: gateLane({ valve: true }), z: gateLane({ valve: true }) };
  const taps = { i: gateLane(), o: gateLane(), open: gateLane(), r: gateLane() };
  const bars = { h: barLane(), g: barLane(), n: barLane() };
  const titles = ["lstm", "gru"].map((cell) => svg("text", { x: 0, y: Y[cell], class: "u-strong", text: words.cells[cell] }));

  function draw({ state, result, ghost, width }, { cols, wide }) {
    const at = state.step - 1;
    const { lstm: long, gru: gated } = result;
    // one scale for both bands: the GRU's never leaves its two lines
    const limit = bandLimit(long.c);
    const thick = (value) => (Math.abs(value) / limit) * Y.half;
    axes.c.update({ cols, y: Y.c, half: Y.half, text: wide ? `|c| = ${limit}` : String(limit) });
    axes.h.update({ cols, y: Y.state, half: Y.half / limit, text: wide ? "|h| = 1" : "1" });
    patch(zeros, { d: [Y.h, Y.g, Y.n, Y.x].map((y) => `M${cols.left} ${y}H${cols.end}`).join("") + `M0 ${Y.rule}H${width}` });

    // upwards, through the taps into each band, and of the LSTM out of it
    const top = (value, zero, reach) => zero - Math.max(0, value) * reach;
    flows.g.update({ cols, from: (k) => top(long.g[k], Y.g, Y.gHalf), to: () => Y.i + Y.tap / 2, values: long.g });
    flows.i.update({ cols, from: () => Y.i - Y.tap / 2, to: (k) => Y.c + thick(long.c[k]), values: long.written });
    flows.c.update({ cols, from: (k) => Y.c - thick(long.c[k]), to: () => Y.o + Y.tap / 2, values: long.c.map(Math.tanh) });
    flows.o.update({ cols, from: () => Y.o - Y.tap / 2, to: (k) => Y.h - Math.min(0, long.h[k]) * Y.hHalf, values: long.h });
    flows.r.update({
      cols, from: () => Y.r - Y.tap / 2, to: (k) => Y.n - Math.min(0, gated.n[k]) * Y.gHalf, values: gated.seen, limit: Math.max(1, Math.abs(state.n[1])),
    });
    flows.n.update({ cols, from: (k) => top(gated.n[k], Y.n, Y.gHalf), to: () => Y.open + Y.tap / 2, values: gated.n });
    flows.open.update({ cols, from: () => Y.open - Y.tap / 2, to: (k) => Y.state + thick(gated.h[k]), values: gated.written });
    states.c.update({ cols, y: Y.c, half: Y.half, limit, values: long.c, kept: long.kept, ghost: ghost?.lstm.c });
    states.h.update({ cols, y: Y.state, half: Y.half, limit, values: gated.h, kept: gated.kept, ghost: ghost?.gru.h });
    valves.f.update({ cols, y: Y.c, height: 2 * Y.half + 10, values: long.f, ghost: ghost?.lstm.f });
    valves.z.update({ cols, y: Y.state, height: 2 * Y.half + 10, values: gated.z, ghost: ghost?.gru.z });
    for (const [cell, gate] of [["lstm", "i"], ["lstm", "o"], ["gru", "open"], ["gru", "r"]]) {
      const held = (gate === "i" && isTied(state)) || (gate === "o" && isShown(state));
      taps[gate].update({ cols, y: Y[gate], height: Y.tap, values: result[cell][gate], ghost: ghost?.[cell][gate], held });
    }
    bars.h.update({ cols, zero: Y.h, half: Y.hHalf, limit: 1, values: long.h, ghost: ghost?.lstm.h });
    bars.g.update({ cols, zero: Y.g, half: Y.gHalf, limit: 1, values: long.g, ghost: ghost?.lstm.g });
    bars.n.update({ cols, zero: Y.n, half: Y.gHalf, limit: 1, values: gated.n, ghost: ghost?.gru.n });
    return {
      numbers: [
        [Y.h - Math.max(0, long.h[at]) * Y.hHalf - 5, long.h[at]],
        [Y.c - thick(long.c[at]) - 6, long.c[at]],
        [Y.state - thick(gated.h[at]) - 6, gated.h[at]],
      ],
      names: NAMES.map(([key, y, letter = key]) => ({ key, y, letter })),
    };
  }

  return gatedStage(tools, {
    look: "u-pair", words, wide: WIDE, narrow: NARROW, draw, summary,
    lanes: [zeros, ...[axes, flows, states, valves, taps, bars].flatMap(Object.values).map((one) => one.element), ...titles],
    pick: (py) => ROOMS.find(([, middle, room]) => Math.abs(py - middle) < room)?.[0] ?? null,
  });
}

// --- the formula

/** The candidate of the GRU, in which r multiplies what comes from the old state. */
const resetCandidate = (k) => ({
  symbols: [
    ...symbolNodes(`n_${k + 1}`), " = tanh(", ...symbolNodes("w_xn"), " ", ...symbolNodes(`x_${k + 1}`), " + ", ...symbolNodes(`r_${k + 1}`), " ",
    ...symbolNodes("w_hn"), " ", ...symbolNodes(`h_${k}`), " + ", ...symbolNodes("b_n"), ")",
  ],
  print: (shown, plain) =>
    [`tanh(${unbracketed(plain(0))} × `, shown(1), ` + ${plain(5)} × ${plain(2)} × `, shown(3), ` + ${plain(4)})`],
});

function gateLine({ state, result }, k) {
  const { gate } = state;
  const own = symbolNodes(`${gate}_${k + 1}`);
  const value = valuesOf(result, gate)[k];
  if (gate === "i" && isTied(state)) {
    return equation(words.lines.gate, { operands: [result.lstm.f[k]], evaluate: ([f]) => 1 - f, value },
      [...own, " = 1 − ", ...symbolNodes(`f_${k + 1}`)], (shown, plain) => ["1 − ", plain(0)]);
  }
  if (gate === "o" && isShown(state)) return line(words.lines.gate, [...own, " = ", strong("1")]);
  const candidate = gate === "g" || gate === "n";
  const [open, act] = candidate ? ["tanh(", Math.tanh] : ["σ(", sigmoid];
  const { symbols, print } = gate === "n" ? resetCandidate(k) : affineGate(gate, k, open);
  const [w_x, w_h, b] = state[gate];
  const h = before(result[ofLSTM(gate) ? "lstm" : "gru"].h, k);
  return equation(words.lines[candidate ? "candidate" : "gate"], {
    operands: [w_x, state.x[k], w_h, h, b, gate === "n" ? result.gru.r[k] : 1], evaluate: ([p, q, s, t, u, r]) => act(p * q + r * s * t + u), value,
  }, symbols, print);
}

function formula(view) {
  const { result: { lstm: long, gru: gated }, state } = view;
  const k = state.step - 1;
  const now = (letter) => symbolNodes(`${letter}_${k + 1}`);
  return [
    equation(words.cells.lstm, {
      operands: [long.f[k], before(long.c, k), long.i[k], long.g[k]], evaluate: ([p, q, r, s]) => p * q + r * s, value: long.c[k],
    }, [...now("c"), " = ", ...now("f"), " ", ...symbolNodes(`c_${k}`), " + ", ...now("i"), " ", ...now("g")],
    (shown, plain) => [plain(0), " × ", shown(1), " + ", plain(2), " × ", shown(3)]),
    equation(words.cells.lstm, { operands: [long.o[k], long.c[k]], evaluate: ([p, q]) => p * Math.tanh(q), value: long.h[k] },
      [...now("h"), " = ", ...now("o"), " tanh ", ...now("c")], (shown, plain) => [plain(0), " × tanh ", shown(1)]),
    equation(words.cells.gru, {
      operands: [gated.z[k], before(gated.h, k), gated.n[k]], evaluate: ([z, h, n]) => z * h + (1 - z) * n, value: gated.h[k],
    }, [...now("h"), " = ", ...now("z"), " ", ...symbolNodes(`h_${k}`), " + (1 − ", ...now("z"), ") ", ...now("n")],
    (shown, plain) => [plain(0), " × ", shown(1), " + (1 − ", plain(0), ") × ", shown(2)]),
    gateLine(view, k),
  ];
}

// --- the controls

/** What the LSTM gives up, and which gate's formula is shown. */
function panel({ change }) {
  const merge = segments({ label: words.merge, options: MERGES, labels: words.merges, onvalue: (value) => change({ merge: value }) });
  const which = segments({ label: words.whichGate, options: GATES, labels: words.letters, onvalue: (gate) => change({ gate }) });
  const meaning = html("p", { class: "u-meaning" });
  return {
    element: html("div", { class: "u-panel" },
      html("div", { class: "u-choices u-named" }, html("span", { "aria-hidden": "true", text: words.merge }), merge.element),
      html("div", { class: "u-choices u-named" }, which.element, meaning)),
    update({ state }) {
      merge.update(state.merge);
      which.update(state.gate);
      const { gate } = state;
      patch(meaning, { text: gate === "i" && isTied(state) ? words.tied : gate === "o" && isShown(state) ? words.opened : words.meanings[gate] });
    },
  };
}

function controls(tools) {
  const { weight, input, length } = gatedSliders(tools, words);
  /** The bias of a gate or, where that is not the gate's own any more, why. */
  const bias = (gate, given = () => false, why = null) => {
    const own = weight(2, gate, (state) => !given(state));
    const instead = html("p", { class: "u-meaning", text: why });
    return {
      elements: [own.element, instead],
      update(view) {
        own.update(view);
        patch(instead, { hidden: !given(view.state) });
      },
    };
  };
  const cell = (name, parts, note = null) => ({
    element: html("div", { class: "u-cell" }, html("p", { class: "u-meaning", text: words.own[name] }),
      ...parts.flatMap(({ elements }) => elements), note && html("p", { class: "u-meaning", text: note })),
    update: (view) => parts.forEach((part) => part.update(view)),
  });
  return [
    panel(tools),
    cell("lstm", [bias("f"), bias("i", isTied, words.tied), bias("o", isShown, words.opened)]),
    cell("gru", [bias("z"), bias("r")], words.none),
    input,
    length,
  ];
}

const summary = ({ state, result }) => {
  const k = state.step - 1;
  return words.summary(state.step, fixed(result.lstm.c[k]), fixed(result.lstm.h[k]), fixed(result.gru.h[k]));
};

// --- the same numbers in Python

function copyNumpy(state) {
  const same = (name) => name;
  const used = lstm.GATES.filter((gate) => !(gate === "i" && isTied(state)) && !(gate === "o" && isShown(state)));
  return `# ${words.comment(state.x.length)}
import numpy as np

x = np.array(${literals(state.x)})
# the LSTM
${weightsCode(state, used)}
# the GRU
${weightsCode(state, gru.GATES)}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


c = h = h_gru = 0.0
for t, x_t in enumerate(x, start=1):
    f = sigmoid(${sumCode("f")})
    i = ${isTied(state) ? "1 - f" : `sigmoid(${sumCode("i")})`}
    g = np.tanh(${sumCode("g")})
    o = ${isShown(state) ? "1.0" : `sigmoid(${sumCode("o")})`}
    c = f * c + i * g
    h = o * np.tanh(c)
    print(f"step {t}: LSTM ${printed(["f", "i", "g", "o", "c", "h"], same)}")
    z = sigmoid(${sumCode("z", "h_gru")})
    r = sigmoid(${sumCode("r", "h_gru")})
    n = np.tanh(w_n[0] * x_t + r * w_n[1] * h_gru + w_n[2])
    h_gru = z * h_gru + (1 - z) * n
    print(f"step {t}: GRU ${printed(["z", "r", "n", "h"], (name) => (name === "h" ? "h_gru" : name))}")
`;
}

function copyPytorch(state) {
  const own = weights(state);
  const tensor = (items) => `torch.tensor([${items.join(", ")}], dtype=torch.float64)`;
  const filled = (module, names) => `    ${module}.weight_ih_l0.copy_(${tensor(names.map((gate) => `[${literal(own[gate][0])}]`))})
    ${module}.weight_hh_l0.copy_(${tensor(names.map((gate) => `[${literal(own[gate][1])}]`))})
    ${module}.bias_ih_l0.copy_(${tensor(names.map((gate) => literal(own[gate][2])))})
    ${module}.bias_hh_l0.zero_()`;
  const notes = [isTied(state) ? "i = 1 - f: its weights are f's, negative" : "", isShown(state) ? "o = 1: its bias is 40" : ""].filter(Boolean);
  return `# ${words.comment(state.x.length)}
import torch

x = torch.tensor(${literals(state.x)}, dtype=torch.float64)
lstm = torch.nn.LSTM(1, 1, dtype=torch.float64)
gru = torch.nn.GRU(1, 1, dtype=torch.float64)
with torch.no_grad():
    # the order of the LSTM's gates is i, f, g, o, that of the GRU's is r, z, n
${notes.map((note) => `    # ${note}\n`).join("")}${filled("lstm", lstm.GATES)}
${filled("gru", gru.GATES)}
    state = h_gru = None
    for t, x_t in enumerate(x, start=1):
        h, state = lstm(x_t.reshape(1, 1), state)
        _, h_gru = gru(x_t.reshape(1, 1), h_gru)
        print(f"step {t}: LSTM c {state[1].item():z.2f}, h {h.item():z.2f}")
        print(f"step {t}: GRU h {h_gru.item():z.2f}")
`;
}

export const code = { copyNumpy, copyPytorch };

export default explorer({
  words,
  parameters: [
    numbers("x", { min: 2, max: MOST_STEPS }),
    ...["i", "f", "g", "o", "r", "z", "n"].map((gate) => numbers(gate, { min: 3, max: 3 })),
    choice("merge", MERGES),
    { ...choice("gate", GATES), cursor: true },
    integer("step", { min: 1, max: MOST_STEPS, cursor: true }),
  ],
  initial,
  settle,
  presets,
  compute,
  stage,
  controls,
  formula,
  summary,
  code,
});
