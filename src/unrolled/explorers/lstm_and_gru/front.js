/**
 * An LSTM and a GRU of one unit each on one input of 2 to 40 steps, their states aligned: what
 * can one cell do that the other cannot? The front end of its room.
 *
 * Two of the LSTM's freedoms can be taken away, one by one: that i is a gate of its own, and
 * that o can hide the cell state.
 */

import { stacked } from "#core/gates.js";
import * as gru from "#core/gru.js";
import * as lstm from "#core/lstm.js";
import { inputControl, lengthControl, settingSegments } from "#view/controls.js";
import { html, patch, svg } from "#view/dom.js";
import { explorer } from "#view/explorer.js";
import { line, sumLine, symbols } from "#view/formula.js";
import {
  before, gatedStage, gateLine, inputs, named, onlyWhile, printed, settle, strong, sumCode, weightControl, weightsCode,
} from "#view/gated.js";
import { bandAxis, bandLane, bandLimit, flowLane, gateLane } from "#view/gates.js";
import { fixed, literal, literals } from "#view/number.js";
import { barLane } from "#view/strip.js";

const GATES = ["f", "i", "g", "o", "z", "r", "n"];
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
  const long = lstm.run(stacked(lstm.GATES.map((gate) => own[gate])), x);
  const gated = gru.run(stacked(gru.GATES.map((gate) => own[gate])), x);
  const byName = (steps, names) => Object.fromEntries(names.map((name) => [name, steps.map((one) => one[name][0])]));
  return {
    lstm: {
      ...byName(long, [...lstm.GATES, "c", "h"]),
      kept: long.map(({ f, from }) => f[0] * from.c[0]),
      written: long.map(({ i, g }) => i[0] * g[0]),
    },
    gru: {
      ...byName(gated, [...gru.GATES, "h"]),
      open: gated.map(({ z }) => 1 - z[0]),
      kept: gated.map(({ z, from }) => z[0] * from.h[0]),
      written: gated.map(({ z, n }) => (1 - z[0]) * n[0]),
      seen: gated.map(({ r, from }) => r[0] * own.n[1] * from.h[0]),
    },
  };
}

/** The cell that a gate belongs to. */
const cellOf = (gate) => (lstm.GATES.includes(gate) ? "lstm" : "gru");

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

// Where things end that flows come from and go to: a bar's two ends, a tap's, and half of a band.
const above = (values, zero, half) => (k) => zero - Math.max(0, values[k]) * half;
const below = (values, zero, half) => (k) => zero - Math.min(0, values[k]) * half;
const over = (y) => () => y - Y.tap / 2;
const under = (y) => () => y + Y.tap / 2;
const thick = (value, limit) => (Math.abs(value) / limit) * Y.half;

const elementsOf = (...lanes) => lanes.flatMap(Object.values).map(({ element }) => element);

/** The LSTM's lanes; the flows go up through the taps into its band, and out of it. */
function lstmLanes() {
  const [axis, band, valve] = [bandAxis(), bandLane(), gateLane({ valve: true })];
  const flows = { g: flowLane(), i: flowLane(), c: flowLane(), o: flowLane() };
  const taps = { i: gateLane(), o: gateLane() };
  const bars = { h: barLane(), g: barLane() };
  return {
    elements: elementsOf({ axis }, flows, { band, valve }, taps, bars),
    update({ state, result: { lstm: { g, c, h, kept, written, ...now } }, ghost }, { cols, wide }, limit) {
      const of = (name) => ({ cols, values: { g, c, h, ...now }[name], ghost: ghost?.lstm[name] });
      axis.update({ cols, y: Y.c, half: Y.half, text: wide ? `|c| = ${limit}` : String(limit) });
      flows.g.update({ cols, from: above(g, Y.g, Y.gHalf), to: under(Y.i), values: g });
      flows.i.update({ cols, from: over(Y.i), to: (k) => Y.c + thick(c[k], limit), values: written });
      flows.c.update({ cols, from: (k) => Y.c - thick(c[k], limit), to: under(Y.o), values: c.map(Math.tanh) });
      flows.o.update({ cols, from: over(Y.o), to: below(h, Y.h, Y.hHalf), values: h });
      band.update({ ...of("c"), y: Y.c, half: Y.half, limit, kept });
      valve.update({ ...of("f"), y: Y.c, height: 2 * Y.half + 10 });
      taps.i.update({ ...of("i"), y: Y.i, height: Y.tap, held: isTied(state) });
      taps.o.update({ ...of("o"), y: Y.o, height: Y.tap, held: isShown(state) });
      bars.h.update({ ...of("h"), zero: Y.h, half: Y.hHalf, limit: 1 });
      bars.g.update({ ...of("g"), zero: Y.g, half: Y.gHalf, limit: 1 });
    },
  };
}

/** The GRU's lanes: what it stores is what it shows. */
function gruLanes() {
  const [axis, band, valve, bars] = [bandAxis(), bandLane(), gateLane({ valve: true }), barLane()];
  const flows = { r: flowLane(), n: flowLane(), open: flowLane() };
  const taps = { open: gateLane(), r: gateLane() };
  return {
    elements: elementsOf({ axis }, flows, { band, valve }, taps, { bars }),
    update({ state, result: { gru: now }, ghost }, { cols, wide }, limit) {
      const { n, h, kept, written, seen } = now;
      const of = (name) => ({ cols, values: now[name], ghost: ghost?.gru[name] });
      axis.update({ cols, y: Y.state, half: Y.half / limit, text: wide ? "|h| = 1" : "1" });
      flows.r.update({ cols, from: over(Y.r), to: below(n, Y.n, Y.gHalf), values: seen, limit: Math.max(1, Math.abs(state.n[1])) });
      flows.n.update({ cols, from: above(n, Y.n, Y.gHalf), to: under(Y.open), values: n });
      flows.open.update({ cols, from: over(Y.open), to: (k) => Y.state + thick(h[k], limit), values: written });
      band.update({ ...of("h"), y: Y.state, half: Y.half, limit, kept });
      valve.update({ ...of("z"), y: Y.state, height: 2 * Y.half + 10 });
      for (const [gate, tap] of Object.entries(taps)) tap.update({ ...of(gate), y: Y[gate], height: Y.tap });
      bars.update({ ...of("n"), zero: Y.n, half: Y.gHalf, limit: 1 });
    },
  };
}

function stage(tools) {
  const { cells, rows, names } = tools.words;
  const [upper, lower] = [lstmLanes(), gruLanes()];
  const rule = svg("path", { class: "u-line" });
  const titles = ["lstm", "gru"].map((cell) => svg("text", { x: 0, y: Y[cell], class: "u-strong", text: cells[cell] }));

  function draw(view, place) {
    const { state, result: { lstm: { c, h }, gru: { h: gated } }, width } = view;
    const at = state.step - 1;
    const limit = bandLimit(c); // of both bands: the GRU's never leaves its two lines
    patch(rule, { d: `M0 ${Y.rule}H${width}` });
    upper.update(view, place, limit);
    lower.update(view, place, limit);
    return {
      zeros: [Y.h, Y.g, Y.n],
      numbers: [
        [above(h, Y.h, Y.hHalf)(at) - 5, h[at]],
        [Y.c - thick(c[at], limit) - 6, c[at]],
        [Y.state - thick(gated[at], limit) - 6, gated[at]],
      ],
      names: NAMES.map(([key, y, letter = key]) => ({ letter, y, text: rows[key] ?? names[key], chosen: key === state.gate })),
    };
  }

  return gatedStage(tools, {
    wide: WIDE, narrow: NARROW, draw,
    lanes: [rule, ...upper.elements, ...lower.elements, ...titles],
    pick: (py) => ROOMS.find(([, middle, room]) => Math.abs(py - middle) < room)?.[0] ?? null,
  });
}

// --- the formula

/** The chosen gate, as it is computed or what the LSTM has instead. */
function chosenLine({ state, result, words }, k) {
  const { gate } = state;
  const n = k + 1;
  if (gate === "i" && isTied(state)) {
    return sumLine(words.lines.gate, `i_${n} = 1 − f_${n}`, { operands: [result.lstm.f[k]], evaluate: ([f]) => 1 - f, value: result.lstm.i[k] });
  }
  if (gate === "o" && isShown(state)) return line(words.lines.gate, [...symbols(`o_${n} = `), strong("1")]);
  if (gate !== "n") return gateLine({ state, result: result[cellOf(gate)], words }, k, gate === "g");
  // in the GRU's candidate, r multiplies what comes from the old state
  const [w_x, w_h, b] = state.n;
  return sumLine(words.lines.candidate, `n_${n} = tanh(w_xn × x_${n} + r_${n} × w_hn × h_${k} + b_n)`, {
    operands: [w_x, state.x[k], result.gru.r[k], w_h, before(result.gru.h, k), b],
    evaluate: ([p, q, r, s, t, u]) => Math.tanh(p * q + r * s * t + u), value: result.gru.n[k],
  });
}

function formula(view) {
  const { state, result: { lstm: { f, i, g, o, c, h }, gru: { z, n: candidate, h: gated } }, words } = view;
  const k = state.step - 1;
  const n = k + 1;
  return [
    sumLine(words.cells.lstm, `c_${n} = f_${n} × c_${k} + i_${n} × g_${n}`, {
      operands: [f[k], before(c, k), i[k], g[k]], evaluate: ([p, q, r, s]) => p * q + r * s, value: c[k],
    }),
    sumLine(words.cells.lstm, `h_${n} = o_${n} × tanh c_${n}`, { operands: [o[k], c[k]], evaluate: ([p, q]) => p * Math.tanh(q), value: h[k] }),
    sumLine(words.cells.gru, `h_${n} = z_${n} × h_${k} + (1 − z_${n}) × n_${n}`, {
      operands: [z[k], before(gated, k), candidate[k]], evaluate: ([p, q, r]) => p * q + (1 - p) * r, value: gated[k],
    }),
    chosenLine(view, k),
  ];
}

// --- the controls

const note = (text = "") => html("p", { class: "u-meaning", text });

function meaning({ gate, merge }, words) {
  if (gate === "i" && isTied({ merge })) return words.tied;
  return gate === "o" && isShown({ merge }) ? words.opened : words.meanings[gate];
}

/** What the LSTM gives up, and which gate's formula is shown. */
function panel(tools) {
  const { words } = tools;
  const { none, both } = words.merges;
  const merge = settingSegments(tools, "merge", words.merge, { none, i: "i = 1 − f", o: "o = 1", both });
  const gate = settingSegments(tools, "gate", words.whichGate, Object.fromEntries(GATES.map((one) => [one, one])));
  const told = note();
  return {
    element: html("div", { class: "u-panel" },
      named(words.merge, merge),
      html("div", { class: "u-choices u-named" }, gate.element, told)),
    update(view) {
      merge.update(view);
      gate.update(view);
      patch(told, { text: meaning(view.state, words) });
    },
  };
}

/** A cell's sliders under its name; with a last word. */
const unit = (name, parts, last = null) => ({
  element: html("div", { class: "unit" }, note(name), ...parts.map(({ element }) => element), last && note(last)),
  update: (view) => parts.forEach((part) => part.update(view)),
});

function controls(tools) {
  const { words } = tools;
  const bias = (gate) => weightControl(tools, "b", { gate, names: words.biases });
  /** A gate's bias or, where it is not the gate's own any more, why. */
  const givenUp = (gate, given, why) =>
    [onlyWhile((state) => !given(state), bias(gate)), onlyWhile(given, { element: note(why), update: () => {} })];
  return [
    panel(tools),
    unit(words.own.lstm, [bias("f"), ...givenUp("i", isTied, words.tied), ...givenUp("o", isShown, words.opened)]),
    unit(words.own.gru, [bias("z"), bias("r")], words.none),
    inputControl(tools),
    lengthControl(tools),
  ];
}

function summary({ state, result, words }) {
  const k = state.step - 1;
  return words.summary({ step: state.step, c: fixed(result.lstm.c[k]), h: fixed(result.lstm.h[k]), gru: fixed(result.gru.h[k]) });
}

// --- the same numbers in Python

function copyNumpy(state, words) {
  const same = (name) => name;
  const used = lstm.GATES.filter((gate) => !(gate === "i" && isTied(state)) && !(gate === "o" && isShown(state)));
  return `# ${words.comment({ timesteps: state.x.length })}
import numpy as np

x = np.array(${literals(state.x)})
# ${words.code.lstm}
${weightsCode(state, used)}
# ${words.code.gru}
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

function copyPytorch(state, words) {
  const own = weights(state);
  const tensor = (items) => `torch.tensor([${items.join(", ")}], dtype=torch.float64)`;
  const filled = (module, names) => `    ${module}.weight_ih_l0.copy_(${tensor(names.map((gate) => `[${literal(own[gate][0])}]`))})
    ${module}.weight_hh_l0.copy_(${tensor(names.map((gate) => `[${literal(own[gate][1])}]`))})
    ${module}.bias_ih_l0.copy_(${tensor(names.map((gate) => literal(own[gate][2])))})
    ${module}.bias_hh_l0.zero_()`;
  const notes = [words.code.order, ...(isTied(state) ? [words.code.tied] : []), ...(isShown(state) ? [words.code.opened] : [])];
  return `# ${words.comment({ timesteps: state.x.length })}
import torch

x = torch.tensor(${literals(state.x)}, dtype=torch.float64)
lstm = torch.nn.LSTM(1, 1, dtype=torch.float64)
gru = torch.nn.GRU(1, 1, dtype=torch.float64)
with torch.no_grad():
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
  cursors: ["gate", "step"],
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
