/**
 * The hidden state of one recurrent unit, unrolled over 2 to 40 steps
 * (src/unrolled/explorers/hidden_state.py is its face in Python).
 */

import { ACTIVATIONS, run } from "../core/rnn.js";
import { html, patch, repeat, svg } from "../view/dom.js";
import { drag } from "../view/drag.js";
import { explorer, segments } from "../view/explorer.js";
import { decimalsFor, fixed, literal, literals, trimmed } from "../view/number.js";
import { operand, signed } from "../view/formula.js";
import { choice, integer, number, numbers } from "../view/parameters.js";
import { range, slider, symbolNodes } from "../view/slider.js";
import {
  arrowPath, barLane, cellLane, columns, cursorBand, signedAxis, signedLimit, startCell, symbolText,
} from "../view/strip.js";
import { hiddenState as words } from "../view/words.js";

const MOST_STEPS = 40;
const pulse = [1, ...Array(11).fill(0)];
const base = { x: pulse, w_x: 1, w_h: 0.9, b: 0, h_0: 0, activation: "tanh" };

const presets = {
  fades: { ...base, w_h: 0.6 },
  remembers: { ...base, w_h: 1.5 },
  flips: { ...base, w_h: -0.9 },
  saturates: { ...base, x: [0.9, 0.2, 0.7, 0.4, 1, 0.3, 0.8, 0.1, 0.6, 1, 0.5, 0.3], w_x: 2, w_h: 2 },
  explodes: { ...base, w_h: 1.5, activation: "identity" },
};

/** All hidden states, from the tested cell: a list of T numbers. */
function compute({ x, w_x, w_h, b, h_0, activation }) {
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

function stage({ change, current }) {
  const band = cursorBand();
  const axis = signedAxis();
  const inputLine = svg("line", { class: "u-line" });
  const states = barLane();
  const inputs = barLane({ handles: true });
  const cells = cellLane();
  const across = svg("path");
  const upward = svg("path", { class: "u-dotted" });
  const wires = svg("g", { class: "u-wires" }, across, upward);
  const weights = svg("g", { class: "u-weights" });
  const first = startCell();
  const firstLabel = symbolText("h", "0");
  const ticks = svg("g", { class: "u-ticks" });
  const values = svg("g", { class: "u-values" });
  const chosen = svg("g");
  const rows = svg("g", { class: "u-rows" });
  const grip = html("div", { class: "u-grip" });
  const drawing = svg(
    "svg", { role: "img" }, band.element, axis.element, inputLine, wires, states.element, weights, first.element, firstLabel,
    cells.element, inputs.element, ticks, values, chosen, rows,
  );
  const field = html("div", { class: "u-field" }, drawing, grip);
  const time = range({
    min: 1, max: MOST_STEPS, step: 1, label: words.stepControl, onvalue: (step) => change({ step }),
  });
  time.element.classList.add("u-time");
  const element = html("div", {}, field, time.element);

  let cols;
  let layout;
  drag(field, {
    cols: () => cols,
    reach: () => layout.reach,
    isInput: (py) => py > (layout.cell + layout.input - layout.reach) / 2 && py < layout.foot - 14,
    change,
    current,
    grip,
  });

  function update(view) {
    const { state, result, ghost, width } = view;
    const wide = width >= 560;
    layout = wide ? WIDE : NARROW;
    cols = columns(width, state.x.length, layout);
    const at = state.step - 1;
    const roomy = cols.pitch >= 42;
    const limit = stateLimit(view);
    patch(drawing, {
      width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`,
      "aria-label": summary(view),
    });
    band.update({ cols, at, top: layout.top, bottom: layout.foot + 8 });
    axis.update({ cols, zero: layout.state, half: layout.half, limit });
    patch(inputLine, { x1: cols.left, x2: cols.end, y1: layout.input, y2: layout.input });
    states.update({ cols, zero: layout.state, half: layout.half, limit, values: result.h, ghost: ghost?.h });
    inputs.update({ cols, zero: layout.input, half: layout.reach, limit: 1, values: state.x });
    const stop = cells.update({ cols, y: layout.cell, limit, values: result.h, numbers: roomy });

    // h_0 comes in from the left
    const radius = wide ? 8 : 5;
    first.update({ x: layout.h0, y: layout.cell, radius, value: state.h_0, limit });
    patch(firstLabel, { x: layout.h0, y: layout.cell + radius + 15 });

    // the same two weights on every copy: an arrow from the cell before, a line from the input
    let arrows = "";
    let lines = "";
    for (let k = 0; k < cols.count; k++) {
      const from = k === 0 ? layout.h0 + radius + 1 : cols.x(k - 1) + stop + 1;
      arrows += arrowPath(from, cols.x(k) - stop - 1.5, layout.cell);
      const start = layout.input - Math.max(0, Math.min(1, state.x[k])) * layout.reach - 8;
      lines += `M${cols.x(k).toFixed(1)} ${start.toFixed(1)}V${layout.cell + (roomy ? 17 : stop + 2)}`;
    }
    patch(across, { d: arrows, "stroke-width": (0.8 + 0.7 * Math.min(2, Math.abs(state.w_h))).toFixed(2) });
    patch(upward, { d: lines });
    const all = Array.from({ length: cols.count }, (_, k) => k);
    const labelled = roomy ? all : [at]; // text is dear to lay out: only what is shown is there
    repeat(weights, 2 * labelled.length, (n) => symbolText("w", n % 2 ? "x" : "h")).forEach((text, n) => {
      const k = labelled[n >> 1];
      const gap = (k === 0 ? (layout.h0 + radius + cols.x(0) - stop) / 2 : cols.x(k) - cols.pitch / 2);
      patch(text, {
        x: Math.min(n % 2 ? cols.x(k) + 12 : gap, cols.end - 8).toFixed(1),
        y: n % 2 ? layout.cell + (roomy ? 33 : 24) : layout.cell - (roomy ? 20 : 11),
        class: `u-symbol ${k === at ? "u-chosen" : ""}`,
      });
    });

    // numbers beside the inputs that are not zero where there is room, else at the cursor
    const within = (x) => Math.min(x, width - 18).toFixed(1);
    const told = roomy ? all.filter((k) => state.x[k] !== 0 || k === at) : [at];
    repeat(values, told.length, () => svg("text")).forEach((text, n) => {
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
    repeat(chosen, roomy ? 0 : 1, () => svg("text", { "text-anchor": "middle", class: "u-strong" })).forEach((text) => {
      const value = result.h[at];
      const y = layout.state - Math.max(-1, Math.min(1, (value || 0) / limit)) * layout.half;
      patch(text, {
        x: within(cols.x(at)), text: fixed(value, 2),
        y: (value < 0 ? Math.min(y + 15, layout.state + layout.half + 10) : Math.max(y - 6, 15)).toFixed(1),
      });
    });
    const every = cols.pitch >= 18 ? 1 : 5;
    const numbered = all.filter((k) => k === at
      || ((k + 1) % every === 0 && (every === 1 || Math.abs(k - at) * cols.pitch >= 16)));
    repeat(ticks, numbered.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, n) => {
      const k = numbered[n];
      patch(text, { x: cols.x(k).toFixed(1), y: layout.foot, class: k === at ? "u-chosen" : "", text: String(k + 1) });
    });
    const names = wide
      ? [[words.rows.state, layout.state], [words.rows.cell, layout.cell], [words.rows.input, layout.input], [words.rows.step, layout.foot - 4]]
      : [[words.rows.step, layout.foot - 4]];
    repeat(rows, names.length, () => svg("text", { x: 0 })).forEach((text, k) => {
      patch(text, { y: names[k][1] + 4, text: names[k][0] });
    });
    const room = Math.max(44, cols.pitch);
    patch(grip, {
      style: `left:${cols.x(at) - room / 2}px;width:${room}px;`
        + `top:${layout.input - layout.reach - 14}px;height:${2 * layout.reach + 28}px`,
    });
    time.update(state.step, {
      text: words.stepValue(state.step, state.x.length), upper: state.x.length,
    });
    // the thumb is 20 px wide; its centre stands under the column
    time.element.style.marginLeft = `${cols.x(0) - 10}px`;
    time.element.style.width = `${cols.pitch * (cols.count - 1) + 20}px`;
  }
  return { element, update };
}

// --- the formula, the sliders, the words

function formula({ state, result }) {
  const k = state.step - 1;
  const { w_x, w_h, b } = state;
  const x = state.x[k];
  const before = k === 0 ? state.h_0 : result.h[k - 1];
  const h = result.h[k];
  const act = ACTIVATIONS[state.activation];
  const { decimals, exact } = decimalsFor([w_x, x, w_h, before, b], ([p, q, r, s, t]) => act(p * q + r * s + t), h);
  const [open, close] = state.activation === "identity" ? ["", ""] : [`${words.activations[state.activation]}(`, ")"];
  return [
    html("span", {}, ...symbolNodes(`h_${k + 1}`), ` = ${open}`, ...symbolNodes("w_x"), " ", ...symbolNodes(`x_${k + 1}`), " + ",
      ...symbolNodes("w_h"), " ", ...symbolNodes(`h_${k}`), " + ", ...symbolNodes("b"), close),
    " ",
    html("span", {}, `= ${open}${trimmed(w_x, decimals)} × `, operand(x, decimals), ` + ${signed(w_h, decimals)} × `, operand(before, decimals),
      ` + ${signed(b, decimals)}${close}`),
    " ",
    html("span", {}, exact ? "= " : "≈ ", html("b", { text: fixed(h, 2) })),
  ];
}

function controls({ change, current, say }) {
  const weight = (name) => {
    const part = slider({
      symbol: name, label: words.weightControls[name], min: name === "h_0" ? -1 : -2, max: name === "h_0" ? 1 : 2, step: 0.01,
      onvalue: (value) => change({ [name]: value }), onerror: say,
    });
    return { element: part.element, update: ({ state }) => part.update(state[name]) };
  };
  const input = slider({
    symbol: "x_1", label: words.inputControl(1), min: -1, max: 1, step: 0.01, onerror: say,
    onvalue(value) {
      const { x, step } = current();
      change({ x: x.map((old, k) => (k === step - 1 ? value : old)) });
    },
  });
  // inputs that a shorter sequence hides come back when it grows again
  let kept = [];
  const length = slider({
    symbol: words.lengthLabel, label: words.lengthControl, min: 2, max: MOST_STEPS, step: 1, whole: true, onerror: say,
    onvalue(timesteps) {
      const { x } = current();
      kept = [...x, ...kept.slice(x.length)];
      change({ x: Array.from({ length: timesteps }, (_, k) => kept[k] ?? 0) });
    },
  });
  return [
    weight("w_h"), weight("w_x"), weight("h_0"), weight("b"),
    {
      element: input.element,
      update: ({ state }) =>
        input.update(state.x[state.step - 1], { symbol: `x_${state.step}`, label: words.inputControl(state.step) }),
    },
    { element: length.element, update: ({ state }) => length.update(state.x.length) },
  ];
}

const summary = ({ state, result }) =>
  words.summary(state.step, fixed(result.h[state.step - 1]), state.x.length, fixed(result.h.at(-1)));

function status(view) {
  const overflow = view.result.h.findIndex((value) => !Number.isFinite(value));
  if (overflow >= 0) return words.overflow(overflow + 1);
  const limit = stateLimit(view);
  return view.result.h.some((value) => Math.abs(value) > limit) ? words.clipped(limit) : null;
}

// --- the same numbers in Python

function copyNumpy({ x, w_x, w_h, b, h_0, activation }) {
  const call = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[activation];
  return `# ${words.comment(x.length)}
import numpy as np

x = np.array(${literals(x)})
w_x, w_h, b = ${literal(w_x)}, ${literal(w_h)}, ${literal(b)}
h = ${literal(h_0)}
for x_t in x:
    h = ${call("w_x * x_t + w_h * h + b")}
    print(f"{h:z.2f}")
`;
}

function copyPytorch({ x, w_x, w_h, b, h_0, activation }) {
  const head = `# ${words.comment(x.length)}
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

export default explorer({
  words,
  parameters: [
    numbers("x", { min: 2, max: MOST_STEPS }),
    ...["w_x", "w_h", "b", "h_0"].map((name) => number(name)),
    choice("activation", Object.keys(ACTIVATIONS)),
    integer("step", { min: 1, max: MOST_STEPS, cursor: true }),
  ],
  initial: { ...base, step: 3 },
  settle: (state) => ({ ...state, step: Math.min(state.step, state.x.length) }),
  presets,
  compute,
  stage,
  controls,
  choice({ change }) {
    const part = segments({
      label: words.activation, options: Object.keys(ACTIVATIONS), labels: words.activations,
      onvalue: (activation) => change({ activation }),
    });
    return { element: part.element, update: ({ state }) => part.update(state.activation) };
  },
  formula,
  status,
  summary,
  code: { copyNumpy, copyPytorch },
});
