/**
 * Two recurrent units without input: their state as a point that W_h turns and stretches,
 * and tanh pulls back.
 */

import { eigenvalues, largestSingularValue, spectralRadius, turning, withEigenvalue } from "#core/linear.js";
import { ACTIVATIONS, preactivation, run } from "#core/rnn.js";
import { control, ends, settingControl, settingSegments, stepSlider } from "#view/controls.js";
import { discLimit, eigenvalueDisc, factsMark, freeGrip, isPair, matrixMark, moveGrip } from "#view/disc.js";
import { html, partsOf, patch, sketch, svg } from "#view/dom.js";
import { dragGrips } from "#view/drag.js";
import { explorer } from "#view/explorer.js";
import { operand, signed } from "#view/formula.js";
import { decimalsFor, fixed, literal, short, trimmed } from "#view/number.js";
import { arrow, dots, pathThrough, plane, planeFrame } from "#view/plane.js";
import { shapeOf, within } from "#view/shape.js";
import { symbolNodes } from "#view/slider.js";
import {
  barLane, beyondBar, columns, cursorBand, nameLane, signedAxis, signedLimit, symbolText, textLane, tickLane,
} from "#view/strip.js";

const UNITS = [0, 1];

/**
 * `points` are h_0 and the T states, `before` what the activation is applied to at each
 * step. Where W_h is too large for numbers, all that follows from it is NaN.
 */
export function compute({ angle, scale, shear, b, h_0, activation, timesteps }) {
  const W_h = turning({ angle, scale, shear });
  const cell = { W_x: [[0], [0]], W_h, b: [b, b], activation };
  const known = W_h.flat().every(Number.isFinite);
  const h = known ? run(cell, Array(timesteps).fill([0]), h_0) : Array(timesteps).fill([NaN, NaN]);
  const points = [h_0, ...h];
  return {
    W_h, h, points,
    before: h.map((_, k) => preactivation(cell, [0], points[k])),
    eigenvalues: known ? eigenvalues(W_h) : UNITS.map(() => ({ re: NaN, im: NaN })),
    radius: known ? spectralRadius(W_h) : NaN,
    singular: known ? largestSingularValue(W_h) : NaN,
  };
}

/** The scale of the states: tanh never leaves [-1, 1]; ReLU and the identity may, and then the scale would tell. */
const stateLimit = ({ state, result, asked }) => signedLimit(
  asked || state.activation === "tanh" ? state.h_0 : result.points.flat());

// --- the drawing

/**
 * Where things stand. The height follows from the width and the room alone. Both units over time
 * stand below the plane where there is room for them; on a phone the path alone says it.
 */
function layoutFor({ width, room }) {
  const shape = shapeOf({ width, room });
  if (shape === "wide") {
    const size = Math.min(322, Math.round(width * 0.46), Math.max(250, room - 230));
    const side = 74 + size + 46;
    const disc = Math.min(200, width - side - 24, size - 114);
    const first = size + 68;
    return {
      left: 74, plane: { x: 74, y: 8, size }, disc: { x: side + 20, y: 68, size: disc }, ticksUp: true,
      matrix: [side, 8], facts: [side, disc + 104], factWidth: width - side - 4,
      lanes: [first, first + 74], half: 25, steps: first - 37, foot: first + 120, time: first + 128, height: first + 162,
    };
  }
  if (shape === "short") {
    const height = within(room, [280, 330]);
    const size = Math.min(height - 84, Math.round(width * 0.5));
    const side = size + 66;
    const disc = Math.min(126, width - side - 24, height - 192);
    return {
      left: 46, right: width - size - 50, plane: { x: 46, y: 8, size }, disc: { x: side + 16, y: 54, size: disc }, ticksUp: true,
      matrix: [side - 8, 4], facts: [side, height - 92], factWidth: width - side - 4, stacked: true, steps: height - 58, foot: height - 42, time: height - 40, height,
    };
  }
  const height = within(room, [360, 480]);
  const disc = Math.round(within(width * 0.32, [90, 104]));
  const size = Math.min(width - 50, height - disc - 126);
  const top = size + 44;
  const beside = width - disc - 26;
  return {
    left: 36, plane: { x: Math.max(46, Math.round((width - size) / 2)), y: 8, size }, disc: { x: 8, y: top, size: disc }, ticksUp: false,
    ...(beside >= 170
      ? { matrix: [disc + 14, top - 4], facts: [disc + 26, top + 66], factWidth: beside }
      : { matrix: null, facts: [disc + 26, top + 12], factWidth: beside, stacked: true }),
    steps: height - 66, foot: height - 50, time: height - 42, height,
  };
}

const distance = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);

/**
 * The chosen step in pixels: `from` the state before, `made` what W_h and b make of it, `to` what
 * the activation makes of that, `seen` where the way to `made` leaves the square.
 */
function stepPixels(frame, { state, result }) {
  const at = state.step - 1;
  const [from, made, to] = [result.points[at], result.before[at], result.points[at + 1]].map(frame.at);
  const bent = state.activation !== "identity" && distance(made, to) > 7;
  const back = bent && distance(from, to) < 12;
  // there and back on the same line: each keeps to its own side of it
  const length = back ? distance(made, to) : Infinity;
  const aside = ([px, py], side) => [px + (side * (made[1] - to[1])) / length, py - (side * (made[0] - to[0])) / length];
  const leaves = !frame.holds(made) && frame.holds(to);
  return { from, made, to, bent, back, aside, seen: leaves ? frame.edge(to, made) : made };
}

/** A name beside an arrow's middle, on the side away from `other`; none where that is short, or where names are `taken`. */
function beside(text, frame, { from, to, other, reach, taken }) {
  const length = from ? distance(from, to) : 0;
  if (!(length > 16)) return patch(text, { visibility: "hidden" });
  const [mx, my] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const [nx, ny] = [(to[1] - from[1]) / length, (from[0] - to[0]) / length];
  const side = nx * (mx - other[0]) + ny * (my - other[1]) < 0 ? -1 : 1;
  const [x, y] = [within(mx + side * nx * (reach + 4), [reach, frame.size - reach]), my + side * ny * 13 + 4];
  const free = frame.holds([x, y]) && taken.every((other) => Math.abs(other[0] - x) > reach + 11 || Math.abs(other[1] - y) > 14);
  return patch(text, { x: x.toFixed(1), y: y.toFixed(1), visibility: free ? null : "hidden" });
}

/** A point's name, on the side that is away from `other` (zero) but inside the square: where it is, or null. */
function outside(text, frame, point, index = null, other = [frame.middle, frame.middle]) {
  const shown = point !== null && frame.holds(point);
  patch(text, { visibility: shown ? null : "hidden" });
  if (!shown) return null;
  const [dx, dy] = [point[0] - other[0], point[1] - other[1]];
  const away = Math.hypot(dx, dy) || 1;
  const x = within(point[0] + (18 * dx) / away, [10, frame.size - 12]);
  const y = within(point[1] + (away === 1 ? -16 : (17 * dy) / away) + 4, [12, frame.size - 6]);
  patch(text, { x: x.toFixed(1), y: y.toFixed(1) });
  if (index !== null) patch(partsOf(text).at(-1), { text: index });
  return [x, y];
}

/** The chosen step as two arrows, W_h and then the activation, with their names. */
function stepArrows(words) {
  const spokes = svg("path", { class: "spokes" });
  const weight = svg("path", { class: "u-arrow" });
  const squash = svg("path", { class: "u-arrow squash" });
  const weightName = symbolText("W", "h");
  const shift = svg("tspan", { dy: -3 });
  weightName.append(shift);
  const squashName = svg("text", { "text-anchor": "middle" });
  for (const text of [weightName, squashName]) text.classList.add("u-halo");
  function update(frame, view, { from, made, to, bent, back, aside, seen }, taken) {
    const { state, result } = view;
    const middle = [frame.middle, frame.middle];
    patch(spokes, { d: pathThrough(frame, [result.points[state.step - 1], [0, 0], result.before[state.step - 1]]) });
    patch(weight, { d: arrow(frame, aside(from, 4), aside(made, 4), bent ? 4 : 7) });
    patch(squash, { d: bent ? arrow(frame, aside(seen, -4), aside(to, -4), 7) : null });
    beside(weightName, frame, { from: aside(from, 4), to: aside(seen, 4), other: back ? to : middle, reach: state.b === 0 ? 14 : 26, taken });
    patch(shift, { text: state.b === 0 ? "" : ", + b" });
    beside(squashName, frame, { from: bent ? aside(seen, -4) : null, to: aside(to, -4), other: from, reach: 19, taken });
    patch(squashName, { text: words.activations[state.activation] });
  }
  return { spokes, arrows: [weight, squash], names: svg("g", {}, weightName, squashName), update };
}

/** The names of h_0, of the state before the chosen step, and of the one after it. */
function pointNames() {
  const [start, before, after] = ["0", "", ""].map((index) => symbolText("h", index));
  for (const text of [start, before, after]) text.classList.add("u-halo");
  after.classList.add("u-chosen");
  return {
    start, ofStates: [before, after],
    update(frame, first, at, { from, to, bent, seen }) {
      const apart = (a, b) => distance(a, b) > 20;
      return [
        outside(start, frame, apart(first, to) && (at === 0 || apart(first, from)) ? first : null),
        outside(before, frame, at > 0 && apart(from, to) ? from : null, String(at)),
        outside(after, frame, to, String(at + 1), bent ? seen : undefined),
      ].filter(Boolean);
    },
  };
}

/** The plane of the states: the path, the chosen step on it, and h_0 to take hold of. */
function statesPart(words) {
  const states = plane({ names: [words.units.one, words.units.other] });
  const room = svg("rect", { class: "square" });
  const ghostPath = svg("path", { class: "u-ghost" });
  const ahead = svg("path", { class: "u-path" });
  const behind = svg("path", { class: "u-path u-past" });
  const under = svg("g", { class: "u-answer" });
  const over = svg("g", { class: "u-answer" });
  const [steps, chosen, step, names] = [dots(), dots(), stepArrows(words), pointNames()];
  const handle = svg("circle", { class: "u-handle", r: 6.5 });
  under.append(ghostPath, step.spokes, ahead, behind, steps.element, chosen.element, ...step.arrows);
  over.append(step.names, ...names.ofStates);
  states.inside.append(room, under, handle, names.start, over);
  function update(frame, view) {
    const { state, result: { points }, ghost } = view;
    const at = state.step - 1;
    states.update(frame);
    const [low] = frame.at([-1, 0]);
    const side = frame.size - 2 * low;
    patch(room, { x: low, y: low, width: side, height: side, "data-tanh": state.activation === "tanh" });
    patch(ghostPath, { d: ghost ? pathThrough(frame, ghost.points) : null });
    patch(ahead, { d: pathThrough(frame, points.slice(at + 1)) });
    patch(behind, { d: pathThrough(frame, points.slice(0, at + 1)) });
    steps.update(frame, points, (k) => (k === 0 ? null : { r: 3.5, class: k <= at ? "u-past" : "" }));
    chosen.update(frame, [points[at + 1]], () => ({ r: 6, class: "u-here" }));
    const pixels = stepPixels(frame, view);
    const start = frame.at(points[0]);
    step.update(frame, view, pixels, names.update(frame, start, at, pixels));
    patch(handle, { cx: start[0].toFixed(1), cy: start[1].toFixed(1) });
    return start;
  }
  return { element: states.element, update };
}

/** W_h, its eigenvalues beside the unit circle, and what follows from them. */
function matrixPart({ facts: words }) {
  const [disc, matrix, facts] = [eigenvalueDisc({ names: ["Re", "Im"] }), matrixMark(), factsMark()];
  const told = ([one, other]) => (Number.isNaN(one.re) ? short(NaN)
    : one.im !== 0 && isPair([one, other]) ? `${short(one.re)} ± ${short(one.im)} i` : words.two({ one: short(one.re), other: short(other.re) }));
  return {
    elements: [disc.element, matrix.element, facts.element],
    update(ring, layout, result, ghost) {
      disc.update(ring, result.eigenvalues, { ghost: ghost?.eigenvalues, ticksUp: layout.ticksUp, free: isPair(result.eigenvalues) });
      matrix.update(layout.matrix, result.W_h);
      facts.update(layout.facts, [
        [words.pair, told(result.eigenvalues)], [words.radius, short(result.radius)], [words.singular, short(result.singular)],
      ], { stacked: layout.stacked, width: layout.factWidth });
    },
  };
}

/** Both units over time, where there is room for them, and the steps' numbers. */
function lanesPart(words) {
  const band = cursorBand();
  const lanes = UNITS.map(() => ({ axis: signedAxis(), bars: barLane() }));
  const [ticks, rows, told] = [tickLane(), nameLane(), textLane()];
  const names = [words.units.one, words.units.other];
  const over = svg("g", { class: "u-answer" }, ...lanes.flatMap(({ axis, bars }) => [axis.element, bars.element]), told.element);
  function drawLanes({ state, result, ghost, width }, { cols, layout, limit }) {
    const places = layout.lanes.map((zero) => ({ cols, zero, half: layout.half, limit }));
    lanes.forEach(({ axis, bars }, unit) => {
      axis.update(places[unit]);
      bars.update({ ...places[unit], values: result.h.map((h) => h[unit]), ghost: ghost?.h.map((h) => h[unit]) });
    });
    const x = within(cols.x(state.step - 1), [cols.left + 14, width - 18]);
    told.update(result.h[state.step - 1].map((value, unit) => [x, beyondBar(places[unit], value), short(value), "u-strong u-halo"]));
  }
  function update(view, { cols, layout, limit }) {
    const at = view.state.step - 1;
    patch(over, { display: layout.lanes ? null : "none" });
    if (layout.lanes) drawLanes(view, { cols, layout, limit });
    band.update({ cols, at, top: layout.lanes ? layout.steps + 4 : layout.foot - 15, bottom: layout.foot + 8 });
    ticks.update({ cols, at, y: layout.foot });
    rows.update([...(layout.lanes ?? []).map((zero, unit) => [names[unit], zero]), ...(layout.left < 36 ? [] : [[words.step, layout.foot - 4]])]);
  }
  return { elements: [band.element, over, ticks.element, rows.element], update };
}

/** What is taken hold of: h_0 in the plane, an eigenvalue in the disc; a click chooses a step. */
function takeHold(field, grips, { change, current, settings }, drawn) {
  let held = null; // the scales stay as they are while something is dragged

  /** The number of the path's dot nearest to a pixel, and how far away it is. */
  function nearest(pixel) {
    const { frame, view } = drawn();
    const away = view.result.points.map((point) => {
      const [px, py] = frame.at(point);
      return distance([frame.x + px, frame.y + py], pixel);
    });
    const least = Math.min(...away.filter((value) => !Number.isNaN(value)));
    return { k: away.indexOf(least), distance: least };
  }
  const select = (step) => change({ step: Math.max(1, step) });
  dragGrips(field, grips, {
    choose(pixel, reach) {
      const { layout, cols, frame } = drawn();
      const [px, py] = pixel;
      if (py > layout.steps && px < cols.end + 8) return select(cols.at(px) + 1);
      if (py >= frame.y + frame.size + 8 || px >= frame.x + frame.size + 8) return undefined;
      const found = nearest(pixel);
      return found.distance <= reach ? select(found.k) : undefined;
    },
    takes: (grip, pixel) => grip > 0 || nearest(pixel).k === 0,
    hold: () => (held = { states: drawn().frame.limit, disc: drawn().ring.limit }),
    release() {
      held = null;
      drawn().update(drawn().view);
    },
    move(grip, [px, py]) {
      const { frame, ring } = drawn();
      if (grip === 0) {
        const place = frame.value([px - frame.x, py - frame.y]);
        const { low, high } = settings.h_0;
        return change({ h_0: place.map((value) => snapped(within(value, [low, high]))) });
      }
      const [re, im] = ring.value([px - ring.x, py - ring.y]);
      const { angle, scale } = withEigenvalue({ re, im }, current());
      const near = Math.abs(scale - 1) < 0.025 ? 1 : Math.min(settings.scale.high, Math.round(scale * 100) / 100);
      return change({ angle: Math.round(angle), scale: near });
    },
  });
  return () => held;
}

function stage(tools) {
  const [states, matrix, lanes] = [statesPart(tools.words), matrixPart(tools.words), lanesPart(tools.words)];
  const drawing = svg("svg", { role: "img" }, states.element, ...matrix.elements, ...lanes.elements);
  const grips = ["start", "one", "other"].map(freeGrip);
  const field = html("div", { class: "u-field" }, drawing, ...grips);
  const time = stepSlider(tools);
  let drawn;
  const held = takeHold(field, grips, tools, () => drawn);

  function update(view) {
    const { state, result, ghost, width } = view;
    const layout = layoutFor(view);
    const cols = columns(width, state.timesteps, layout);
    const limit = held()?.states ?? stateLimit(view);
    const frame = planeFrame({ ...layout.plane, limit });
    const ring = planeFrame({ ...layout.disc, limit: held()?.disc ?? discLimit(result.eigenvalues) });
    drawn = { view, layout, cols, frame, ring, update };
    const { height } = layout;
    patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
    moveGrip(grips[0], frame, states.update(frame, view));
    matrix.update(ring, layout, result, ghost);
    const pair = isPair(result.eigenvalues);
    result.eigenvalues.forEach(({ re, im }, k) => moveGrip(grips[1 + k], ring, pair ? ring.at([re, im]) : [NaN, NaN]));
    lanes.update(view, { cols, layout, limit });
    time.update({ cols, step: state.step });
    time.element.style.top = `${layout.time}px`;
  }
  return { element: html("div", { class: "u-timed" }, field, time.element), update };
}

const snapped = (value) => (Math.abs(value) < 0.03 ? 0 : Math.round(value * 100) / 100);

// --- the formula, the sliders, the words

function formula({ state, result, words }) {
  const k = state.step - 1;
  const act = ACTIVATIONS[state.activation];
  const before = result.points[k];
  const [open, close] = state.activation === "identity" ? ["", ""] : [`${words.activations[state.activation]}(`, ")"];
  const row = (unit) => {
    const h = result.h[k][unit];
    const [one, other] = result.W_h[unit];
    const { decimals, exact } = decimalsFor(
      [one, before[0], other, before[1], state.b], ([p, q, r, s, t]) => act(p * q + r * s + t), h);
    return sketch("div", {},
      sketch("span", { text: [words.units.one, words.units.other][unit] }), " ",
      sketch("span", {}, `${open}${trimmed(one, decimals)} × `, operand(before[0], decimals), ` + ${signed(other, decimals)} × `, operand(before[1], decimals),
        ` + ${signed(state.b, decimals)}${close}`),
      " ", sketch("span", {}, exact ? "= " : "≈ ", sketch("b", { text: fixed(h, 2) })));
  };
  return [
    sketch("div", {}, ...symbolNodes(`h_${k + 1}`), ` = ${open}`, ...symbolNodes("W_h"), " ", ...symbolNodes(`h_${k}`), " + ",
      ...symbolNodes("b"), close),
    ...UNITS.map(row),
  ];
}

function controls(tools) {
  const { change, current, settings, words } = tools;
  const named = (name, symbol = name) => settingControl(tools, name, { symbol, label: words.controls[name] });
  const start = (unit, key) => control(tools, {
    ...ends(settings.h_0), symbol: `h_0,${unit + 1}`, label: words.controls.h_0[key], least: -Infinity, most: Infinity,
    onvalue: (value) => change({ h_0: current().h_0.map((old, k) => (k === unit ? value : old)) }),
  }, ({ h_0 }) => h_0[unit]);
  return [
    named("angle", words.angle), named("scale", words.scale), named("shear", words.shear), named("b"), start(0, "one"), start(1, "other"),
    settingControl(tools, "timesteps", { symbol: words.lengthLabel, label: words.lengthControl }),
  ];
}

const summary = ({ state, result, words }) => {
  const [one, other] = result.h[state.step - 1].map((value) => fixed(value));
  const [lastOne, lastOther] = result.h.at(-1).map((value) => fixed(value));
  return words.summary({ step: state.step, one, other, radius: fixed(result.radius), timesteps: state.timesteps, lastOne, lastOther });
};

function status(view) {
  const { result, words } = view;
  if (!result.W_h.flat().every(Number.isFinite)) return words.matrixOverflow;
  const overflow = result.h.findIndex((h) => !h.every(Number.isFinite));
  if (overflow >= 0) return words.stateOverflow({ step: overflow + 1 });
  const limit = stateLimit(view);
  return result.points.flat().some((value) => Math.abs(value) > limit) ? words.beyond({ limit }) : null;
}

// --- the same numbers in Python

function copyNumpy({ angle, scale, shear, b, h_0, activation, timesteps }, words) {
  const call = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[activation];
  return `# ${words.comment({ timesteps })}
import numpy as np

angle, scale, shear = np.deg2rad(${literal(angle)}), ${literal(scale)}, ${literal(shear)}
turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
W_h = scale * turn @ np.array([[1.0, shear], [0.0, 1.0]])
b = ${literal(b)}
h = np.array([${h_0.map(literal).join(", ")}])
for t in range(${timesteps}):
    h = ${call("W_h @ h + b")}
    print(f"{h[0]:z.2f} {h[1]:z.2f}")
`;
}

function copyPytorch({ angle, scale, shear, b, h_0, activation, timesteps }, words) {
  const head = `# ${words.comment({ timesteps })}
import math
import torch

angle, scale, shear = math.radians(${literal(angle)}), ${literal(scale)}, ${literal(shear)}
turn = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
turn = torch.tensor(turn, dtype=torch.float64)
W_h = scale * turn @ torch.tensor([[1.0, shear], [0.0, 1.0]], dtype=torch.float64)
`;
  const start = `torch.tensor([${h_0.map(literal).join(", ")}], dtype=torch.float64)`;
  if (activation === "identity") {
    return `${head}b = ${literal(b)}
h = ${start}
for t in range(${timesteps}):  # torch.nn.RNN knows tanh and ReLU only, so here is the loop
    h = W_h @ h + b
    print(f"{h[0].item():z.2f} {h[1].item():z.2f}")
`;
  }
  return `${head}rnn = torch.nn.RNN(1, 2, nonlinearity="${activation}", dtype=torch.float64)
with torch.no_grad():
    rnn.weight_ih_l0.fill_(0.0)  # W_x: there is no input
    rnn.weight_hh_l0.copy_(W_h)
    rnn.bias_ih_l0.fill_(${literal(b)})  # b
    rnn.bias_hh_l0.fill_(0.0)  # PyTorch has two biases; they are added
h_0 = ${start}
output, h_n = rnn(torch.zeros(${timesteps}, 1, dtype=torch.float64), h_0.reshape(1, 2))
for one, two in output.tolist():
    print(f"{one:z.2f} {two:z.2f}")
`;
}

export const code = { copyNumpy, copyPytorch };

/** What was computed, by the names that the face has for it. */
export const names = (state, { h, W_h }) => ({ hidden_states: h, W_h });

export default explorer({
  cursors: ["step"],
  settle: (state) => ({ ...state, step: Math.min(state.step, state.timesteps) }),
  compute, names,
  stage,
  controls,
  choice: (tools) => settingSegments(tools, "activation", tools.words.activation, tools.words.activations),
  formula,
  status,
  summary,
  code,
});
