/** The tensors of a recurrent module, and which of their numbers are the same: the front end of its room. */

import { axes, directions, inHN, inOutput, isPadding, lastStep, sameInHN, sameInOutput, written } from "#core/stack.js";
import { control, settingControl, settingSegments, together } from "#view/controls.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { placeIn } from "#view/drag.js";
import { answer, explorer } from "#view/explorer.js";
import { same } from "#view/parameters.js";
import { shapeOf, within } from "#view/shape.js";
import { boxed, range } from "#view/slider.js";
import { bar } from "#view/strip.js";

const MOST_STEPS = 6;
const WAYS = ["forward", "backward"];

// --- what is where

/** How many steps of each sequence are real. */
const lengthsOf = ({ lengths, batch_size, timesteps }) =>
  Array.from({ length: batch_size }, (_, n) => Math.min(lengths[n] ?? timesteps, timesteps));

/** The chosen slice: what there is of it. */
function pick({ tensor, sequence, step, layer, direction, cell, bidirectional }) {
  const way = bidirectional && direction === "backward" ? 1 : 0;
  return { tensor: tensor === "c_n" && cell !== "LSTM" ? "h_n" : tensor, sequence, step, layer, way };
}

/** Where a slice lies in its own tensor. */
const indexOf = (layout, { tensor, sequence, step, layer, way }) =>
  (tensor === "output" ? inOutput(layout, step, way, sequence) : inHN(layout, layer, way, sequence));

/** The slice of the other tensor that has the same numbers, or null. */
function twinOf(layout, { tensor, sequence, step, layer, way }) {
  const [other, found] = tensor === "output" ? ["h_n", sameInHN(layout, step, way, sequence)]
    : ["output", tensor === "h_n" ? sameInOutput(layout, layer, way, sequence) : null];
  return found && { tensor: other, sequence, way, step: lastStep(layout, way, sequence), layer: layout.num_layers - 1 };
}

const called = (layout, one) => written(one.tensor, indexOf(layout, one));

/** The module's layout, its tensors from top to bottom, and the chosen slice with what has the same numbers. */
export function compute(state) {
  const { batch_size, timesteps, features, hidden_size, num_layers, bidirectional, batch_first, cell } = state;
  const real = lengthsOf(state);
  const lengths = Math.min(...real) < timesteps ? real : null;
  const layout = { batch_size, timesteps, features, hidden_size, num_layers, bidirectional, batch_first, lengths };
  const { x, output, h_n } = axes(layout);
  const tensors = [["output", output], ["h_n", h_n], ...(cell === "LSTM" ? [["c_n", h_n]] : []), ["x", x]]
    .map(([name, all]) => ({ name, letters: all.map(([letter]) => letter.replace("*", "·")), shape: all.map(([, size]) => size) }));
  const chosen = pick(state);
  const twin = twinOf(layout, chosen);
  return { layout, tensors, chosen, twin, texts: { chosen: called(layout, chosen), same: twin && called(layout, twin) } };
}

/** All slices, in the order in which the slider goes through them. */
function slices({ layout, tensors }) {
  const { batch_size: N, timesteps: T, num_layers: L } = layout;
  const count = (n) => Array.from({ length: n }, (_, k) => k);
  return tensors.filter(({ name }) => name !== "x").flatMap(({ name }) =>
    count(N).flatMap((sequence) => count(name === "output" ? T : L).flatMap((at) => count(directions(layout)).map((way) =>
      ({ tensor: name, sequence, direction: WAYS[way], [name === "output" ? "step" : "layer"]: at })))));
}

// --- the drawing

const GAP = { wide: 16, short: 12, narrow: 9 };
const LEFT = { wide: 62, short: 26, narrow: 24 };
const HEAD = 35; // a tensor's name and its first axis
const FOOT = 14; // its second axis

/**
 * Where the tensors stand: a tensor's first axis goes from sheet to sheet, its second from column
 * to column, its third from row to row. The height follows from the width and the room alone.
 */
function placeFor({ tensors }, { width, room }) {
  const shape = shapeOf({ width, room });
  const height = within(room, { wide: [400, 470], short: [312, 340], narrow: [380, 416] }[shape]);
  const [left, gap] = [LEFT[shape], GAP[shape]];
  const across = Math.min({ wide: 42, short: 26, narrow: 30 }[shape],
    ...tensors.map(({ shape: [a, b] }) => (width - left - 4 - (a - 1) * gap) / (a * b)));
  const rows = tensors.reduce((sum, one) => sum + one.shape[2], 0);
  const free = height - tensors.length * (HEAD + FOOT + 4);
  const down = Math.min(shape === "wide" ? 20 : 16, free / rows);
  const apart = 4 + Math.min(18, (free - rows * down) / tensors.length);
  let top = HEAD;
  const boxes = tensors.map((one) => {
    const at = top;
    top += one.shape[2] * down + HEAD + FOOT + apart;
    const sheet = one.shape[1] * across;
    return { ...one, top: at, foot: at + one.shape[2] * down, sheet, sheetX: (i) => left + i * (sheet + gap), x: (i, j) => left + i * (sheet + gap) + j * across };
  });
  return { shape, height, left, gap, across, down, boxes };
}

/** A slice's box in pixels: its sheet, its column, and its rows. */
function boxOf({ boxes, across, down }, layout, slice) {
  const tensor = boxes.find(({ name }) => name === slice.tensor);
  const index = indexOf(layout, slice);
  const H = layout.hidden_size;
  const first = slice.tensor === "output" ? slice.way * H : 0;
  return { x: tensor.x(index[0], index[1]), y: tensor.top + first * down, width: across, height: H * down, rows: H };
}

const cellPath = (x, y, { across, down }) => bar(x + 0.5, y + 0.5, across - 1, down - 1, 3);
const count = (n) => Array.from({ length: n }, (_, k) => k);

/** Of a tensor the cells that hold numbers, and those behind the end of a sequence, as two paths. */
function cellPaths({ name, shape, top, x }, place, layout) {
  const paths = { cells: "", padded: "" };
  for (const i of count(shape[0])) {
    for (const j of count(shape[1])) {
      const [sequence, step] = layout.batch_first ? [i, j] : [j, i];
      const behind = (name === "x" || name === "output") && isPadding(layout, step, sequence);
      for (const k of count(shape[2])) paths[behind ? "padded" : "cells"] += cellPath(x(i, j), top + k * place.down, place);
    }
  }
  return paths;
}

const sliceCells = (box, place) => count(box.rows).map((k) => cellPath(box.x, box.y + k * place.down, place)).join("");

/** Where the sheets of a tensor were, if its shape has changed. */
function ghostPath({ name, shape, top }, before, { left, gap, down }) {
  const was = before.boxes.find((one) => one.name === name);
  if (!was || same(was.shape, shape)) return "";
  const high = (was.shape[2] * down + 4).toFixed(1);
  return count(was.shape[0]).map((i) => {
    const x = left + i * (was.sheet + gap) - 2;
    return `M${x.toFixed(1)} ${(top - 2).toFixed(1)}h${(was.sheet + 4).toFixed(1)}v${high}h${(-was.sheet - 4).toFixed(1)}z`;
  }).join("");
}

/** Between the halves of the output. */
const halfPath = ({ boxes: [{ shape, sheet, sheetX, top }], down }, { hidden_size: H }) =>
  count(shape[0]).map((i) => `M${(sheetX(i) - 5).toFixed(1)} ${(top + H * down).toFixed(1)}h${(sheet + 10).toFixed(1)}`).join("");

/** From the lower edge of the upper slice to the upper edge of the lower. */
function linkPath(one, other) {
  const [upper, lower] = [one, other].sort((a, b) => a.y - b.y);
  const [x1, y1, x2, y2] = [upper.x + upper.width / 2, upper.y + upper.height + 1, lower.x + lower.width / 2, lower.y - 1];
  const bend = (y2 - y1) * 0.5;
  return `M${x1.toFixed(1)} ${y1.toFixed(1)}C${x1.toFixed(1)} ${(y1 + bend).toFixed(1)} ${x2.toFixed(1)} ${(y2 - bend).toFixed(1)} ${x2.toFixed(1)} ${y2.toFixed(1)}`;
}

/** What each sheet is called above it: its number, and of a state its layer and direction where there is room. */
function sheetName({ name, sheet }, i, layout, { shape, gap }, words) {
  if (name !== "h_n" && name !== "c_n") return String(i);
  const D = directions(layout);
  const arrow = D === 1 ? "" : i % 2 ? " ←" : " →";
  const layer = shape === "wide" && sheet + gap >= 84 ? `: ${words.layer({ layer: Math.floor(i / D) })}` : "";
  return `${i}${layer}${arrow}`;
}

/** A tensor's texts: [across, down, what it says, how, anchor]. */
function textsOf(box, layout, place, words) {
  const { name, shape, letters, top, foot, sheet, sheetX, x } = box;
  const { left, across, down, shape: kind } = place;
  const H = layout.hidden_size;
  const halves = name === "output" && layout.bidirectional;
  const middle = (first, rows) => top + (first + rows / 2) * down + 4;
  const rowNames = halves
    ? [0, 1].map((way) => [0, middle(way * H, H), `${"→←"[way]}${kind === "wide" ? ` ${way * H}:${(way + 1) * H}` : ""}`])
    : [[0, middle(0, shape[2]), letters[2], "axis"]];
  return [
    [0, top - 21, `${name} (${shape.join(", ")})`, "u-strong u-halo"],
    [0, top - 6, letters[0], "axis"], [0, foot + 12, letters[1], "axis"], ...rowNames,
    ...count(shape[0]).map((i) => [sheetX(i) + sheet / 2, top - 6, sheetName(box, i, layout, place, words), "u-halo", "middle"]),
    ...count(shape[0]).flatMap((i) => count(shape[1]).map((j) => [x(i, j) + across / 2, foot + 12, String(j), "u-halo", "middle"])),
  ].map(([px, ...more]) => [Math.max(px, more[3] ? left : 0), ...more]);
}

/** The cells of all tensors with the names of their axes, and what they were before. */
function tensorLane(words) {
  const element = svg("g", { class: "slices" });
  const [halves, ghost, texts] = [svg("path", { class: "halves" }), svg("path", { class: "u-ghost" }), svg("g")];
  return {
    elements: [element, halves, ghost],
    texts,
    update(view, place) {
      const { layout, tensors } = view.result;
      repeat(element, 2 * tensors.length, (n) => svg("path", { class: n % 2 ? "padded" : "cells" })).forEach((path, n) => {
        const found = cellPaths(place.boxes[n >> 1], place, layout);
        patch(path, { d: n % 2 ? found.padded : found.cells });
      });
      patch(halves, { d: layout.bidirectional ? halfPath(place, layout) : null });
      const before = view.ghost && placeFor(view.ghost, view);
      patch(ghost, { d: before && place.boxes.map((box) => ghostPath(box, before, place)).join("") });
      const all = place.boxes.flatMap((box) => textsOf(box, layout, place, words));
      repeat(texts, all.length, () => svg("text")).forEach((text, n) => {
        const [x, y, said, look = null, anchor = null] = all[n];
        patch(text, { x: x.toFixed(1), y: y.toFixed(1), text: said, class: look, "text-anchor": anchor });
      });
    },
  };
}

/** The chosen slice, the slice with the same numbers, and the way between them, with what they are called. */
function chosenLane(words) {
  const [picked, twin, link, round, here] = ["picked", "twin", "link", "round", "u-here"].map((look) => svg("path", { class: look }));
  const [name, where] = [0, 1].map(() => svg("text", { "text-anchor": "end", class: "u-chosen" }));
  for (const element of [twin, link, where]) answer(element);
  return {
    elements: [picked, twin, link, round, name, where, here],
    update({ result, width }, place) {
      const { layout, chosen, twin: other, texts } = result;
      const box = boxOf(place, layout, chosen);
      const its = other && boxOf(place, layout, other);
      patch(picked, { d: sliceCells(box, place) });
      patch(round, { d: bar(box.x - 1, box.y - 1, box.width + 2, box.height + 2, 4) });
      patch(twin, { d: its && sliceCells(its, place) });
      patch(link, { d: its && linkPath(box, its) });
      const output = place.boxes.find((one) => one.name === "output");
      patch(here, { d: bar(output.sheetX(output.shape[0] - 1), output.top, output.sheet, output.foot - output.top, 0) });
      const at = (tensor) => place.boxes.find((one) => one.name === tensor).top - 21;
      patch(name, { x: width - 2, y: at(chosen.tensor).toFixed(1), text: texts.chosen });
      const tensor = chosen.tensor === "output" ? "h_n" : "output";
      patch(where, { x: width - 2, y: at(tensor).toFixed(1), text: other ? `= ${texts.same}` : words.nowhere });
    },
  };
}

/** The slice under a pixel, or the nearest in the nearest tensor; of x, that of the output at the same step. */
function sliceAt([px, py], { layout }, { boxes, across, gap, down }) {
  const away = ({ top, foot }) => Math.max(top - py, py - foot, 0);
  const box = boxes.reduce((best, one) => (away(one) < away(best) ? one : best));
  const { name, shape, sheet, sheetX } = box;
  const i = within(Math.floor((px - sheetX(0) + gap / 2) / (sheet + gap)), [0, shape[0] - 1]);
  const j = within(Math.floor((px - sheetX(i)) / across), [0, shape[1] - 1]);
  const row = within(Math.floor((py - box.top) / down), [0, shape[2] - 1]);
  if (name === "h_n" || name === "c_n") {
    const D = directions(layout);
    return { tensor: name, sequence: j, layer: Math.floor(i / D), direction: WAYS[i % D] };
  }
  const [sequence, step] = layout.batch_first ? [i, j] : [j, i];
  return { tensor: "output", sequence, step, ...(name === "output" ? { direction: WAYS[Math.floor(row / layout.hidden_size)] } : {}) };
}

function stage({ change, current, words }) {
  const [lane, marks] = [tensorLane(words), chosenLane(words)];
  const drawing = svg("svg", { role: "img" }, ...lane.elements, ...marks.elements, lane.texts);
  const field = html("div", { class: "u-field" }, drawing);
  const walk = range({ min: 0, max: 1, step: 1, label: words.sliceControl, onvalue: (n) => change(slices(compute(current()))[n]) });
  walk.element.classList.add("u-time");
  let [place, result] = [];
  const choose = (event) => change(sliceAt(placeIn(field, event), result, place));
  field.addEventListener("click", choose);
  field.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch" && event.buttons === 1) choose(event);
  });
  return {
    element: html("div", {}, field, boxed(walk)),
    update(view) {
      ({ result } = view);
      place = placeFor(result, view);
      const { height } = place;
      patch(drawing, { width: view.width, height, viewBox: `0 0 ${view.width} ${height}`, "aria-label": view.label });
      lane.update(view, place);
      marks.update(view, place);
      const all = slices(result);
      const now = called(result.layout, result.chosen);
      walk.update(all.findIndex((one) => called(result.layout, pick({ ...view.state, ...one })) === now), { text: now, upper: all.length - 1 });
    },
  };
}

// --- what is said of the slice, in the formula's place

/** Why the chosen slice stands nowhere else. */
function whyNot({ layout, chosen }, { why }) {
  const { tensor, layer, way, sequence } = chosen;
  if (tensor === "c_n") return why.cell;
  if (tensor === "h_n") return why.lower({ layer, next: layer + 1 });
  return way ? why.backward : why.forward({ last: lastStep(layout, 0, sequence) });
}

/** Whether the output's last step is the last state, and what is. */
function verdictOf({ layout, tensors }, words) {
  const { bidirectional, timesteps, lengths, batch_first, num_layers } = layout;
  const code = batch_first ? "output[:, -1]" : "output[-1]";
  const last = bidirectional ? words.and({ one: "h_n[-2]", other: "h_n[-1]" }) : "h_n[-1]";
  const both = bidirectional && timesteps > 1;
  const kind = lengths ? (both ? "paddedBoth" : "padded") : both ? "both" : "same";
  const [rows] = tensors.find(({ name }) => name === "h_n").shape;
  return words.verdict[kind]({ code, last, ...(kind === "same" ? { rows: num_layers > 1 ? rows / directions(layout) : 0 } : {}) });
}

function formula({ result, words }) {
  const { layout, chosen, texts, twin } = result;
  const { tensor, sequence, step, layer, way } = chosen;
  const strong = (text) => sketch("b", { text });
  const stands = twin ? [strong(texts.chosen), " = ", strong(texts.same)]
    : words.stands.parts({ chosen: strong(texts.chosen), other: tensor === "output" ? "h_n" : "output" });
  const padding = tensor === "output" && isPadding(layout, step, sequence);
  const what = padding ? words.what.padding({ step, sequence }) : words.what[tensor]({
    direction: words.ways[WAYS[way]], sequence, ...(tensor === "output" ? { step } : { layer, last: lastStep(layout, way, sequence) }),
  });
  return [
    sketch("div", {}, ...stands),
    sketch("div", { text: twin ? what : `${what} ${whyNot(result, words)}` }),
    sketch("div", { text: verdictOf(result, words) }),
  ];
}

const summary = ({ result: { texts, twin, chosen, tensors }, words }) => words.summary({
  chosen: texts.chosen, found: Boolean(twin), same: texts.same ?? "", other: chosen.tensor === "output" ? "h_n" : "output",
  output: `(${tensors[0].shape.join(", ")})`, state: `(${tensors[1].shape.join(", ")})`,
});

// --- the controls

/** How long the chosen sequence is; as long as all steps is as long as can be. */
const lengthControl = (tools) => control(tools, {
  symbol: "lengths[0]", label: "", min: 1, max: MOST_STEPS, step: 1, whole: true,
  onvalue(value) {
    const { lengths, sequence, timesteps } = tools.current();
    const now = [...lengths, ...Array(3).fill(MOST_STEPS)].slice(0, 3);
    now[sequence] = value >= timesteps ? MOST_STEPS : value;
    tools.change({ lengths: now });
  },
}, (state) => lengthsOf(state)[state.sequence], ({ sequence, timesteps }) => ({ symbol: `lengths[${sequence}]`, label: tools.words.lengthOf({ sequence }), upper: Math.max(2, timesteps) }));

const SYMBOLS = { num_layers: "L", timesteps: "T", batch_size: "N", hidden_size: "H", features: "d" };

function controls(tools) {
  const { words } = tools;
  const size = (name) => {
    const part = settingControl(tools, name, { symbol: SYMBOLS[name], label: words.sizes[name] });
    partsOf(part.element)[0].append(html("small", { text: words.captions[name] }));
    return part;
  };
  return [size("num_layers"), lengthControl(tools), ...["timesteps", "batch_size", "hidden_size", "features"].map(size)];
}

const choice = (tools) => {
  const { words } = tools;
  return together("u-choices",
    settingSegments(tools, "cell", words.cellControl, words.cells),
    settingSegments(tools, "bidirectional", words.directions, words.directionNames, [false, true]),
    settingSegments(tools, "batch_first", words.batchFirst, words.orders, [false, true]));
};

/** Indices inside their axes. */
const settle = (state) => ({
  ...state,
  lengths: state.lengths.map((one) => within(Math.round(one), [1, MOST_STEPS])),
  sequence: Math.min(state.sequence, state.batch_size - 1),
  step: Math.min(state.step, state.timesteps - 1),
  layer: Math.min(state.layer, state.num_layers - 1),
});

// --- the same in Python

function copyPytorch(state, words) {
  const { layout, texts, twin, chosen, tensors } = compute(state);
  const { cell, features, hidden_size, num_layers, bidirectional, batch_first, lengths } = { ...state, lengths: layout.lengths };
  const shape = (name) => tensors.find((one) => one.name === name).shape.join(", ");
  const options = [...(num_layers > 1 ? [`num_layers=${num_layers}`] : []), ...(bidirectional ? ["bidirectional=True"] : []), ...(batch_first ? ["batch_first=True"] : [])];
  const states = cell === "LSTM" ? "(h_n, c_n)" : "h_n";
  const first = batch_first ? ", batch_first=True" : "";
  const run = lengths ? `packed = pack_padded_sequence(x, ${JSON.stringify(lengths).replaceAll(",", ", ")}, enforce_sorted=False${first})
output, ${states} = module(packed)
output, lengths = pad_packed_sequence(output, total_length=${state.timesteps}${first})
` : `output, ${states} = module(x)\n`;
  const places = chosen.tensor === "output" ? "h_n.flatten(0, 1)" : `output.reshape(-1, ${hidden_size})`;
  const where = chosen.tensor === "output" ? "h_n" : "output";
  const same = twin ? `print("${texts.chosen} == ${texts.same}:", torch.equal(${texts.chosen}, ${texts.same}))`
    : `found = any(torch.equal(${texts.chosen}, one) for one in ${places})
print("${texts.chosen} in ${where}:", found)`;
  return `# ${words.comment({ cell, layers: num_layers, both: bidirectional })}
import torch
${lengths ? "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence\n" : ""}
torch.manual_seed(0)
x = torch.randn(${shape("x")})
module = torch.nn.${cell}(${[features, hidden_size, ...options].join(", ")})
${run}print("x", tuple(x.shape))
print("output", tuple(output.shape))
print("h_n", tuple(h_n.shape))
${cell === "LSTM" ? 'print("c_n", tuple(c_n.shape))\n' : ""}${same}
`;
}

export const code = { copyPytorch };

/** What was computed, by the names that the face has for it. */
export const names = (state, { tensors, texts }) => ({
  shapes: Object.fromEntries(tensors.map(({ name, shape }) => [name, shape])), same: texts.same, sequence_lengths: lengthsOf(state),
});

export default explorer({
  cursors: ["tensor", "sequence", "step", "layer", "direction"],
  settle,
  compute, names,
  stage,
  controls,
  choice,
  formula,
  summary,
  code,
});
