/** The gradient of two recurrent units by lag, its bounds, and what is left of the first input. */

import { apart, bounds, halfLife, jacobians, products } from "#core/gradients.js";
import { eigenvalues, largestSingularValue, spectralRadius, turning, withEigenvalue } from "#core/linear.js";
import { DERIVATIVES, run } from "#core/rnn.js";
import { beyondText, lagChart, lifeText, logFrame, logLimits } from "#view/chart.js";
import { columnSlider, settingControl, settingSegments } from "#view/controls.js";
import { discLimit, eigenvalueDisc, factsMark, freeGrip, isPair, matrixMark, moveGrip } from "#view/disc.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { dragGrips } from "#view/drag.js";
import { explorer } from "#view/explorer.js";
import { decimalsFor, digitsFor, fixed, literal, short, significant, tenTo, trimmed } from "#view/number.js";
import { planeFrame } from "#view/plane.js";
import { shapeOf, within } from "#view/shape.js";
import { symbolNodes } from "#view/slider.js";
import { barLane, columns, cursorBand } from "#view/strip.js";

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
  const slopes = h.map((state) => Math.max(...state.map((value) => DERIVATIVES[activation](value))));
  const { alone, withSlopes } = bounds(singular, slopes);
  const distances = apart(h, turned);
  return {
    W_h, known, h, steps, products: found, singular, apart: distances,
    eigenvalues: eigenvalues(W_h),
    radius: spectralRadius(W_h),
    gradient: found.map((product) => (product.flat().every(Number.isFinite) ? largestSingularValue(product) : NaN)),
    bound: alone,
    flat: withSlopes,
    slopes: [0, ...slopes.slice(1).reverse()],
    memory: distances.map((value) => value / distances[0]),
  };
}

const lifeOf = (values, words) => lifeText(values, halfLife(values), words);
const limits = ({ gradient, memory, bound, flat }) => logLimits([gradient, memory, bound, flat]);

// --- the drawing

/**
 * Where things stand. The height follows from the width and the room alone: the chart with the
 * slopes at its foot, and beside it, or on a narrow screen above it, the disc with what follows
 * from it.
 */
function layoutFor({ width, room }) {
  const shape = shapeOf({ width, room });
  const wide = shape !== "narrow";
  const height = within(room, { wide: [388, 424], short: [280, 360], narrow: [360, 444] }[shape]);
  const [time, foot] = wide ? [height - 40, height - 48] : [height - 42, height - 50];
  const reach = { wide: 36, short: 22, narrow: 24 }[shape];
  const slope = foot - (wide ? 24 : 20);
  const below = { foot, time, height, slope, reach, bottom: slope - reach - (shape === "wide" ? 34 : 20) };
  if (!wide) {
    const size = Math.round(within(width * 0.4, [96, 124]));
    const beside = width - size - 24;
    return {
      ...below, left: 38, right: 78, top: size + 44, matrix: [Math.min(size + 24, width - 138), 4], disc: { x: 0, y: 4, size }, ticksUp: false,
      ...(beside >= 172 ? { facts: [size + 16, 74], factWidth: beside + 8 } : { facts: [0, size + 32], factWidth: width, factColumns: 2, stacked: true, top: size + 94 }),
    };
  }
  if (shape === "short") {
    const size = Math.min(116, height - 196);
    return {
      ...below, left: 38, right: 144 + 8 + 78, top: 14, matrix: [width - 144, 2], disc: { x: width - 128, y: 50, size }, ticksUp: false,
      facts: [width - 136, size + 84], factWidth: 140, stacked: true,
    };
  }
  const side = Math.round(within(width * 0.35, [204, 232]));
  return {
    ...below, left: 44, right: side + 26 + 80, top: 14, matrix: [width - side, 6], disc: { x: width - side + 12, y: 64, size: side - 20 }, ticksUp: true,
    facts: [width - side, side + 88], factWidth: side - 4,
  };
}

/** The activation's larger slope at every step, as bars with an axis; nothing for the identity, whose slope is 1. */
function slopesPart(words) {
  const bars = barLane();
  const axis = svg("g", { class: "u-axis" });
  const name = svg("text", { x: 0 });
  return {
    elements: [svg("g", { class: "slopes u-answer" }, axis, bars.element), name],
    update({ state, result, ghost }, { cols, layout: { slope, reach } }) {
      const same = state.activation === "identity";
      bars.update({ cols, zero: slope, half: reach, limit: 1, values: result.slopes, ghost: cols.pitch < 10 ? null : ghost?.slopes });
      repeat(axis, same ? 0 : 2, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, end) => {
        const y = slope - end * reach;
        patch(partsOf(group)[0], { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": end ? "2 4" : null });
        patch(partsOf(group).at(-1), { x: cols.left - 6, y: y + 4, text: String(end) });
      });
      patch(name, { y: slope - reach / 2 + 4, text: same ? "" : `${words.activations[state.activation]}′` });
      patch(bars.element, { visibility: same ? "hidden" : null });
    },
  };
}

/** W_h, its eigenvalues, and what follows from them and from the lines. */
function matrixPart(words) {
  const { facts: names } = words;
  const [disc, matrix, facts] = [eigenvalueDisc({ names: ["Re", "Im"] }), matrixMark(), factsMark()];
  return {
    elements: [disc.element, matrix.element, facts.element],
    update(ring, layout, result, ghost) {
      disc.update(ring, result.eigenvalues, { ghost: ghost?.eigenvalues, ticksUp: layout.ticksUp, free: true });
      matrix.update(layout.matrix, result.W_h);
      facts.update(layout.facts, [
        [names.radius, fixed(result.radius)],
        [names.singular, fixed(result.singular)],
        [names.gradient, lifeOf(result.gradient, words), true],
        [names.memory, lifeOf(result.memory, words), true],
      ], { columns: layout.factColumns, stacked: layout.stacked, width: layout.factWidth });
    },
  };
}

/** The lines over lag: the gradient, what is left of the first input, and the bounds. */
function linesOf({ state, result, ghost, words }) {
  const { lines, activations } = words;
  const flat = { name: lines.flat({ slope: `${activations[state.activation]}′` }), look: "u-bound", values: result.flat };
  return [
    { name: lines.gradient, look: "u-first", values: result.gradient, ghost: ghost?.gradient.slice(0, state.timesteps), ring: halfLife(result.gradient) },
    { name: lines.memory, look: "u-second", values: result.memory },
    { name: lines.bound({ power: "sᵏ" }), look: "u-bound", values: result.bound },
    ...(state.activation === "identity" ? [] : [flat]),
  ];
}

/** What is taken hold of: an eigenvalue; in the chart a lag is chosen. */
function takeHold(field, grips, { change, current }, drawn) {
  let held = null; // the scales stay as they are while something is dragged
  dragGrips(field, grips, {
    choose: ([px, py]) => {
      const { layout, cols } = drawn();
      if (py < layout.foot + 8 && px < cols.end + 6) change({ lag: cols.at(px) });
    },
    hold: () => (held = { limits: limits(drawn().view.result), disc: drawn().ring.limit }),
    release() {
      held = null;
      drawn().update(drawn().view);
    },
    move(grip, [px, py]) {
      const { ring, view } = drawn();
      const [re, im] = ring.value([px - ring.x, py - ring.y]);
      const value = view.result.eigenvalues[grip];
      // a real eigenvalue stays on its axis until it is pulled well away from it
      const along = !isPair(view.result.eigenvalues) && Math.abs(im) * ring.unit < 12 && value.re !== 0;
      const { rho, angle } = current();
      const found = along ? { angle, scale: rho * Math.abs(re / value.re) } : withEigenvalue({ re, im }, current());
      const near = Math.abs(found.scale - 1) < 0.025 ? 1 : Math.min(4, Math.round(found.scale * 100) / 100);
      change({ angle: Math.round(found.angle), rho: near });
    },
  });
  return () => held;
}

function stage(tools) {
  const { change, settings, words } = tools;
  const [band, chart, slopes, matrix] = [cursorBand(), lagChart(), slopesPart(words), matrixPart(words)];
  const lagName = svg("text", { x: 0, text: words.lag });
  const drawing = svg("svg", { role: "img" }, band.element, chart.element, ...slopes.elements, lagName, ...matrix.elements);
  const grips = ["one", "other"].map(freeGrip);
  const field = html("div", { class: "u-field" }, drawing, ...grips);
  const time = columnSlider({ min: 0, max: settings.lag.most, label: words.lagControl, onvalue: (lag) => change({ lag }) });
  let drawn;
  const held = takeHold(field, grips, tools, () => drawn);

  function update(view) {
    const { state, result, ghost, width } = view;
    const layout = layoutFor(view);
    const cols = columns(width, state.timesteps, layout);
    const { top, bottom, foot } = layout;
    const ring = planeFrame({ ...layout.disc, limit: held()?.disc ?? discLimit(result.eigenvalues) });
    drawn = { view, layout, cols, ring, update };
    patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": view.label });
    band.update({ cols, at: state.lag, top: top - 8, bottom: foot + 8 });
    chart.update({
      cols, foot, at: state.lag, frame: logFrame({ top, bottom, ...(view.asked ? logLimits([]) : held()?.limits ?? limits(result)) }),
      between: state.activation === "identity" ? null : [result.bound, result.flat], lines: linesOf(view),
    });
    slopes.update(view, { cols, layout });
    patch(lagName, { y: foot });
    matrix.update(ring, layout, result, ghost);
    result.eigenvalues.forEach(({ re, im }, k) => moveGrip(grips[k], ring, ring.at([re, im])));
    const last = state.timesteps - 1;
    time.update({ cols, value: state.lag, text: words.lagValue({ lag: state.lag, last }), upper: last });
    time.element.style.top = `${layout.time}px`;
  }
  return { element: html("div", { class: "u-timed" }, field, time.element), update };
}

// --- the formula, the sliders, the words

const partial = (above, below) =>
  sketch("span", { class: "tight" }, "∂", ...symbolNodes(`h_${above}`), "/∂", ...symbolNodes(`h_${below}`));

/** A matrix in brackets, with a power of ten before it where its entries are far from 1. */
function matrixNodes(matrix, power, decimals) {
  const entries = matrix.flat().map((value) => sketch("span", { text: known(matrix) ? trimmed(value / 10 ** power, decimals) : short(value) }));
  return sketch("span", { class: "tight" }, power ? `${tenTo(power)} ` : "", sketch("span", { class: "two" }, ...entries));
}

const known = (matrix) => matrix.flat().every(Number.isFinite);

function powerOf(matrix) {
  const largest = Math.max(...matrix.flat().map(Math.abs));
  return known(matrix) && largest > 0 && (largest < 0.1 || largest >= 1000) ? Math.max(-300, Math.floor(Math.log10(largest))) : 0;
}

const product = ([a, b, c, d], [p, q, r, s]) => [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s];
const rows = ([a, b, c, d]) => [[a, b], [c, d]];

const row = (label, ...parts) => sketch("div", {}, sketch("span", { text: label }), " ", ...parts);
const strong = (value) => sketch("b", { text: significant(value) });
const is = (exact) => (exact ? "= " : "≈ ");
const raised = (text) => sketch("sup", { text: String(text) });

/** The chosen lag's derivative as a product of Jacobians, or the identity at lag 0. */
function headRow({ state, result, words }) {
  const { lag: k, timesteps: T, activation } = state;
  const name = words.atLag({ lag: k });
  if (k === 0) return row(name, partial(T, T), " = ", words.identity, " ", strong(result.gradient[0]));
  const factors = k <= 3 ? Array.from({ length: k }, (_, n) => T - n) : [T, T - 1, null, T - k + 1];
  return row(name, partial(T, T - k), " = ",
    ...factors.flatMap((step, n) => [n ? " " : "", ...(step === null ? ["⋯"] : symbolNodes(`J_${step}`))]), `${words.where} `,
    sketch("span", {}, ...symbolNodes("J_t"), " = ", activation === "identity" ? "" : `diag(${words.activations[activation]}′) `, ...symbolNodes("W_h")));
}

/** The last product: the one over the lag before, times the Jacobian that this lag adds. */
function productRow({ state: { lag: k, timesteps: T }, result, words }) {
  const [before, step, after] = [result.products[k - 1], result.steps[T - k], result.products[k]];
  const powers = [before, step, after].map(powerOf);
  const places = powers[2] ? 2 : 3;
  const unit = 10 ** (powers[0] + powers[1] - powers[2]);
  const show = ([...entries]) => [...entries.map((value) => fixed(value, places)), significant(largestSingularValue(rows(entries)) * 10 ** powers[2])].join();
  const { decimals, exact } = decimalsFor(
    [...before.flat().map((value) => value / 10 ** powers[0]), ...step.flat().map((value) => value / 10 ** powers[1])],
    (all) => product(all.slice(0, 4), all.slice(4)).map((value) => value * unit),
    after.flat().map((value) => value / 10 ** powers[2]), 2, show);
  return row(words.rows.gradient,
    sketch("span", {}, partial(T, T - k + 1), " ", ...symbolNodes(`J_${T - k + 1}`), " = "), " ",
    matrixNodes(before, powers[0], decimals), " ", matrixNodes(step, powers[1], decimals), " ",
    sketch("span", {}, is(exact), matrixNodes(after, powers[2], places)), " ",
    sketch("span", {}, words.norm, " ", strong(result.gradient[k])));
}

/** The bounds at the chosen lag, without and with the slopes. */
function boundRow({ state: { lag: k, activation }, result, words }) {
  const { singular } = result;
  const through = result.slopes.slice(1, k + 1).reduce((all, slope) => all * slope, 1);
  const only = digitsFor([singular], ([one]) => one ** k, result.bound[k]);
  const both = digitsFor([singular, through], ([one, other]) => one ** k * other, result.flat[k]);
  const power = ({ digits }) => sketch("span", { class: "tight" },
    singular < 1e6 ? trimmed(Number(singular.toPrecision(digits)), 8) : `(${significant(singular, digits)})`, raised(k));
  const alone = sketch("span", {}, sketch("i", { text: "s" }), raised(k), " = ", power(only), ` ${is(only.exact)}`, strong(result.bound[k]));
  if (activation === "identity") return row(words.rows.bound, alone);
  return row(words.rows.bound, alone, ", ", sketch("span", {}, words.largest({ slope: `${words.activations[activation]}′` })), " ",
    sketch("span", {}, power(both), ` × ${significant(through, both.digits)} ${is(both.exact)}`, strong(result.flat[k])));
}

/** What is left of the first input: how far two runs are apart that differ in its sign. */
function memoryRow({ state: { lag: k }, result, words }) {
  const [away, first] = [result.apart[k], result.apart[0]];
  if (first === 0) return row(words.rows.memory, sketch("span", { text: words.noInput }));
  const twin = () => sketch("i", { text: "h̃" });
  const turned = (index) => sketch("span", { class: "tight" }, "‖", ...symbolNodes(`h_${index}`), " − ", twin(), sketch("sub", { text: String(index) }), "‖");
  const { digits, exact } = digitsFor([away, first], ([one, other]) => one / other, result.memory[k]);
  return row(words.rows.memory, sketch("span", {}, turned(k + 1), " / ", turned(1), " = "), " ",
    sketch("span", {}, `${significant(away, digits)} / ${significant(first, digits)} ${is(exact)}`, strong(result.memory[k])), " ",
    sketch("small", {}, twin(), words.turned, " −", ...symbolNodes("x_1")));
}

const formula = (view) => [
  headRow(view), ...(view.state.lag > 0 && view.result.known ? [productRow(view)] : []),
  ...(view.result.known ? [boundRow(view), memoryRow(view)] : []),
];

function controls(tools) {
  const { words } = tools;
  const named = (name, symbol) => settingControl(tools, name, { symbol, label: words.controls[name] });
  return [
    named("rho", "ρ"), named("angle", words.angle), named("shear", words.shear), named("input_scale", words.inputScale),
    settingControl(tools, "timesteps", { symbol: words.lengthLabel, label: words.lengthControl }),
  ];
}

const summary = ({ state, result, words }) => words.summary({
  radius: fixed(result.radius), lag: state.lag, gradient: significant(result.gradient[state.lag]),
  halved: lifeOf(result.gradient, words), memory: lifeOf(result.memory, words),
});

/** Why the gradient is exactly 0 from the lag `gone` on. */
function goneText({ state, result, words }, gone) {
  const flat = result.h.slice(-gone).flat().some((value) => Math.abs(value) === 1);
  return { tanh: flat ? words.flat : words.underflow, relu: words.cut, identity: words.underflow }[state.activation]({ lag: gone });
}

function status(view) {
  const { state, result, words } = view;
  if (!result.known) return words.matrixOverflow;
  const { gradient, h } = result;
  const said = [];
  const overflow = h.findIndex((one) => !one.every(Number.isFinite));
  if (overflow >= 0) said.push(words.stateOverflow({ step: overflow + 1 }));
  const lost = gradient.findIndex(Number.isNaN);
  if (lost >= 0) said.push(words.overflow({ lag: lost }));
  const gone = gradient.indexOf(0);
  if (gone >= 0 && state.rho > 0) said.push(goneText(view, gone));
  const same = result.memory.indexOf(0);
  if (same >= 0 && state.activation === "tanh") said.push(words.forgotten({ lag: same }));
  said.push(...beyondText(limits(result), [gradient, result.memory, result.bound, result.flat], words));
  return said.join(" ") || null;
}

// --- the same numbers in Python

function copyNumpy({ rho, angle, shear, input_scale, activation, timesteps }, words) {
  const call = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[activation];
  const slope = { tanh: "1 - h**2", relu: "(h > 0).astype(float)", identity: "np.ones(2)" }[activation];
  return `# ${words.comment({ timesteps })}
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

function copyPytorch({ rho, angle, shear, input_scale, activation, timesteps }, words) {
  const call = { tanh: (z) => `torch.tanh(${z})`, relu: (z) => `torch.relu(${z})`, identity: (z) => z }[activation];
  return `# ${words.comment({ timesteps })}
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

/** What was computed, by the names that the face has for it. */
export const names = (state, { W_h, memory, gradient }) => ({ W_h, memory, half_life: halfLife(gradient) });

export default explorer({
  cursors: ["lag"],
  settle: (state) => ({ ...state, lag: Math.min(state.lag, state.timesteps - 1) }),
  compute, names,
  stage,
  controls,
  choice: (tools) => settingSegments(tools, "activation", tools.words.activation, tools.words.activations),
  formula,
  status,
  summary,
  code,
});
