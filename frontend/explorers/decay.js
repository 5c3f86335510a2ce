/**
 * The gradient of two recurrent units by lag, its bounds, and what is left of the first input
 * (src/unrolled/explorers/decay.py is its face in Python).
 */

import { halfLife, jacobians, products } from "../core/gradients.js";
import { eigenvalues, largestSingularValue, spectralRadius, turning, withEigenvalue } from "../core/linear.js";
import { ACTIVATIONS, DERIVATIVES, run } from "../core/rnn.js";
import { lagChart, logFrame, logLimits } from "../view/chart.js";
import { discLimit, eigenvalueDisc, factsMark, isPair, matrixMark, moveGrip } from "../view/disc.js";
import { html, patch, repeat, svg } from "../view/dom.js";
import { dragGrips } from "../view/drag.js";
import { explorer, segments } from "../view/explorer.js";
import { decimalsFor, digitsFor, fixed, literal, short, significant, tenTo, trimmed } from "../view/number.js";
import { choice, integer, number } from "../view/parameters.js";
import { planeFrame } from "../view/plane.js";
import { range, slider, symbolNodes } from "../view/slider.js";
import { barLane, columns, cursorBand } from "../view/strip.js";
import { decay as words } from "../view/words.js";

const MOST_STEPS = 100;
const base = { rho: 0.95, angle: 30, shear: 0, input_scale: 0.5, activation: "tanh", timesteps: 40 };

export const initial = { ...base, lag: 10 };
export const presets = {
  vanishes: { ...base, rho: 0.8 },
  explodes: { ...base, rho: 1.2, activation: "identity" },
  saturates: { ...base, rho: 1.2, input_scale: 2 },
  orthogonal: { ...base, rho: 1, input_scale: 0.1 },
  positive: { ...base, rho: 4, angle: 45, shear: 2, input_scale: 1, timesteps: 20 },
};

const size = ([one, other]) => Math.hypot(one, other);

/**
 * Entry k of a list is about lag k: `gradient` is the norm of dh_T/dh_{T-k}, `bound` and `flat`
 * (with the activation's slopes) are not less, `slopes` has the larger slope of the step that
 * lag k adds, and `memory` what is left, k steps after the first, of the difference (`apart`)
 * that the sign of the first input makes. A product that overflows is NaN.
 */
export function compute({ rho, angle, shear, input_scale, activation, timesteps }) {
  const shape = spectralRadius(turning({ angle, scale: 1, shear }));
  const W_h = turning({ angle, scale: rho / shape, shear });
  const known = W_h.flat().every(Number.isFinite) && Number.isFinite(shape);
  const lost = Array(timesteps).fill(NaN);
  if (!known) {
    const [values, pair] = [[lost, lost], [{ re: NaN, im: NaN }, { re: NaN, im: NaN }]];
    return {
      W_h, known, h: values, eigenvalues: pair, radius: NaN, singular: NaN, steps: [], products: [],
      gradient: lost, bound: lost, flat: lost, slopes: lost, apart: lost, memory: lost,
    };
  }
  const cell = { W_x: [[input_scale], [input_scale]], W_h, b: [0, 0], activation };
  const x = Array.from({ length: timesteps }, (_, k) => [Math.sin((k + 1) ** 2)]);
  const h = run(cell, x);
  const turned = run(cell, [[-x[0][0]], ...x.slice(1)]);
  const steps = jacobians(cell, h);
  const found = products(steps).slice(0, timesteps);
  const singular = largestSingularValue(W_h);
  const slopes = h.map((state) => Math.max(...state.map((value) => DERIVATIVES[activation](value)))).reverse();
  let through = 1;
  const apart = h.map((state, k) => size([state[0] - turned[k][0], state[1] - turned[k][1]]));
  return {
    W_h, known, h, steps, products: found, singular, apart,
    eigenvalues: eigenvalues(W_h),
    radius: spectralRadius(W_h),
    gradient: found.map((product) => (product.flat().every(Number.isFinite) ? largestSingularValue(product) : NaN)),
    bound: found.map((_, k) => singular ** k),
    flat: found.map((_, k) => singular ** k * (k ? (through *= slopes[k - 1]) : 1)),
    slopes: [0, ...slopes.slice(0, -1)],
    memory: apart.map((value) => value / apart[0]),
  };
}

const limits = ({ gradient, memory, bound, flat }) => logLimits([gradient, memory, bound, flat]);

// --- the drawing

function layoutFor(width) {
  if (width >= 560) {
    const side = 204;
    return {
      left: 44, right: side + 26 + 80, top: 14, bottom: 252, slope: 322, reach: 36, foot: 346, time: 354, height: 388,
      matrix: [width - side, 6], disc: { x: width - side + 12, y: 64, size: 184 }, facts: [width - side, 288],
      factLines: 1, factWidth: side - 4, ticksUp: true,
    };
  }
  const disc = Math.min(150, Math.round(width * 0.42));
  const beside = width >= 310; // is there room for the facts beside the disc?
  return {
    left: 38, right: 78, top: 14, bottom: 232, slope: 294, reach: 32, foot: 316, time: 322, height: beside ? 580 : 484 + disc,
    matrix: [disc + (beside ? 20 : 0), 378], disc: { x: 0, y: 378, size: disc },
    facts: beside ? [disc + 20, 450] : [0, 378 + disc + 34], factLines: beside ? 2 : 1, factWidth: width, ticksUp: false,
  };
}

function stage({ change, current }) {
  const band = cursorBand();
  const chart = lagChart();
  const slopes = barLane();
  const slopeAxis = svg("g", { class: "u-axis" });
  const slopeName = svg("text", { x: 0 });
  const lagName = svg("text", { x: 0, text: words.lag });
  const disc = eigenvalueDisc({ names: [words.disc.real, words.disc.imaginary] });
  const matrix = matrixMark();
  const facts = factsMark();
  const drawing = svg("svg", { role: "img" }, band.element, chart.element, svg("g", { class: "u-slopes" }, slopeAxis, slopes.element),
    slopeName, lagName, disc.element, matrix.element, facts.element);
  const grips = ["one", "other"].map((name) => html("div", { class: "u-grip u-free", "data-grip": name }));
  const field = html("div", { class: "u-field" }, drawing, ...grips);
  const time = range({
    min: 0, max: MOST_STEPS - 1, step: 1, label: words.lagControl, onvalue: (lag) => change({ lag }),
  });
  time.element.classList.add("u-time");
  const element = html("div", { class: "u-decay" }, field, time.element);

  let cols;
  let layout;
  let ring;
  let last;
  let held = null; // the scales stay as they are while something is dragged

  dragGrips(field, grips, {
    choose: ([px, py]) => {
      if (py < layout.foot + 8 && px < cols.end + 6) change({ lag: cols.at(px) });
    },
    hold: () => (held = { limits: limits(last.result), disc: ring.limit }),
    release() {
      held = null;
      update(last);
    },
    move(grip, [px, py]) {
      const [re, im] = ring.value([px - ring.x, py - ring.y]);
      const value = last.result.eigenvalues[grip];
      // a real eigenvalue stays on its axis until it is pulled well away from it
      const along = !isPair(last.result.eigenvalues) && Math.abs(im) * ring.unit < 12 && value.re !== 0;
      const { rho, angle } = current();
      const found = along ? { angle, scale: rho * Math.abs(re / value.re) } : withEigenvalue({ re, im }, current());
      const near = Math.abs(found.scale - 1) < 0.025 ? 1 : Math.min(4, Math.round(found.scale * 100) / 100);
      change({ angle: Math.round(found.angle), rho: near });
    },
  });

  function update(view) {
    const { state, result, ghost, width } = view;
    last = view;
    layout = layoutFor(width);
    cols = columns(width, state.timesteps, layout);
    const { top, bottom, foot, slope, reach } = layout;
    patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": summary(view) });
    band.update({ cols, at: state.lag, top: top - 8, bottom: foot + 8 });
    const same = state.activation === "identity";
    chart.update({
      cols, foot, at: state.lag, frame: logFrame({ top, bottom, ...(held?.limits ?? limits(result)) }),
      between: same ? null : [result.bound, result.flat],
      lines: [
        { name: words.lines.gradient, look: "u-main", values: result.gradient, ghost: ghost?.gradient.slice(0, state.timesteps), ring: halfLife(result.gradient) },
        { name: words.lines.memory, look: "u-second", values: result.memory },
        { name: words.lines.bound("ᵏ"), look: "u-bound", values: result.bound },
        ...(same ? [] : [{ name: words.lines.flat(words.activations[state.activation]), look: "u-bound", values: result.flat }]),
      ],
    });
    slopes.update({ cols, zero: slope, half: reach, limit: 1, values: result.slopes, ghost: cols.pitch < 10 ? null : ghost?.slopes });
    repeat(slopeAxis, same ? 0 : 2, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, end) => {
      const y = slope - end * reach;
      patch(group.firstChild, { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": end ? "2 4" : null });
      patch(group.lastChild, { x: cols.left - 6, y: y + 4, text: String(end) });
    });
    patch(slopeName, { y: slope - reach / 2 + 4, text: same ? "" : words.slope(words.activations[state.activation]) });
    patch(slopes.element, { visibility: same ? "hidden" : null });
    patch(lagName, { y: foot });

    ring = planeFrame({ ...layout.disc, limit: held?.disc ?? discLimit(result.eigenvalues) });
    disc.update(ring, result.eigenvalues, { ghost: ghost?.eigenvalues, ticksUp: layout.ticksUp, free: true });
    result.eigenvalues.forEach(({ re, im }, k) => moveGrip(grips[k], ring, ring.at([re, im])));
    matrix.update(layout.matrix, result.W_h);
    facts.update(layout.facts, [
      [words.facts.radius, fixed(result.radius)],
      [words.facts.singular, fixed(result.singular)],
      [words.facts.gradient, lifeText(result.gradient)],
      [words.facts.memory, lifeText(result.memory)],
    ], { lines: layout.factLines, width: layout.factWidth });

    time.update(state.lag, { text: words.lagValue(state.lag, state.timesteps - 1), upper: state.timesteps - 1 });
    // the thumb is 20 px wide; its centre stands under the column
    Object.assign(time.element.style, {
      top: `${layout.time}px`, left: `${cols.x(0) - 10}px`, width: `${cols.pitch * (cols.count - 1) + 20}px`,
    });
  }
  return { element, update };
}

function lifeText(values) {
  const lag = halfLife(values);
  if (lag !== null) return words.facts.steps(lag);
  const end = values.at(-1);
  if (Number.isNaN(end)) return Number.isNaN(values[0]) ? words.facts.none : words.facts.grows;
  return end >= 2 && end > Math.max(...values) / 2 ? words.facts.grows : words.facts.never(values.length - 1);
}

// --- the formula, the sliders, the words

const partial = (above, below) =>
  html("span", { class: "u-tight" }, "∂", ...symbolNodes(`h_${above}`), "/∂", ...symbolNodes(`h_${below}`));

/** A matrix in brackets, with a power of ten before it where its entries are far from 1. */
function matrixNodes(matrix, power, decimals) {
  const entries = matrix.flat().map((value) => html("span", { text: known(matrix) ? trimmed(value / 10 ** power, decimals) : short(value) }));
  return html("span", { class: "u-tight" }, power ? `${tenTo(power)} ` : "", html("span", { class: "u-two" }, ...entries));
}

const known = (matrix) => matrix.flat().every(Number.isFinite);

function powerOf(matrix) {
  const largest = Math.max(...matrix.flat().map(Math.abs));
  return known(matrix) && largest > 0 && (largest < 0.1 || largest >= 1000) ? Math.max(-300, Math.floor(Math.log10(largest))) : 0;
}

const product = ([a, b, c, d], [p, q, r, s]) => [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s];
const rows = ([a, b, c, d]) => [[a, b], [c, d]];

function formula({ state, result }) {
  const { lag: k, timesteps: T, activation } = state;
  const row = (label, ...parts) => html("div", { class: "u-row" }, html("span", { text: label }), " ", ...parts);
  const strong = (value) => html("b", { text: significant(value) });
  const is = (exact) => (exact ? "= " : "≈ ");
  const act = words.activations[activation];

  const factors = k <= 3 ? Array.from({ length: k }, (_, n) => T - n) : [T, T - 1, null, T - k + 1];
  const head = row(words.atLag(k), partial(T, T - k), " = ",
    ...(k === 0 ? [words.identity, " ", strong(result.gradient[0])]
      : factors.flatMap((step, n) => [n ? " " : "", ...(step === null ? ["⋯"] : symbolNodes(`J_${step}`))])),
    ...(k === 0 ? [] : [`${words.where} `, html("span", {}, ...symbolNodes("J_t"), " = ",
      activation === "identity" ? "" : `diag(${act}′) `, ...symbolNodes("W_h"))]));

  const parts = [head];
  if (k > 0 && result.known) {
    const [before, step, after] = [result.products[k - 1], result.steps[T - k], result.products[k]];
    const powers = [before, step, after].map(powerOf);
    const places = powers[2] ? 2 : 3;
    const unit = 10 ** (powers[0] + powers[1] - powers[2]);
    const show = ([...entries]) => [...entries.map((value) => fixed(value, places)), significant(largestSingularValue(rows(entries)) * 10 ** powers[2])].join();
    const { decimals, exact } = decimalsFor(
      [...before.flat().map((value) => value / 10 ** powers[0]), ...step.flat().map((value) => value / 10 ** powers[1])],
      (all) => product(all.slice(0, 4), all.slice(4)).map((value) => value * unit),
      after.flat().map((value) => value / 10 ** powers[2]), 2, show);
    parts.push(row(words.rows.gradient,
      html("span", {}, partial(T, T - k + 1), " ", ...symbolNodes(`J_${T - k + 1}`), " = "), " ",
      matrixNodes(before, powers[0], decimals), " ", matrixNodes(step, powers[1], decimals), " ",
      html("span", {}, is(exact), matrixNodes(after, powers[2], places)), " ",
      html("span", {}, words.norm, " ", strong(result.gradient[k]))));
  }
  if (result.known) {
    const { singular } = result;
    const through = result.slopes.slice(1, k + 1).reduce((all, slope) => all * slope, 1);
    const only = digitsFor([singular], ([one]) => one ** k, result.bound[k]);
    const both = digitsFor([singular, through], ([one, other]) => one ** k * other, result.flat[k]);
    const power = ({ digits }) => html("span", { class: "u-tight" }, singular < 1e6 ? trimmed(Number(singular.toPrecision(digits)), 8) : `(${significant(singular, digits)})`, html("sup", { text: String(k) }));
    parts.push(row(words.rows.bound, html("span", {}, html("i", { text: "σ" }), html("sup", { text: String(k) }), " = ", power(only), ` ${is(only.exact)}`, strong(result.bound[k])),
      ...(activation === "identity" ? [] : [", ", html("span", {}, `${words.largest(act)}: `), " ",
        html("span", {}, power(both), ` × ${significant(through, both.digits)} ${is(both.exact)}`, strong(result.flat[k]))])));
    const [away, first] = [result.apart[k], result.apart[0]];
    const turned = (index) => [html("span", { class: "u-tight" }, "‖", ...symbolNodes(`h_${index}`), " − ", html("i", { text: "h̃" }), html("sub", { text: String(index) }), "‖")];
    if (first === 0) parts.push(row(words.rows.memory, html("span", { text: words.noInput })));
    else {
      const { digits, exact } = digitsFor([away, first], ([one, other]) => one / other, result.memory[k]);
      parts.push(row(words.rows.memory, html("span", {}, ...turned(k + 1), " / ", ...turned(1), " = "), " ",
        html("span", {}, `${significant(away, digits)} / ${significant(first, digits)} ${is(exact)}`, strong(result.memory[k])), " ",
        html("small", {}, html("i", { text: "h̃" }), words.turned, " −", ...symbolNodes("x_1"))));
    }
  }
  return parts;
}

function controls({ change, say }) {
  const one = (name, ends) => {
    const [symbol, label] = words.controls[name];
    const part = slider({ symbol, label, step: 0.01, ...ends, onvalue: (value) => change({ [name]: value }), onerror: say });
    return { element: part.element, update: ({ state }) => part.update(state[name]) };
  };
  return [
    one("rho", { min: 0, max: 4, least: 0 }),
    one("angle", { min: -180, max: 180, step: 1, whole: true }),
    one("shear", { min: -2, max: 2 }),
    one("input_scale", { min: 0, max: 4 }),
    one("timesteps", { min: 2, max: MOST_STEPS, step: 1, whole: true }),
  ];
}

const summary = ({ state, result }) =>
  words.summary(fixed(result.radius), state.lag, significant(result.gradient[state.lag]), lifeText(result.gradient), lifeText(result.memory));

function status({ state, result }) {
  if (!result.known) return words.matrixOverflow;
  const { gradient, h } = result;
  const said = [];
  const overflow = h.findIndex((state) => !state.every(Number.isFinite));
  if (overflow >= 0) said.push(words.stateOverflow(overflow + 1));
  const lost = gradient.findIndex(Number.isNaN);
  if (lost >= 0) said.push(words.overflow(lost));
  const gone = gradient.indexOf(0);
  if (gone >= 0 && state.rho > 0) {
    const flat = h.slice(-gone).flat().some((value) => Math.abs(value) === 1);
    said.push({ tanh: flat ? words.flat : words.underflow, relu: words.cut, identity: words.underflow }[state.activation](gone));
  }
  const { low, high } = limits(result);
  const powers = [gradient, result.memory, result.bound, result.flat].flat().filter((value) => value > 0).map(Math.log10);
  const same = result.memory.indexOf(0);
  if (same >= 0 && state.activation === "tanh") said.push(words.forgotten(same));
  if (powers.some((power) => power < low - 1e-6)) said.push(words.below(tenTo(low)));
  if (powers.some((power) => power > high + 1e-6)) said.push(words.above(tenTo(high)));
  return said.join(" ") || null;
}

// --- the same numbers in Python

function copyNumpy({ rho, angle, shear, input_scale, activation, timesteps }) {
  const call = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[activation];
  const slope = { tanh: "1 - h**2", relu: "(h > 0).astype(float)", identity: "np.ones(2)" }[activation];
  return `# ${words.comment(timesteps)}
import numpy as np

rho, angle, shear = ${literal(rho)}, np.deg2rad(${literal(angle)}), ${literal(shear)}
turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
W_h = turn @ np.array([[1.0, shear], [0.0, 1.0]])
W_h *= rho / np.abs(np.linalg.eigvals(W_h)).max()
x = ${literal(input_scale)} * np.sin(np.arange(1, ${timesteps + 1}) ** 2)
h = np.zeros(2)
jacobians = []
for x_t in x:
    h = ${call("x_t + W_h @ h")}
    slope = ${slope}
    jacobians.append(slope[:, None] * W_h)  # dh_t / dh_{t-1}
product = np.eye(2)
for lag in range(${timesteps}):
    print(f"{lag:2} {np.linalg.norm(product, 2):.2e}")  # 2: the largest singular value
    product = product @ jacobians[-1 - lag]
`;
}

function copyPytorch({ rho, angle, shear, input_scale, activation, timesteps }) {
  const call = { tanh: (z) => `torch.tanh(${z})`, relu: (z) => `torch.relu(${z})`, identity: (z) => z }[activation];
  return `# ${words.comment(timesteps)}
import math
import torch

torch.set_default_dtype(torch.float64)
rho, angle, shear = ${literal(rho)}, math.radians(${literal(angle)}), ${literal(shear)}
turn = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
W_h = torch.tensor(turn) @ torch.tensor([[1.0, shear], [0.0, 1.0]])
W_h *= rho / torch.linalg.eigvals(W_h).abs().max()
x = ${literal(input_scale)} * torch.sin(torch.arange(1, ${timesteps + 1}).double() ** 2)
h = torch.zeros(2, requires_grad=True)
states = []
for x_t in x:
    h = ${call("x_t + W_h @ h")}
    states.append(h)
# autograd: a row of dh_T/dh_t for each unit of the last state
rows = [torch.autograd.grad(h[i], states, retain_graph=True) for i in range(2)]
for lag in range(${timesteps}):
    jacobian = torch.stack([row[-1 - lag] for row in rows])
    print(f"{lag:2} {torch.linalg.matrix_norm(jacobian, 2):.2e}")
`;
}

export const code = { copyNumpy, copyPytorch };

export default explorer({
  words,
  parameters: [
    number("rho", { min: 0 }),
    integer("angle", { min: -180, max: 180 }),
    number("shear"),
    number("input_scale"),
    choice("activation", Object.keys(ACTIVATIONS)),
    integer("timesteps", { min: 2, max: MOST_STEPS }),
    integer("lag", { min: 0, max: MOST_STEPS - 1, cursor: true }),
  ],
  initial,
  settle: (state) => ({ ...state, lag: Math.min(state.lag, state.timesteps - 1) }),
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
