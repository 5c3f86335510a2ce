/**
 * The hidden state of one recurrent unit, unrolled over 2 to 40 steps: the front end of its room.
 */

import { ACTIVATIONS, run } from "#core/rnn.js";
import { inputControl, lengthControl, settingControl, settingSegments, stepSlider } from "#view/controls.js";
import { html, patch, repeat, sketch, svg } from "#view/dom.js";
import { drag } from "#view/drag.js";
import { answer, explorer } from "#view/explorer.js";
import { decimalsFor, fixed, literal, literals, trimmed } from "#view/number.js";
import { operand, signed } from "#view/formula.js";
import { symbolNodes } from "#view/slider.js";
import {
  arrowPath, barLane, cellLane, columns, cursorBand, nameLane, signedAxis, signedLimit, startCell, symbolText, tickLane,
} from "#view/strip.js";

/** All hidden states, from the tested cell: a list of T numbers. */
export function compute({ x, w_x, w_h, b, h_0, activation }) {
  const cell = { W_x: [[w_x]], W_h: [[w_h]], b: [b], activation };
  return { h: run(cell, x.map((value) => [value]), [h_0]).map(([value]) => value) };
}

/** The scale of the states: tanh never leaves [-1, 1]; ReLU and the identity may. */
const stateLimit = (view) => (view.state.activation === "tanh" && Math.abs(view.state.h_0) <= 1
  ? 1 : signedLimit([...view.result.h, view.state.h_0]));

// --- the drawing

const WIDE = {
  left: 70, top: 6, state: 62, half: 46, cell: 156, input: 256, reach: 46, foot: 334, height: 344, h0: 47,
};
const NARROW = {
  left: 40, right: 8, top: 6, state: 62, half: 44, cell: 150, input: 238, reach: 40, foot: 314, height: 324, h0: 25,
};
/** A phone held sideways. */
const LOW = { ...NARROW, top: 4, state: 50, half: 38, cell: 122, input: 192, reach: 32, foot: 248, height: 256 };

/** The same two weights on every copy: an arrow from the cell before, a line from the input. */
function wiring() {
  const across = svg("path");
  const upward = svg("path", { class: "u-dotted" });
  const names = svg("g");
  const lines = svg("g", { class: "u-wires" }, across, upward);
  function update({ state }, { cols, layout, radius, stop, roomy, at }) {
    const start = (k) => (k === 0 ? layout.h0 + radius + 1 : cols.x(k - 1) + stop + 1);
    const foot = (k) => layout.input - Math.max(0, Math.min(1, state.x[k])) * layout.reach - 8;
    const all = state.x.map((_, k) => k);
    patch(across, {
      d: all.map((k) => arrowPath(start(k), cols.x(k) - stop - 1.5, layout.cell)).join(""),
      "stroke-width": (0.8 + 0.7 * Math.min(2, Math.abs(state.w_h))).toFixed(2),
    });
    patch(upward, {
      d: all.map((k) => `M${cols.x(k).toFixed(1)} ${foot(k).toFixed(1)}V${layout.cell + (roomy ? 17 : stop + 2)}`).join(""),
    });
    const labelled = roomy ? all : [at]; // text is dear to lay out: only what is shown is there
    repeat(names, 2 * labelled.length, (n) => symbolText("w", n % 2 ? "x" : "h")).forEach((text, n) => {
      const k = labelled[n >> 1];
      const gap = (k === 0 ? (layout.h0 + radius + cols.x(0) - stop) / 2 : cols.x(k) - cols.pitch / 2);
      patch(text, {
        x: Math.min(n % 2 ? cols.x(k) + 12 : gap, cols.end - 8).toFixed(1),
        y: n % 2 ? layout.cell + (roomy ? 33 : layout === LOW ? 18 : 24) : layout.cell - (roomy ? 20 : 11),
        class: `u-symbol ${k === at ? "u-chosen" : ""}`,
      });
    });
  }
  return { lines, names, update };
}

/** Numbers beside the inputs that are not zero where there is room, else at the cursor; there the state's too. */
function numberLane() {
  const inputs = svg("g");
  const states = svg("g");
  function update({ state, result, width }, { cols, layout, limit, roomy, at }) {
    const within = (x) => Math.min(x, width - 18).toFixed(1);
    const told = roomy ? state.x.map((_, k) => k).filter((k) => state.x[k] !== 0 || k === at) : [at];
    repeat(inputs, told.length, () => svg("text")).forEach((text, n) => {
      const k = told[n];
      const value = state.x[k];
      const y = layout.input - Math.max(-1, Math.min(1, value)) * layout.reach;
      const side = !roomy ? 0 : k < cols.count - 1 ? 1 : -1;
      patch(text, {
        x: side ? (cols.x(k) + 11 * side).toFixed(1) : within(cols.x(k)),
        y: (side ? y + 4.5 : value < 0 ? y + 20 : y - 10).toFixed(1),
        "text-anchor": ["end", "middle", "start"][side + 1], text: fixed(value, 2),
      });
    });
    repeat(states, roomy ? 0 : 1, () => svg("text", { "text-anchor": "middle", class: "u-strong" })).forEach((text) => {
      const value = result.h[at];
      const y = layout.state - Math.max(-1, Math.min(1, (value || 0) / limit)) * layout.half;
      patch(text, {
        x: within(cols.x(at)), text: fixed(value, 2),
        y: (value < 0 ? Math.min(y + 15, layout.state + layout.half + 10) : Math.max(y - 6, 15)).toFixed(1),
      });
    });
  }
  return { inputs, states, update };
}

/** h_0 comes in from the left. */
function initialState() {
  const cell = startCell();
  const label = symbolText("h", "0");
  return {
    elements: [cell.element, label],
    update({ layout, radius, value, limit }) {
      cell.update({ x: layout.h0, y: layout.cell, radius, value, limit });
      patch(label, { x: layout.h0, y: layout.cell + radius + 15 });
    },
  };
}

function stage(tools) {
  const { change, current, words } = tools;
  const [band, axis, states, inputs, cells] = [cursorBand(), signedAxis(), barLane(), barLane({ handles: true }), cellLane()];
  const [wires, first, ticks, numbers, rows] = [wiring(), initialState(), tickLane(), numberLane(), nameLane()];
  const inputLine = svg("line", { class: "u-line" });
  const drawing = svg(
    "svg", { role: "img" }, band.element, axis.element, inputLine, wires.lines, states.element, wires.names, ...first.elements,
    cells.element, inputs.element, ticks.element, numbers.inputs, numbers.states, rows.element,
  );
  const time = stepSlider(tools);
  const field = html("div", { class: "u-field" }, drawing);
  let cols;
  let layout;
  for (const element of [axis.element, states.element, ...cells.values, numbers.states]) answer(element);
  drag(field, { cols: () => cols, row: () => ({ zero: layout.input, reach: layout.reach }), change, current });

  function update(view) {
    const { state, result, ghost, width, room } = view;
    const wide = width >= 560;
    const low = room < 360;
    layout = low ? LOW : wide ? WIDE : NARROW;
    cols = columns(width, state.x.length, layout);
    const at = state.step - 1;
    const place = { cols, layout, at, limit: stateLimit(view), roomy: !low && cols.pitch >= 44, radius: wide ? 8 : 5 };
    const { limit, roomy } = place;
    const { left: x1, end: x2 } = cols;
    patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": view.label });
    band.update({ cols, at, top: layout.top, bottom: layout.foot + 8 });
    axis.update({ cols, zero: layout.state, half: layout.half, limit });
    patch(inputLine, { x1, x2, y1: layout.input, y2: layout.input });
    states.update({ cols, zero: layout.state, half: layout.half, limit, values: result.h, ghost: ghost?.h });
    inputs.update({ cols, zero: layout.input, half: layout.reach, limit: 1, values: state.x });
    place.stop = cells.update({ cols, y: layout.cell, limit, values: result.h, numbers: roomy });
    first.update({ ...place, value: state.h_0 });
    wires.update(view, place);
    numbers.update(view, place);
    ticks.update({ cols, at, y: layout.foot });
    const { rows: names } = words;
    rows.update([
      ...(wide ? [[names.state, layout.state], [names.cell, layout.cell], [names.input, layout.input]] : []), [words.step, layout.foot - 4],
    ]);
    time.update({ cols, step: state.step });
  }
  return { element: html("div", {}, field, time.element), update };
}

// --- the formula, the sliders, the words

function formula({ state, result, words }) {
  const k = state.step - 1;
  const { w_x, w_h, b } = state;
  const x = state.x[k];
  const before = k === 0 ? state.h_0 : result.h[k - 1];
  const h = result.h[k];
  const act = ACTIVATIONS[state.activation];
  const { decimals, exact } = decimalsFor([w_x, x, w_h, before, b], ([p, q, r, s, t]) => act(p * q + r * s + t), h);
  const [open, close] = state.activation === "identity" ? ["", ""] : [`${words.activations[state.activation]}(`, ")"];
  return [
    sketch("span", {}, ...symbolNodes(`h_${k + 1}`), ` = ${open}`, ...symbolNodes("w_x"), " ", ...symbolNodes(`x_${k + 1}`), " + ",
      ...symbolNodes("w_h"), " ", ...symbolNodes(`h_${k}`), " + ", ...symbolNodes("b"), close),
    " ",
    sketch("span", {}, `= ${open}${trimmed(w_x, decimals)} × `, operand(x, decimals), ` + ${signed(w_h, decimals)} × `, operand(before, decimals),
      ` + ${signed(b, decimals)}${close}`),
    " ",
    sketch("span", {}, exact ? "= " : "≈ ", sketch("b", { text: fixed(h, 2) })),
  ];
}

const controls = (tools) => [
  ...["w_h", "w_x", "h_0", "b"].map((name) => settingControl(tools, name, { label: tools.words.weightControls[name] })),
  inputControl(tools),
  lengthControl(tools),
];

const summary = ({ state, result, words }) => words.summary({
  step: state.step, state: fixed(result.h[state.step - 1]), timesteps: state.x.length, last: fixed(result.h.at(-1)),
});

function status(view) {
  const overflow = view.result.h.findIndex((value) => !Number.isFinite(value));
  if (overflow >= 0) return view.words.stateOverflow({ step: overflow + 1 });
  const limit = stateLimit(view);
  return view.result.h.some((value) => Math.abs(value) > limit) ? view.words.beyond({ limit }) : null;
}

// --- the same numbers in Python

function copyNumpy({ x, w_x, w_h, b, h_0, activation }, words) {
  const call = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[activation];
  return `# ${words.comment({ timesteps: x.length })}
import numpy as np

x = np.array(${literals(x)})
w_x, w_h, b = ${literal(w_x)}, ${literal(w_h)}, ${literal(b)}
h = ${literal(h_0)}
for x_t in x:
    h = ${call("w_x * x_t + w_h * h + b")}
    print(f"{h:z.2f}")
`;
}

function copyPytorch({ x, w_x, w_h, b, h_0, activation }, words) {
  const head = `# ${words.comment({ timesteps: x.length })}
import torch

x = torch.tensor(${literals(x)}, dtype=torch.float64)
`;
  if (activation === "identity") {
    return `${head}w_x, w_h, b = ${literal(w_x)}, ${literal(w_h)}, ${literal(b)}
h = torch.tensor(${literal(h_0)}, dtype=torch.float64)
for x_t in x:  # torch.nn.RNN knows tanh and ReLU only, so here is the loop
    h = w_x * x_t + w_h * h + b
    print(f"{h.item():z.2f}")
`;
  }
  return `${head}rnn = torch.nn.RNN(1, 1, nonlinearity="${activation}", dtype=torch.float64)
with torch.no_grad():
    rnn.weight_ih_l0.fill_(${literal(w_x)})  # w_x
    rnn.weight_hh_l0.fill_(${literal(w_h)})  # w_h
    rnn.bias_ih_l0.fill_(${literal(b)})  # b
    rnn.bias_hh_l0.fill_(0.0)  # PyTorch has two biases; they are added
h_0 = torch.full((1, 1), ${literal(h_0)}, dtype=torch.float64)
output, h_n = rnn(x.reshape(-1, 1), h_0)
for h in output.flatten().tolist():
    print(f"{h:z.2f}")
`;
}

export const code = { copyNumpy, copyPytorch };

/** What was computed, by the names that the face has for it. */
export const names = (state, { h }) => ({ hidden_states: h });

export default explorer({
  cursors: ["step"],
  settle: (state) => ({ ...state, step: Math.min(state.step, state.x.length) }),
  compute, names,
  stage,
  controls,
  choice: (tools) => settingSegments(tools, "activation", tools.words.activation, tools.words.activations),
  formula,
  status,
  summary,
  code,
});
