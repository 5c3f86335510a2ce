/**
 * Two recurrent units without input: their state as a point that W_h turns and stretches,
 * and tanh pulls back (src/unrolled/explorers/state_plane.py is its face in Python).
 */

import { eigenvalues, largestSingularValue, spectralRadius, turning, withEigenvalue } from "../core/linear.js";
import { ACTIVATIONS, preactivation, run } from "../core/rnn.js";
import { discLimit, eigenvalueDisc, factsMark, isPair, matrixMark, moveGrip } from "../view/disc.js";
import { html, patch, repeat, svg } from "../view/dom.js";
import { dragGrips } from "../view/drag.js";
import { explorer, segments } from "../view/explorer.js";
import { decimalsFor, fixed, literal, short, trimmed } from "../view/number.js";
import { operand, signed } from "../view/formula.js";
import { choice, integer, number, numbers } from "../view/parameters.js";
import { arrow, dots, pathThrough, plane, planeFrame } from "../view/plane.js";
import { range, slider, symbolNodes } from "../view/slider.js";
import { barLane, columns, cursorBand, signedAxis, signedLimit, symbolText } from "../view/strip.js";
import { statePlane as words } from "../view/words.js";

const MOST_STEPS = 40;
const UNITS = [0, 1];
const base = { angle: 30, scale: 0.95, shear: 0, b: 0, h_0: [1, 0.6], activation: "tanh", timesteps: 16 };

export const initial = { ...base, step: 2 };
export const presets = {
  inward: { ...base, scale: 0.9, h_0: [0.9, 0.4], activation: "identity" },
  turns: { ...base, scale: 1, h_0: [0.8, 0.2], activation: "identity" },
  outward: { ...base, scale: 1.2, h_0: [0.2, 0.1], activation: "identity" },
  squashed: { ...base, scale: 1.2, h_0: [0.2, 0.1] },
  positive: { ...base, scale: 1.2, shear: 1.5, b: 1, h_0: [-0.4, 0.3] },
};

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

/** The scale of the states: tanh never leaves [-1, 1]; ReLU and the identity may. */
const stateLimit = ({ state, result }) => signedLimit(
  state.activation === "tanh" ? state.h_0 : result.points.flat());

// --- the drawing

function layoutFor(width) {
  if (width >= 560) {
    const size = Math.min(322, Math.round(width * 0.46));
    const side = 74 + size + 46;
    const disc = Math.min(190, width - side - 24);
    const foot = 8 + size + 32;
    return {
      left: 74, plane: { x: 74, y: 8, size }, disc: { x: side + 20, y: 68, size: disc },
      matrix: [side, 8], facts: [side, 68 + disc + 36], factLines: 1, factWidth: width - side - 4,
      lanes: [foot + 28, foot + 28 + 74], half: 25, foot: foot + 28 + 74 + 46, names: true,
    };
  }
  const size = Math.min(340, width - 26);
  const disc = Math.min(150, Math.round(width * 0.42));
  const top = 8 + size + 34;
  const foot = top + Math.max(disc + 16, 164) + 14;
  return {
    left: 40, plane: { x: 22, y: 8, size }, disc: { x: 0, y: top, size: disc },
    matrix: [disc + 14, top], facts: [disc + 14, top + 66], factLines: 2, factWidth: 0,
    lanes: [foot + 38, foot + 38 + 80], half: 22, foot: foot + 38 + 80 + 42, names: false,
  };
}

function stage({ change, current }) {
  // the plane of the states
  const states = plane({ names: words.units });
  const room = svg("rect", { class: "u-room" });
  const ghostPath = svg("path", { class: "u-ghost" });
  const ahead = svg("path", { class: "u-path" });
  const behind = svg("path", { class: "u-path u-past" });
  const spokes = svg("path", { class: "u-spokes" });
  const steps = dots();
  const chosenDot = dots();
  const weightArrow = svg("path", { class: "u-arrow" });
  const squashArrow = svg("path", { class: "u-arrow u-squash" });
  const handle = svg("circle", { class: "u-handle", r: 6.5 });
  const arrowNames = svg("g", {}, symbolText("W", "h"), svg("text", { "text-anchor": "middle" }));
  arrowNames.firstChild.append(svg("tspan", { dy: -3 }));
  const pointNames = svg("g", {}, ...["0", "", ""].map((index) => symbolText("h", index)));
  const namesOf = [...arrowNames.childNodes, ...pointNames.childNodes];
  for (const text of namesOf) text.classList.add("u-halo");
  states.inside.append(room, ghostPath, spokes, ahead, behind, steps.element, chosenDot.element, weightArrow, squashArrow, handle, arrowNames, pointNames);

  // the eigenvalues
  const disc = eigenvalueDisc({ names: [words.disc.real, words.disc.imaginary] });
  const matrix = matrixMark();
  const facts = factsMark();

  // both units over time
  const band = cursorBand();
  const lanes = UNITS.map(() => ({ axis: signedAxis(), bars: barLane() }));
  const ticks = svg("g", { class: "u-ticks" });
  const rows = svg("g", { class: "u-rows" });
  const chosen = svg("g");

  const drawing = svg("svg", { role: "img" }, states.element, disc.element, matrix.element, facts.element, band.element,
    ...lanes.flatMap(({ axis, bars }) => [axis.element, bars.element]), ticks, rows, chosen);
  const grips = ["start", "one", "other"].map((name) => html("div", { class: "u-grip u-free", "data-grip": name }));
  const field = html("div", { class: "u-field" }, drawing, ...grips);
  const time = range({
    min: 1, max: MOST_STEPS, step: 1, label: words.stepControl, onvalue: (step) => change({ step }),
  });
  time.element.classList.add("u-time");
  const element = html("div", {}, field, time.element);

  let cols;
  let layout;
  let frame;
  let ring;
  let last;
  let held = null; // the scales stay as they are while something is dragged

  /** The number of the path's dot nearest to a pixel, and how far away it is. */
  function nearest(pixel) {
    const away = last.result.points.map((point) => {
      const [px, py] = frame.at(point);
      return Math.hypot(frame.x + px - pixel[0], frame.y + py - pixel[1]);
    });
    const distance = Math.min(...away.filter((value) => !Number.isNaN(value)));
    return { k: away.indexOf(distance), distance };
  }
  const select = (step) => change({ step: Math.max(1, step) });
  dragGrips(field, grips, {
    choose(pixel, reach) {
      const [px, py] = pixel;
      if (py > layout.lanes[0] - layout.half - 12) return select(cols.at(px) + 1);
      if (py >= frame.y + frame.size + 8 || px >= frame.x + frame.size + 8) return undefined;
      const { k, distance } = nearest(pixel);
      return distance <= reach ? select(k) : undefined;
    },
    takes: (grip, pixel) => grip > 0 || nearest(pixel).k === 0,
    hold: () => (held = { states: frame.limit, disc: ring.limit }),
    release() {
      held = null;
      update(last);
    },
    move(grip, [px, py]) {
      if (grip === 0) {
        const place = frame.value([px - frame.x, py - frame.y]);
        return change({ h_0: place.map((value) => snapped(Math.max(-1, Math.min(1, value)))) });
      }
      const [re, im] = ring.value([px - ring.x, py - ring.y]);
      const { angle, scale } = withEigenvalue({ re, im }, current());
      const near = Math.abs(scale - 1) < 0.025 ? 1 : Math.min(2, Math.round(scale * 100) / 100);
      return change({ angle: Math.round(angle), scale: near });
    },
  });

  function update(view) {
    const { state, result, ghost, width } = view;
    last = view;
    layout = layoutFor(width);
    cols = columns(width, state.timesteps, layout);
    const at = state.step - 1;
    const limit = held?.states ?? stateLimit(view);
    frame = planeFrame({ ...layout.plane, limit });
    ring = planeFrame({ ...layout.disc, limit: held?.disc ?? discLimit(result.eigenvalues) });
    const height = layout.foot + 10;
    patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": summary(view) });
    drawPlane(view, at);
    drawDisc(result, ghost);

    band.update({ cols, at, top: layout.lanes[0] - layout.half - 8, bottom: layout.foot + 8 });
    lanes.forEach(({ axis, bars }, unit) => {
      const place = { cols, zero: layout.lanes[unit], half: layout.half, limit };
      axis.update(place);
      bars.update({ ...place, values: result.h.map((h) => h[unit]), ghost: ghost?.h.map((h) => h[unit]) });
    });
    const every = cols.pitch >= 18 ? 1 : 5;
    const numbered = result.h.map((_, k) => k).filter((k) => k === at
      || ((k + 1) % every === 0 && (every === 1 || Math.abs(k - at) * cols.pitch >= 16)));
    repeat(ticks, numbered.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, n) => {
      const k = numbered[n];
      patch(text, { x: cols.x(k).toFixed(1), y: layout.foot, class: k === at ? "u-chosen" : "", text: String(k + 1) });
    });
    repeat(chosen, 2, () => svg("text", { "text-anchor": "middle", class: "u-strong u-halo" })).forEach((text, unit) => {
      const value = result.h[at][unit];
      const reach = Math.max(-1, Math.min(1, (value || 0) / limit)) * layout.half;
      const y = value < 0 ? Math.min(layout.lanes[unit] - reach + 14, layout.lanes[unit] + layout.half + 12)
        : Math.max(layout.lanes[unit] - reach - 5, layout.lanes[unit] - layout.half - 3);
      patch(text, { x: Math.max(cols.left + 14, Math.min(cols.x(at), width - 18)).toFixed(1), y: y.toFixed(1), text: short(value) });
    });
    const names = [...UNITS.map((unit) => [words.units[unit], layout.lanes[unit] + (layout.names ? 4 : -layout.half - 11)]),
      [words.step, layout.foot]];
    repeat(rows, names.length, () => svg("text", { x: 0 })).forEach((text, k) => {
      patch(text, { y: names[k][1], text: names[k][0] });
    });
    time.update(state.step, { text: words.stepValue(state.step, state.timesteps), upper: state.timesteps });
    // the thumb is 20 px wide; its centre stands under the column
    time.element.style.marginLeft = `${cols.x(0) - 10}px`;
    time.element.style.width = `${cols.pitch * (cols.count - 1) + 20}px`;
  }

  function drawPlane({ state, result, ghost }, at) {
    const { points } = result;
    states.update(frame);
    const [low] = frame.at([-1, 0]);
    patch(room, {
      x: low, y: low, width: frame.size - 2 * low, height: frame.size - 2 * low, "data-tanh": state.activation === "tanh",
    });
    patch(ghostPath, { d: ghost ? pathThrough(frame, ghost.points) : null });
    patch(ahead, { d: pathThrough(frame, points.slice(at + 1)) });
    patch(behind, { d: pathThrough(frame, points.slice(0, at + 1)) });
    steps.update(frame, points, (k) => (k === 0 ? null
      : { r: 3.5, class: k <= at ? "u-past" : "" }));
    chosenDot.update(frame, [points[at + 1]], () => ({ r: 6, class: "u-here" }));

    // the chosen step: what W_h (and b) make of the state before, and what the activation makes of that
    const [from, made, to] = [points[at], result.before[at], points[at + 1]].map(frame.at);
    const bent = state.activation !== "identity" && Math.hypot(made[0] - to[0], made[1] - to[1]) > 7;
    const middle = [frame.middle, frame.middle];
    patch(spokes, { d: pathThrough(frame, [points[at], [0, 0], result.before[at]]) });
    // there and back on the same line: each keeps to its own side of it
    const back = bent && Math.hypot(from[0] - to[0], from[1] - to[1]) < 12;
    const aside = ([px, py], side) => {
      const length = back ? Math.hypot(made[0] - to[0], made[1] - to[1]) : Infinity;
      return [px + (side * (made[1] - to[1])) / length, py - (side * (made[0] - to[0])) / length];
    };
    const seen = frame.holds(made) ? made : frame.edge(to, made);
    patch(weightArrow, { d: arrow(frame, aside(from, 4), aside(made, 4), bent ? 4 : 7) });
    patch(squashArrow, { d: bent ? arrow(frame, aside(seen, -4), aside(to, -4), 7) : null });
    const [weightName, squashName] = arrowNames.childNodes;
    beside(weightName, aside(from, 4), aside(seen, 4), back ? to : middle, state.b === 0 ? 14 : 26);
    patch(weightName.lastChild, { text: state.b === 0 ? "" : words.bias });
    beside(squashName, bent ? aside(seen, -4) : null, aside(to, -4), from, 19);
    patch(squashName, { text: words.activations[state.activation] });

    const start = frame.at(points[0]);
    patch(handle, { cx: start[0].toFixed(1), cy: start[1].toFixed(1) });
    const apart = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by) > 20;
    const [startName, fromName, toName] = pointNames.childNodes;
    outside(startName, apart(start, to) && (at === 0 || apart(start, from)) ? start : null);
    outside(fromName, at > 0 && apart(from, to) ? from : null, String(at));
    outside(toName, to, String(at + 1), bent ? seen : undefined);
    toName.classList.add("u-chosen");
    moveGrip(grips[0], frame, start);
  }

  /** A name beside an arrow's middle, on the side away from `other`; none where that is short. */
  function beside(text, from, to, other, reach) {
    const length = from ? Math.hypot(to[0] - from[0], to[1] - from[1]) : 0;
    patch(text, { visibility: length > 16 ? "visible" : "hidden" });
    if (!(length > 16)) return;
    const [mx, my] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    const [nx, ny] = [(to[1] - from[1]) / length, (from[0] - to[0]) / length];
    const side = nx * (mx - other[0]) + ny * (my - other[1]) < 0 ? -1 : 1;
    patch(text, { x: Math.max(reach, Math.min(frame.size - reach, mx + side * nx * (reach + 4))).toFixed(1), y: (my + side * ny * 13 + 4).toFixed(1) });
  }

  /** A point's name, on the side that is away from `other` (zero) but inside the square. */
  function outside(text, point, index = null, other = [frame.middle, frame.middle]) {
    const shown = point !== null && frame.holds(point);
    patch(text, { visibility: shown ? "visible" : "hidden" });
    if (!shown) return;
    const [dx, dy] = [point[0] - other[0], point[1] - other[1]];
    const away = Math.hypot(dx, dy) || 1;
    const fit = (pixel, low, high) => Math.max(low, Math.min(frame.size - high, pixel)).toFixed(1);
    patch(text, { x: fit(point[0] + (18 * dx) / away, 10, 12), y: fit(point[1] + (away === 1 ? -16 : (17 * dy) / away) + 4, 12, 6) });
    if (index !== null) patch(text.lastChild, { text: index });
  }

  function drawDisc(result, ghost) {
    const pair = isPair(result.eigenvalues);
    disc.update(ring, result.eigenvalues, { ghost: ghost?.eigenvalues, ticksUp: layout.names, free: pair });
    result.eigenvalues.forEach(({ re, im }, k) => moveGrip(grips[1 + k], ring, pair ? ring.at([re, im]) : [NaN, NaN]));
    matrix.update(layout.matrix, result.W_h);
    const [one, other] = result.eigenvalues;
    facts.update(layout.facts, [
      [words.facts.pair, Number.isNaN(one.re) ? fixed(NaN) : one.im !== 0 && pair ? words.facts.complex(fixed(one.re), fixed(one.im))
        : words.facts.two(fixed(one.re), fixed(other.re))],
      [words.facts.radius, fixed(result.radius)],
      [words.facts.singular, fixed(result.singular)],
    ], { lines: layout.factLines, width: layout.factWidth });
  }
  return { element, update };
}

const snapped = (value) => (Math.abs(value) < 0.03 ? 0 : Math.round(value * 100) / 100);

// --- the formula, the sliders, the words

function formula({ state, result }) {
  const k = state.step - 1;
  const act = ACTIVATIONS[state.activation];
  const before = result.points[k];
  const [open, close] = state.activation === "identity" ? ["", ""] : [`${words.activations[state.activation]}(`, ")"];
  const row = (unit) => {
    const h = result.h[k][unit];
    const [one, other] = result.W_h[unit];
    const { decimals, exact } = decimalsFor(
      [one, before[0], other, before[1], state.b], ([p, q, r, s, t]) => act(p * q + r * s + t), h);
    return html("div", {},
      html("span", { text: words.units[unit] }), " ",
      html("span", {}, `${open}${trimmed(one, decimals)} × `, operand(before[0], decimals), ` + ${signed(other, decimals)} × `, operand(before[1], decimals),
        ` + ${signed(state.b, decimals)}${close}`),
      " ", html("span", {}, exact ? "= " : "≈ ", html("b", { text: fixed(h, 2) })));
  };
  return [
    html("div", {}, ...symbolNodes(`h_${k + 1}`), ` = ${open}`, ...symbolNodes("W_h"), " ", ...symbolNodes(`h_${k}`), " + ",
      ...symbolNodes("b"), close),
    ...UNITS.map(row),
  ];
}

function controls({ change, current, say }) {
  const one = ([symbol, label], ends, read, write) => {
    const part = slider({ symbol, label, ...ends, onvalue: (value) => change(write(value)), onerror: say });
    return { element: part.element, update: ({ state }) => part.update(read(state)) };
  };
  const named = (name, ends) =>
    one(words.controls[name], { step: 0.01, ...ends }, (state) => state[name], (value) => ({ [name]: value }));
  return [
    named("angle", { min: -180, max: 180, step: 1, whole: true }),
    named("scale", { min: 0, max: 2 }),
    named("shear", { min: -2, max: 2 }),
    named("b", { min: -2, max: 2 }),
    ...UNITS.map((unit) => one(words.controls.h_0[unit], { min: -1, max: 1, step: 0.01 }, (state) => state.h_0[unit],
      (value) => ({ h_0: current().h_0.map((old, k) => (k === unit ? value : old)) }))),
    named("timesteps", { min: 2, max: MOST_STEPS, step: 1, whole: true }),
  ];
}

const summary = ({ state, result }) =>
  words.summary(state.step, ...result.h[state.step - 1].map((value) => fixed(value)), fixed(result.radius),
    state.timesteps, ...result.h.at(-1).map((value) => fixed(value)));

function status(view) {
  const { result } = view;
  if (!result.W_h.flat().every(Number.isFinite)) return words.matrixOverflow;
  const overflow = result.h.findIndex((h) => !h.every(Number.isFinite));
  if (overflow >= 0) return words.overflow(overflow + 1);
  const limit = stateLimit(view);
  return result.points.flat().some((value) => Math.abs(value) > limit) ? words.clipped(limit) : null;
}

// --- the same numbers in Python

function copyNumpy({ angle, scale, shear, b, h_0, activation, timesteps }) {
  const call = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[activation];
  return `# ${words.comment(timesteps)}
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

function copyPytorch({ angle, scale, shear, b, h_0, activation, timesteps }) {
  const head = `# ${words.comment(timesteps)}
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

export default explorer({
  words,
  parameters: [
    integer("angle", { min: -180, max: 180 }),
    ...["scale", "shear", "b"].map((name) => number(name)),
    numbers("h_0", { min: 2, max: 2 }),
    choice("activation", Object.keys(ACTIVATIONS)),
    integer("timesteps", { min: 2, max: MOST_STEPS }),
    integer("step", { min: 1, max: MOST_STEPS, cursor: true }),
  ],
  initial,
  settle: (state) => ({ ...state, step: Math.min(state.step, state.timesteps) }),
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
  code,
});
