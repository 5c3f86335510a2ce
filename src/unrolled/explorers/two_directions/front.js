/** A sequence read from both ends, with padding behind it: the front end of its room. */

import { bothWays, bothWaysBackward } from "#core/stack.js";
import { inputControl, lengthControl, settingControl, settingSegments, stepSlider } from "#view/controls.js";
import { html, patch, sketch, svg } from "#view/dom.js";
import { drag } from "#view/drag.js";
import { answer, explorer } from "#view/explorer.js";
import { operand, signed } from "#view/formula.js";
import { brief, decimalsFor, fixed, literal, literals, short, trimmed } from "#view/number.js";
import { symbolNodes } from "#view/slider.js";
import {
  arrowPath, barLane, beyondBar, cellLane, columns, cursorBand, nameLane, signedAxis, signedLimit, textLane, tickLane,
} from "#view/strip.js";

const unit = (w_h, b) => ({ W_x: [[1]], W_h: [[w_h]], b: [b], activation: "tanh" });

/**
 * Both halves of the output at every step, the padding's too; `unpadded`, the backward half as it
 * is without the padding; how far each input `moves` either half at the chosen step; and how many
 * steps are `read`.
 */
export function compute({ x, padding, packed, step, w_h_forward, b_forward, w_h_backward, b_backward }) {
  const cells = [unit(w_h_forward, b_forward), unit(w_h_backward, b_backward)];
  const real = x.map((value) => [value]);
  const xs = [...real, ...Array.from({ length: padding }, () => [0])];
  const read = packed ? x.length : xs.length;
  const { output } = bothWays(...cells, xs, read);
  const moves = bothWaysBackward(...cells, xs, xs.map((_, k) => (k === step - 1 ? [1, 1] : [0, 0])), read);
  return {
    forward: output.map(([half]) => half),
    backward: output.map(([, half]) => half),
    unpadded: bothWays(...cells, real).backward.map(([half]) => half),
    moves: { forward: moves.forward.flat(), backward: moves.backward.flat() },
    read,
  };
}

// --- the drawing

const WIDE = {
  left: 108, right: 24, top: 18, foot: 398, height: 408, half: 36, zero: { forward: 62, backward: 156, input: 250 },
  moves: { forward: 322, backward: 358 },
};
const NARROW = {
  left: 46, right: 14, top: 16, foot: 348, height: 358, half: 34, zero: { forward: 58, backward: 146, input: 234 },
  moves: { forward: 296, backward: 318 },
};
/** A phone held sideways. */
const LOW = {
  ...NARROW, top: 14, foot: 282, height: 290, half: 26, zero: { forward: 48, backward: 118, input: 188 }, moves: { forward: 236, backward: 255 },
};
const HALVES = ["forward", "backward"];
const ARROWS = { forward: "→", backward: "←" };

/** Is there padding, and is it read? */
const spoiled = ({ padding, packed }) => padding > 0 && !packed;

/** The states of one direction: bars, the way from each to the next, and the numbers. */
function direction(name) {
  const [axis, bars, numbers] = [signedAxis(), barLane(), textLane()];
  const [way, live, unpadded] = [svg("path"), svg("path", { class: "live" }), svg("path", { class: "unpadded" })];
  for (const element of [bars.element, unpadded, numbers.element]) answer(element);
  return {
    elements: [axis.element, svg("g", { class: "u-wires" }, way, live), bars.element, unpadded, numbers.element],
    /** Step k is read after the one before it in time, or after the one behind it. */
    update({ state, result, ghost }, { cols, layout, at, roomy }) {
      const [zero, { half }] = [layout.zero[name], layout];
      const stop = Math.min(8, cols.pitch * 0.3) + 2;
      const [values, turn] = [result[name], name === "forward" ? 1 : -1];
      const inside = (px) => Math.max(cols.left + 2, Math.min(cols.end - 2, px));
      const onTheWay = (k) => (turn > 0 ? k <= at : k >= at);
      const arrows = (kept) => values.map((_, k) => k).filter((k) => k < result.read && kept(k))
        .map((k) => arrowPath(inside(cols.x(k) - turn * (cols.pitch - stop)), cols.x(k) - turn * stop, zero)).join("");
      const lane = { cols, zero, half, limit: 1 };
      axis.update(lane);
      bars.update({ ...lane, values, ghost: ghost?.[name] });
      patch(way, { d: arrows((k) => !onTheWay(k)) });
      patch(live, { d: arrows(onTheWay) });
      const marked = name === "backward" && spoiled(state) ? result.unpadded : [];
      const wide = Math.min(22, cols.pitch - 3);
      patch(unpadded, { d: marked.map((value, k) => `M${(cols.x(k) - wide / 2).toFixed(1)} ${(zero - value * half).toFixed(1)}h${wide}`).join("") });
      const told = values.map((_, k) => k).filter((k) => (roomy && k < result.read) || k === at);
      numbers.update(told.map((k) => [cols.x(k), beyondBar(lane, values[k]), short(values[k]), k === at ? "u-strong" : null]));
    },
  };
}

/** How far the inputs move one half of the chosen output: a cell for each that can, and a point for each that cannot. */
function moving(name) {
  const [cells, none] = [cellLane(), svg("path", { class: "zeros" })];
  answer(cells.element);
  answer(none);
  return {
    elements: [none, cells.element],
    update({ result }, { cols, layout, at, roomy, limit }) {
      const y = layout.moves[name];
      const [first, end] = name === "forward" ? [0, at + 1] : [at, result.read];
      cells.update({
        cols: { ...cols, x: (k) => cols.x(k + first) }, y, limit, values: result.moves[name].slice(first, end), numbers: roomy, text: brief,
      });
      const out = result.moves[name].map((_, k) => k).filter((k) => k < first || k >= end);
      patch(none, { d: out.map((k) => `M${(cols.x(k) - 1.5).toFixed(1)} ${y - 1.5}h3v3h-3z`).join("") });
    },
  };
}

/** Where no input is: the field behind the end, its name, and its zeros; and what the marks of the backward half mean. */
function behindTheEnd(words) {
  const [area, zeros] = [svg("rect", { class: "behind", rx: 4 }), svg("path", { class: "zeros" })];
  const [name, key, legend] = [svg("text", { "text-anchor": "end" }), svg("path", { class: "unpadded" }), svg("text")];
  for (const element of [key, legend]) answer(element);
  return {
    area, elements: [zeros, name, key, legend],
    update({ state }, { cols, layout }) {
      const [T, { padding, packed }] = [state.x.length, state];
      const from = cols.x(T) - cols.pitch / 2;
      patch(area, { x: from.toFixed(1), width: Math.max(0, cols.end - from).toFixed(1), y: layout.top - 16, height: layout.foot - layout.top + 24 });
      patch(name, { x: (cols.end - 4).toFixed(1), y: layout.top - 3, text: padding ? words.padding({ packed }) : "" });
      const marked = spoiled(state);
      patch(key, { d: marked ? `M${cols.left} ${layout.top - 7}h18` : null });
      patch(legend, { x: cols.left + 24, y: layout.top - 3, text: marked ? words.unpadded : "" });
      const all = Array.from({ length: padding }, (_, k) => cols.x(T + k));
      patch(zeros, { d: all.map((x) => `M${(x - 2.5).toFixed(1)} ${layout.zero.input - 2.5}h5v5h-5z`).join("") });
    },
  };
}

/** The inputs' numbers, all where there is room, else the chosen one's. */
function inputNumbers() {
  const lane = textLane();
  return {
    element: lane.element,
    update({ x }, { cols, layout, at, roomy }) {
      const row = { zero: layout.zero.input, half: layout.half + 4, limit: 1 };
      const told = x.map((_, k) => k).filter((k) => roomy || k === at);
      lane.update(told.map((k) => [cols.x(k), beyondBar(row, x[k]) + (x[k] < 0 ? 3 : -5), fixed(x[k], 2)]));
    },
  };
}

function stage(tools) {
  const { change, current, words } = tools;
  const ways = HALVES.map(direction);
  const rowsOfMoves = HALVES.map(moving);
  const [band, inputs, numbers, ticks, rows, behind] = [cursorBand(), barLane({ handles: true }), inputNumbers(), tickLane(), nameLane(), behindTheEnd(words)];
  const line = svg("line", { class: "u-line" });
  const drawing = svg("svg", { role: "img" }, behind.area, band.element, line, ...ways.flatMap(({ elements }) => elements),
    ...behind.elements, ...rowsOfMoves.flatMap(({ elements }) => elements), inputs.element, numbers.element, ticks.element, rows.element);
  const time = stepSlider(tools);
  const field = html("div", { class: "u-field" }, drawing);
  let [cols, layout] = [];
  drag(field, { cols: () => cols, row: () => ({ zero: layout.zero.input, reach: layout.half }), change, current });

  function update(view) {
    const { state, result, width, room } = view;
    const wide = width >= 560;
    layout = room < 360 ? LOW : wide ? WIDE : NARROW;
    cols = columns(width, state.x.length + state.padding, layout);
    const at = state.step - 1;
    const limit = signedLimit(Object.values(result.moves).flat());
    const place = { cols, layout, at, limit, roomy: layout === WIDE && cols.pitch >= 42 };
    patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": view.label });
    behind.update(view, place);
    band.update({ cols, at, top: layout.top - 12, bottom: layout.foot + 8 });
    patch(line, { x1: cols.left, x2: cols.end, y1: layout.zero.input, y2: layout.zero.input });
    inputs.update({ cols, zero: layout.zero.input, half: layout.half, limit: 1, values: state.x });
    for (const part of [...ways, ...rowsOfMoves]) part.update(view, place);
    numbers.update(state, place);
    ticks.update({ cols, at, y: layout.foot });
    const { rows: names, step } = words;
    const symbols = HALVES.map((name) => [`∂h${ARROWS[name]}/∂x`, layout.moves[name]]);
    rows.update([
      ...HALVES.map((name) => [wide ? names[name] : ARROWS[name], layout.zero[name]]), [wide ? names.input : "x", layout.zero.input],
      ...(wide ? [[names.movesForward, layout.moves.forward], [names.movesBackward, layout.moves.backward]] : symbols), [step, layout.foot - 4],
    ]);
    time.update({ cols: { ...cols, count: state.x.length }, step: state.step });
  }
  return { element: html("div", {}, field, time.element), update };
}

// --- the formula, the controls, the words

const state = (name, k) => [sketch("i", { text: "h" }), sketch("sup", { text: ARROWS[name] }), sketch("sub", { text: String(k + 1) })];

/** One direction's equation at the chosen step, as one line. */
function equation(name, { state: now, result }) {
  const k = now.step - 1;
  const from = name === "forward" ? k - 1 : k + 1;
  const [x, w_h, b] = [now.x[k], now[`w_h_${name}`], now[`b_${name}`]];
  const before = from >= 0 && from < result.read ? result[name][from] : 0;
  const value = result[name][k];
  const { decimals, exact } = decimalsFor([x, w_h, before, b], ([p, q, r, s]) => Math.tanh(p + q * r + s), value);
  const arrow = ARROWS[name];
  const first = { ...operand(x, decimals), within: [trimmed(x, decimals)] }; // nothing stands before it
  return sketch("div", { class: "equation" },
    sketch("span", {}, ...state(name, k), " = tanh(", ...symbolNodes(`x_${k + 1}`), " + ", ...symbolNodes(`w_h${arrow}`), " ", ...state(name, from), " + ",
      ...symbolNodes(`b_${arrow}`), ")"),
    " ",
    sketch("span", {}, "= tanh(", first, ` + ${signed(w_h, decimals)} × `, operand(before, decimals), ` + ${signed(b, decimals)})`),
    " ",
    sketch("span", {}, exact ? "= " : "≈ ", sketch("b", { text: fixed(value, 2) })));
}

function formula(view) {
  const { state: now, result, words } = view;
  const { step, padding, packed } = now;
  const said = [words.read({ step, first: result.read, count: result.read - step + 1 })];
  if (padding && packed) said.push(words.unread);
  if (spoiled(now)) said.push(words.alone({ value: fixed(result.unpadded[step - 1], 2) }));
  return [...HALVES.map((name) => equation(name, view)), sketch("div", { class: "known", text: said.join(" ") })];
}

function controls(tools) {
  const { words } = tools;
  const weight = (name) => settingControl(tools, name, {
    label: words.weightControls[name], symbol: name.replace("_forward", "→").replace("_backward", "←").replace(/^b/, "b_"),
  });
  return [
    settingControl(tools, "padding", { symbol: words.paddingLabel, label: words.paddingControl }),
    settingSegments(tools, "packed", words.packing, words.packings, [false, true]),
    inputControl(tools),
    lengthControl(tools),
    ...["w_h_forward", "b_forward", "w_h_backward", "b_backward"].map(weight),
  ];
}

const summary = ({ state: { step }, result, words }) => words.summary({
  step, forward: fixed(result.forward[step - 1], 2), backward: fixed(result.backward[step - 1], 2),
});

// --- the same numbers in Python

const comment = ({ x, padding }, words) => words.comment({ timesteps: x.length, padding });
const padded = ({ x, padding }) => literals([...x, ...Array(padding).fill(0)]);
const readSteps = ({ x, padding, packed }) => x.length + (packed ? 0 : padding);

function copyNumpy(now, words) {
  const pass = (name, steps, note) => `w_h, b = ${literal(now[`w_h_${name}`])}, ${literal(now[`b_${name}`])}
h, ${name} = 0.0, np.zeros(len(x))
for t in ${steps}:  ${note}
    h = ${name}[t] = np.tanh(x[t] + w_h * h + b)
`;
  return `# ${comment(now, words)}
import numpy as np

x = np.array(${padded(now)})
length = ${readSteps(now)}  # so many steps are read
${pass("forward", "range(length)", "# from the first step")}${pass("backward", "reversed(range(length))", "# from the last")}for halves in zip(forward, backward):
    print("{:z.2f} {:z.2f}".format(*halves))
`;
}

function copyPytorch(now, words) {
  const weights = (name, suffix) => `    "weight_ih_l0${suffix}": 1.0,
    "weight_hh_l0${suffix}": ${literal(now[`w_h_${name}`])},
    "bias_ih_l0${suffix}": ${literal(now[`b_${name}`])},
    "bias_hh_l0${suffix}": 0.0,  # PyTorch has two biases; they are added
`;
  const packing = now.padding && now.packed;
  const run = packing ? `packed = pack_padded_sequence(x, [${now.x.length}])
output, h_n = rnn(packed)
output, lengths = pad_packed_sequence(output, total_length=len(x))
` : "output, h_n = rnn(x)\n";
  return `# ${comment(now, words)}
import torch
${packing ? "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence\n" : ""}
x = torch.tensor(${padded(now)}, dtype=torch.float64)
x = x.reshape(-1, 1, 1)  # steps, one sequence, one feature
rnn = torch.nn.RNN(1, 1, bidirectional=True, dtype=torch.float64)
weights = {
${weights("forward", "")}${weights("backward", "_reverse")}}
with torch.no_grad():
    for name, value in weights.items():
        getattr(rnn, name).fill_(value)
${run}for halves in output[:, 0].tolist():
    print("{:z.2f} {:z.2f}".format(*halves))
`;
}

export const code = { copyNumpy, copyPytorch };

/** What was computed, by the names that the face has for it. */
export const names = (state, { forward, backward, unpadded }) => ({ backward_alone: unpadded, output: forward.map((half, k) => [half, backward[k]]) });

export default explorer({
  cursors: ["step"],
  settle: (now) => ({ ...now, step: Math.min(now.step, now.x.length) }),
  compute, names,
  stage,
  controls,
  formula,
  summary,
  code,
});
