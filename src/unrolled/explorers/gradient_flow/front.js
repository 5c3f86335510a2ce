/**
 * The gradient of one recurrent unit, unrolled over 3 to 12 steps: what each edge multiplies
 * by on the way back from the loss, and how the steps' shares of dL/dw_h add up.
 */

import { cutAfter, jacobian, weightShares } from "#core/gradients.js";
import { backward, DERIVATIVES, run } from "#core/rnn.js";
import { control, ends, inputControl, lengthControl, settingControl, settingSegments, stepSlider } from "#view/controls.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { drag } from "#view/drag.js";
import { answer, explorer } from "#view/explorer.js";
import { equation, line, outcome } from "#view/formula.js";
import { brief, decimalsFor, decimalsOf, fixed, literal, literals } from "#view/number.js";
import { KEEP_KEYS, symbolNodes } from "#view/slider.js";
import {
  arrowPath, bar, barLane, beyondBar, cellLane, columns, cursorBand, nameLane, runningSums, signedAxis, signedLimit, startCell,
  sumLane, symbolText, textLane, tickLane,
} from "#view/strip.js";

/**
 * `h`, `gradients` (dL/dh_t), `shares` (of dL/dw_h) and `direct` (what comes straight from the
 * loss) are lists of T numbers; `factors` and `cuts` belong to the edge into each step. The
 * run that is sent back through ends at step `last`: nothing after it can matter to the loss.
 * `uncut` has the shares and their sum without truncation, or is null where nothing is cut.
 */
export function compute({ x, w_x, w_h, b, h_0, activation, y, loss, loss_step, truncate }) {
  const cell = { W_x: [[w_x]], W_h: [[w_h]], b: [b], activation };
  const xs = x.map((value) => [value]);
  const hs = run(cell, xs, [h_0]);
  const last = loss === "all" ? x.length : loss_step;
  const direct = hs.map(([h], k) => (k === last - 1 || loss === "all" ? h - y : 0));
  const part = (list) => list.slice(0, last);
  const back = (options) =>
    backward(cell, part(xs), part(hs), [h_0], part(direct).map((value) => [value]), options);
  const all = (values) => x.map((_, k) => (k < last ? values[k] : 0));
  const sharesOf = (gradients) => all(weightShares(gradients, hs, [h_0]).map(([[share]]) => share));
  const sent = back({ truncate });
  const whole = truncate < last ? back() : null;
  const cut = cutAfter(last, truncate);
  return {
    h: hs.map(([h]) => h),
    last, direct,
    value: direct.reduce((sum, error) => sum + error ** 2 / 2, 0),
    gradients: all(sent.h.map(([gradient]) => gradient)),
    first: sent.h0[0],
    shares: sharesOf(sent),
    total: sent.W_h[0][0],
    uncut: whole && { shares: sharesOf(whole), total: whole.W_h[0][0] },
    factors: hs.map((h) => jacobian(cell, h)[0][0]),
    cuts: x.map((_, k) => cut.includes(k)),
  };
}

/** The scale of the states: tanh never leaves [-1, 1]; ReLU and the identity may. */
const stateLimit = ({ state, result }) => (state.activation === "tanh" && Math.abs(state.h_0) <= 1
  ? 1 : signedLimit([...result.h, state.h_0]));
const gradientLimit = ({ result }) => signedLimit([...result.gradients, result.first]);
const sumLimit = ({ result }) =>
  signedLimit([...runningSums(result.shares), ...runningSums(result.uncut?.shares ?? [])]);

// --- the drawing

const WIDE = {
  left: 150, right: 6, axis: 98, start: 124, loss: 22, forward: 73, back: 110, factor: 148, input: 194, reach: 32,
  gradient: 280, half: 32, sum: 380, sumHalf: 40, foot: 444, height: 454,
};
const NARROW = {
  left: 66, right: 4, axis: 39, start: 50, loss: 20, forward: 62, back: 94, factor: 126, input: 164, reach: 28,
  gradient: 248, half: 26, sum: 350, sumHalf: 34, foot: 408, height: 418,
};
/** A phone held sideways: the gradients are in their cells alone. */
const LOW = {
  ...NARROW, loss: 16, forward: 54, back: 82, factor: 109, input: 142, reach: 22, gradient: null, half: 0,
  sum: 222, sumHalf: 26, foot: 268, height: 278,
};

/** dL/dh_3, as parts of a line of text. */
const derivative = (symbol) => ["d", sketch("i", { text: "L" }), "/d", ...symbolNodes(symbol)];

/** The same in a drawing. */
function derivativeText(letter, index) {
  const slanted = (text) => svg("tspan", { "font-style": "italic", text });
  return svg("text", { class: "u-symbol" }, "d", slanted("L"), "/d", slanted(letter), svg("tspan", { dy: 3, "font-size": "10", text: index }));
}

/** How thick an arrow is that multiplies by `factor`. */
const thickness = (factor) => (0.7 + 0.8 * Math.min(2, Math.abs(factor) || 0)).toFixed(2);

const isScored = ({ state, result }, k) => state.loss === "all" || k === result.last - 1;

/** Where everything stands; the boxes of the steps add how large they are. */
function placeOf(view) {
  const { state, result, width, room } = view;
  const low = room < 360;
  const wide = !low && width >= 560;
  const layout = low ? LOW : wide ? WIDE : NARROW;
  const cols = columns(width, state.x.length, layout);
  return {
    cols, layout, wide, width, at: state.step - 1, all: [...state.x.keys()], roomy: cols.pitch >= 50, radius: wide ? 8 : 4,
    limit: stateLimit(view),
    gradient: { zero: layout.gradient, half: layout.half, limit: gradientLimit(view) },
    sum: { zero: layout.sum, half: layout.sumHalf, limit: sumLimit(view) },
    last: result.last,
    knob: Math.max(0, result.last - state.truncate), // the step with the last edge that carries the gradient back
  };
}

/** The middle of the edge into a step. */
const edgeX = ({ cols, layout, radius, side }, k) =>
  (k === 0 ? (layout.start + radius + cols.x(0) - side) / 2 : cols.x(k) - cols.pitch / 2);

/** Every step as a box, its state above, what comes back to it below; and h_0 before them. */
function stepBoxes() {
  const boxes = svg("path", { class: "nodes" });
  const [forward, back] = [cellLane(), cellLane()];
  const [first, returned] = [startCell(), startCell()];
  const name = symbolText("h", "0");
  return {
    elements: [boxes, forward.element, back.element, first.element, returned.element, name],
    /** @returns {{side: number, top: number, bottom: number}} half a box's width, and where it ends */
    update({ state, result }, { cols, layout, all, roomy, radius, limit, gradient }) {
      const stop = forward.update({ cols, y: layout.forward, limit, values: result.h, numbers: roomy, text: brief });
      back.update({ cols, y: layout.back, limit: gradient.limit, values: result.gradients, numbers: roomy, text: brief });
      const [side, rise] = roomy ? [stop + 3.5, 19] : [stop + 2.5, stop + 3];
      const [top, bottom] = [layout.forward - rise, layout.back + rise];
      patch(boxes, { d: all.map((k) => bar(cols.x(k) - side, top, 2 * side, bottom - top, 10)).join("") });
      first.update({ x: layout.start, y: layout.forward, radius, value: state.h_0, limit });
      returned.update({ x: layout.start, y: layout.back, radius, value: result.first, limit: gradient.limit });
      patch(name, { x: layout.start, y: layout.forward - radius - 7 });
      return { side, top, bottom };
    },
  };
}

/** The edges between the steps, forward and back; what each multiplies by; where they are cut. */
function edges(words) {
  const across = svg("path");
  const backs = svg("g", { class: "u-wires backs" });
  const breaks = svg("path", { class: "break" });
  const knob = svg("circle", { class: "u-handle" });
  const factors = textLane({ class: "factors" });
  const broken = (x, y, half) => `M${(x - 5).toFixed(1)} ${y + half}l5 ${-2 * half}m4 0l-5 ${2 * half}`;
  function update({ state, result }, place) {
    const { cols, layout, at, all, wide, roomy, radius, side, last } = place;
    const from = (k) => (k === 0 ? layout.start + radius : cols.x(k - 1) + side) + 1.5;
    const to = (k) => cols.x(k) - side - 1.5;
    patch(across, { d: all.map((k) => arrowPath(from(k), to(k), layout.forward)).join(""), "stroke-width": thickness(state.w_h) });
    repeat(backs, all.length, () => svg("path")).forEach((path, k) => {
      const sent = k < last;
      patch(path, {
        d: arrowPath(to(k), from(k), layout.back), "stroke-width": thickness(sent ? result.factors[k] : 0),
        class: !sent ? "u-dotted" : k === at + 1 ? "u-chosen" : "",
      });
    });
    patch(breaks, { d: all.filter((k) => result.cuts[k]).map((k) => broken(edgeX(place, k), layout.back, roomy ? 8 : 6)).join("") });
    patch(knob, { cx: edgeX(place, place.knob).toFixed(1), cy: layout.back + (result.uncut ? 15 : 0), r: wide ? 6 : 5 });
    factors.update(all.filter((k) => k > 0 && k < last && (roomy || k === at + 1)).map((k) => [
      edgeX(place, k), layout.factor, result.cuts[k] ? words.cut : `×${brief(result.factors[k])}`, k === at + 1 ? "u-chosen" : "",
    ]));
  }
  return { across, backs, elements: [breaks, knob, factors.element], update };
}

/** A square on its corner. */
const diamond = (x, y, half) => `M${x.toFixed(1)} ${y - half}l${half} ${half}l${-half} ${half}l${-half} ${-half}z`;

/** A mark at every step, filled where there is a loss; what it is, and what comes straight from it. */
function losses() {
  const wires = svg("path");
  const marks = svg("g", { class: "losses" });
  const errors = textLane();
  function update(view, { cols, layout, all, roomy, top }) {
    repeat(marks, all.length, () => svg("g", {}, svg("path", { class: "loss-mark" }), symbolText("L", ""))).forEach((group, k) => {
      const on = isScored(view, k);
      const half = Math.min(on ? 13 : 6, cols.pitch / 2 - 1);
      const [mark, text] = partsOf(group);
      patch(group, { class: on ? "on" : null });
      patch(mark, { d: diamond(cols.x(k), layout.loss, half) });
      patch(text, { x: cols.x(k).toFixed(1), y: layout.loss + 4.5, visibility: half > 9 ? "visible" : "hidden" });
    });
    const scored = all.filter((k) => isScored(view, k));
    patch(wires, { d: scored.map((k) => `M${cols.x(k).toFixed(1)} ${layout.loss + 13}V${top}`).join("") });
    errors.update([
      [layout.start, layout.loss + 4.5, brief(view.result.value), "u-halo"],
      ...(roomy ? scored : []).map((k) => [cols.x(k), top - 4, brief(view.result.direct[k]), "u-halo"]),
    ]);
  }
  return { wires, elements: [marks, errors.element], update };
}

/** The inputs, with their numbers on the other side of zero. */
function inputRow() {
  const wires = svg("path", { class: "u-dotted" });
  const zero = svg("line", { class: "u-line" });
  const bars = barLane({ handles: true });
  const values = textLane();
  function update({ state: { x } }, { cols, layout, at, all, roomy, width, bottom }) {
    patch(zero, { x1: cols.left, x2: cols.end, y1: layout.input, y2: layout.input });
    bars.update({ cols, zero: layout.input, half: layout.reach, limit: 1, values: x });
    const foot = (k) => layout.input - Math.max(0, Math.min(1, x[k])) * layout.reach - 8;
    patch(wires, { d: all.map((k) => `M${cols.x(k).toFixed(1)} ${foot(k).toFixed(1)}V${bottom + 1}`).join("") });
    values.update(all.filter((k) => k === at || (roomy && x[k] !== 0)).map((k) =>
      [Math.min(cols.x(k), width - 15), layout.input + (x[k] < 0 ? -9 : 20), fixed(x[k], 2), "u-halo"]));
  }
  return { wires, elements: [zero, bars.element, values.element], update };
}

/** How large the gradient is at every step, and how the shares add up. */
function sizeLanes() {
  const axes = [signedAxis(), signedAxis()];
  const [gradients, shares] = [barLane(), sumLane()];
  function update({ result, ghost }, { cols, layout, at, gradient, sum }) {
    [gradient, sum].forEach((lane, k) => axes[k].update({ cols: { ...cols, left: layout.axis }, ...lane }));
    for (const part of [axes[0], gradients]) patch(part.element, { display: layout.gradient === null ? "none" : null });
    gradients.update({ cols, ...gradient, values: result.gradients, ghost: ghost?.gradients });
    shares.update({
      cols, ...sum, shares: result.shares, whole: layout.start, from: at, uncut: result.uncut?.shares, ghost: ghost?.shares,
    });
  }
  answer(axes[1].element);
  return { axes: axes.map((one) => one.element), elements: [gradients.element, answer(shares.element)], update };
}

/** The numbers at the cursor, and the whole sum. */
function numbersTold() {
  const [sizes, shares] = [textLane(), textLane()];
  const strong = (told) => told.map(([across, down, value]) => [across, down, brief(value), "u-strong u-halo"]);
  function update({ result }, { cols, layout, at, roomy, width, gradient, sum, last }) {
    const x = Math.min(cols.x(at), width - 18);
    sizes.update(strong(roomy ? [] : [
      [x, layout.forward - 18, result.h[at]],
      ...(layout.gradient === null ? [] : [[x, beyondBar(gradient, result.gradients[at]), result.gradients[at]]]),
    ]));
    const [end, start] = runningSums(result.shares).slice(at);
    shares.update(strong([
      ...(at < last ? [[x, beyondBar(sum, end < start === end < 0 ? end : start, end < 0), result.shares[at]]] : []),
      // the whole stands on the other side of zero, where nothing is drawn
      [layout.start, result.total < 0 ? sum.zero - 6 : sum.zero + 15, result.total],
    ]));
  }
  return { elements: [sizes.element, answer(shares.element)], update };
}

/** What stands at the left of each row. */
function rowNames({ rows, step }) {
  const lane = nameLane();
  const state = symbolText("h", "t");
  state.removeAttribute("text-anchor");
  const [back, gradient, sum] = [derivativeText("h", "t"), derivativeText("h", "t"), derivativeText("w", "h")];
  const shares = svg("text", { text: rows.shares });
  const whole = svg("text", { text: rows.whole, "text-anchor": "middle" });
  return {
    elements: [lane.element, svg("g", {}, back, gradient, sum, shares, state, whole)],
    update({ layout, wide }) {
      lane.update([[rows.loss, layout.loss], [rows.input, layout.input], [step, layout.foot - 4]]);
      const above = (zero, half) => zero - half - 18; // a narrow drawing has no room beside the lane
      patch(state, { x: 0, y: layout.forward + 4 });
      patch(whole, { x: layout.start, y: layout.foot });
      patch(back, { x: 0, y: layout.back + 4 });
      patch(gradient, { display: layout.gradient === null ? "none" : null, x: 0, y: wide ? layout.gradient + 4 : above(layout.gradient, layout.half) });
      patch(shares, { x: 0, y: wide ? layout.sum - 8 : above(layout.sum, layout.sumHalf) });
      patch(sum, wide ? { x: 0, y: layout.sum + 10 } : { x: 58, y: above(layout.sum, layout.sumHalf) });
    },
  };
}

const isAtEnd = (step, last) => step === 1 || step > last;

/** The button that goes back one edge, and from the first step to the loss again. */
function walkButton({ change, current, words }) {
  let last;
  const button = html("button", {
    type: "button", ...KEEP_KEYS, onclick() {
      const { step } = current();
      change({ step: isAtEnd(step, last) ? last : step - 1 });
    },
  });
  return {
    element: html("div", { class: "walk" }, button),
    update({ state, result }) {
      last = result.last;
      patch(button, { text: isAtEnd(state.step, last) ? words.again : words.back });
    },
  };
}

/** What is taken hold of at a pixel and moved along: the loss, the cut, or nothing. */
function movedFrom(place, { change, settings }, px, py) {
  const { cols, layout, last } = place;
  if (py < layout.loss + 18 && px > cols.left) return (to) => change({ loss: "one", loss_step: cols.at(to) + 1 });
  if (Math.abs(py - layout.back) > 20 || Math.abs(px - edgeX(place, place.knob)) > 16) return null;
  return (to) => {
    const before = Math.round((to - cols.left) / cols.pitch); // so many steps stand before the cut
    const kept = Math.max(1, last - Math.max(0, before));
    change({ truncate: kept === last ? settings.truncate.most : kept });
  };
}

function stage(tools) {
  const { change, current, words } = tools;
  const [band, boxes, ways, scored, inputs] = [cursorBand(), stepBoxes(), edges(words), losses(), inputRow()];
  const [lanes, told, ticks, names] = [sizeLanes(), numbersTold(), tickLane(), rowNames(words)];
  const drawing = svg(
    "svg", { role: "img" }, band.element, ...lanes.axes, svg("g", { class: "u-wires" }, scored.wires, ways.across, inputs.wires), ways.backs,
    ...boxes.elements, ...ways.elements, ...scored.elements, ...inputs.elements, ...lanes.elements, ...told.elements, ticks.element,
    ...names.elements,
  );
  const time = stepSlider(tools);
  const field = html("div", { class: "u-field" }, drawing);
  let place;
  drag(field, {
    cols: () => place.cols,
    row: () => ({ zero: place.layout.input, reach: place.layout.reach }),
    change,
    current,
    sideways: (px, py) => movedFrom(place, tools, px, py),
  });

  function update(view) {
    place = placeOf(view);
    const { cols, layout, at, width } = place;
    patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": view.label });
    band.update({ cols, at, top: 4, bottom: layout.foot + 8 });
    Object.assign(place, boxes.update(view, place));
    for (const part of [ways, scored, inputs, lanes, told]) part.update(view, place);
    ticks.update({ cols, at, y: layout.foot, every: 1 });
    names.update(place);
    time.update({ cols, step: view.state.step });
  }
  return { element: html("div", {}, field, time.element), update };
}

// --- the formula: what comes back to the chosen step, its share, the sum

/** The activation's slope at a step: symbols, and numbers in which `h` is the state's. */
const slopes = {
  tanh: (k) => ({ symbols: [" (1 − ", ...symbolNodes(`h_${k + 1}`), "²)"], numbers: (h) => [" × (1 − ", h, "²)"] }),
  relu: (k, relu) => ({ symbols: [` ${relu}′(`, ...symbolNodes(`a_${k + 1}`), ")"], numbers: null }),
  identity: () => ({ symbols: [], numbers: () => [] }),
};

function slopeAt({ state, result: { h }, words }, k) {
  const { symbols, numbers } = slopes[state.activation](k, words.activations.relu);
  return {
    symbols,
    numbers: numbers ?? (() => [` × ${DERIVATIVES.relu(h[k], 1)}`]),
    of: (value) => DERIVATIVES[state.activation](state.activation === "relu" ? h[k] : value, 1),
  };
}

function gradientLine(view, k) {
  const { state, result: { h, gradients, last, cuts }, words } = view;
  const own = derivative(`h_${k + 1}`);
  const nothing = (why) => line(words.lines.gradient, [...own, " = 0", why]);
  if (k >= last) return nothing(words.nothing.late({ step: last }));
  const comes = k + 1 < last && !cuts[k + 1];
  const scored = isScored(view, k);
  if (!comes && !scored) return nothing(words.nothing.cut({ step: k + 2 }));
  const slope = comes ? slopeAt(view, k + 1) : null;
  const operands = [...(comes ? [gradients[k + 1], state.w_h, h[k + 1]] : []), ...(scored ? [h[k], state.y] : [])];
  const evaluate = (r) =>
    (comes ? r[0] * r[1] * slope.of(r[2]) : 0) + (scored ? r[operands.length - 2] - r[operands.length - 1] : 0);
  const error = (parts) => (scored ? (comes ? [" + (", ...parts, ")"] : parts) : []);
  return equation(words.lines.gradient, { operands, evaluate, value: gradients[k] },
    [...own, " = ", ...(comes ? [...derivative(`h_${k + 2}`), " ", ...symbolNodes("w_h"), ...slope.symbols] : []),
      ...error([...symbolNodes(`h_${k + 1}`), " − ", ...symbolNodes("y")])],
    (shown, plain) => [
      ...(comes ? [shown(0), " × ", plain(1), ...slope.numbers(shown(2))] : []),
      ...error([shown(operands.length - 2), " − ", plain(operands.length - 1)]),
    ]);
}

function shareLine(view, k) {
  const { state, result: { h, gradients, shares }, words } = view;
  const slope = slopeAt(view, k);
  return equation(words.lines.share, {
    operands: [gradients[k], h[k], k === 0 ? state.h_0 : h[k - 1]],
    evaluate: ([g, now, before]) => g * slope.of(now) * before,
    value: shares[k],
  }, [...derivative(`a_${k + 1}`), " ", ...symbolNodes(`h_${k}`), " = ", ...derivative(`h_${k + 1}`), ...slope.symbols, " ", ...symbolNodes(`h_${k}`)],
  (shown) => [shown(0), ...slope.numbers(shown(1)), " × ", shown(2)]);
}

/** All shares from the loss back to step 1, the chosen one marked; and what a cut takes from them. */
function sumLines({ state, result: { shares, total, last, uncut }, words }, at) {
  // under one loss nothing arrives beyond the first cut
  const kept = state.loss === "one" ? Math.min(last, state.truncate) : last;
  const steps = Array.from({ length: kept }, (_, n) => last - 1 - n);
  const operands = steps.map((k) => shares[k]);
  const { decimals, exact } = decimalsFor(operands, (rounded) => rounded.reduce((sum, one) => sum + one, 0), total, decimalsOf(total));
  // few pieces of text: each is dear to lay out
  const terms = ["= "];
  steps.forEach((k, n) => {
    const text = fixed(n === 0 ? shares[k] : Math.abs(shares[k]), decimals); // as many decimals for all
    terms[terms.length - 1] += n === 0 ? "" : shares[k] < 0 ? " − " : " + ";
    if (k === at) terms.push(sketch("em", { text }), "");
    else terms[terms.length - 1] += text;
  });
  const lines = [line(words.lines.sum, derivative("w_h"), terms, outcome(total, exact))];
  if (uncut) {
    const bias = total - uncut.total;
    lines.push(equation(words.lines.bias, { operands: [total, uncut.total], evaluate: ([cut, whole]) => cut - whole, value: bias },
      [words.bias], (shown, plain) => [plain(0), " − ", plain(1)]));
  }
  return lines;
}

function formula(view) {
  const at = view.state.step - 1;
  return [
    gradientLine(view, at),
    ...(at < view.result.last ? [shareLine(view, at)] : []),
    ...sumLines(view, at),
  ];
}

function controls(tools) {
  const { change, current, settings, words } = tools;
  /** A number of steps, at most all there are. */
  const counted = (name, onvalue, value) => control(
    tools, { ...ends(settings[name]), symbol: words.symbols[name], label: words.controls[name], onvalue }, value, ({ x }) => ({ upper: x.length }));
  const weights = (...names) => names.map((name) => settingControl(tools, name, { label: words.controls[name] }));
  return [
    walkButton(tools),
    ...weights("w_h"),
    counted("truncate", (k) => change({ truncate: k >= current().x.length ? settings.truncate.most : k }),
      ({ truncate, x }) => Math.min(truncate, x.length)),
    inputControl(tools),
    counted("loss_step", (step) => change({ loss: "one", loss_step: step }), ({ loss_step }) => loss_step),
    ...weights("w_x", "h_0", "b", "y"),
    // the last step stays the last
    lengthControl(tools, (timesteps, x) => (current().loss_step === x.length ? { loss_step: timesteps } : {})),
  ];
}

function summary({ state, result, words }) {
  const k = state.step - 1;
  const [gradient, share, total] = [result.gradients[k], result.shares[k], result.total].map(brief);
  const told = words.summary({ step: state.step, gradient, share, total });
  return result.uncut ? `${told} ${words.summaryUncut({ uncut: brief(result.uncut.total) })}` : told;
}

function status(view) {
  const { result: { h, gradients, shares, total }, words } = view;
  const overflow = h.findIndex((value) => !Number.isFinite(value));
  if (overflow >= 0) return words.stateOverflow({ step: overflow + 1 });
  const back = gradients.findLastIndex((value) => !Number.isFinite(value));
  if (back >= 0 || !Number.isFinite(total)) return words.gradientOverflow({ step: back + 1 });
  const beyond = [[h, stateLimit], [gradients, gradientLimit], [runningSums(shares), sumLimit]]
    .some(([values, limit]) => values.some((value) => Math.abs(value) > limit(view)));
  return beyond ? words.clipped : null;
}

// --- the same numbers in Python

/** What both snippets begin with: the inputs up to the loss. */
function known({ x, w_x, w_h, b, h_0, y, truncate }, last) {
  return {
    x: literals(x.slice(0, last)),
    weights: `w_x, w_h, b = ${literal(w_x)}, ${literal(w_h)}, ${literal(b)}`,
    others: `h_0, y = ${literal(h_0)}, ${literal(y)}  # first state, target`,
    k: truncate < last ? `k = ${truncate}  # the gradient is cut after every k steps\n` : "",
  };
}
const lastOf = ({ x, loss, loss_step }) => (loss === "all" ? x.length : loss_step);

function copyNumpy(state, words) {
  const last = lastOf(state);
  const { x, weights, others, k } = known(state, last);
  const all = state.loss === "all";
  const act = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[state.activation];
  const slope = { tanh: "dh * (1 - h[t] ** 2)", relu: "dh * (h[t] > 0)", identity: "dh" }[state.activation];
  return `# ${words.comment({ last, all })}
import numpy as np

x = np.array(${x})
${weights}
${others}
${k}T = len(x)
h = [h_0]
for x_t in x:
    h.append(${act("w_x * x_t + w_h * h[-1] + b")})

dw_h = 0.0
dh = ${all ? "0.0" : "h[T] - y"}
for t in range(T, 0, -1):
${all ? "    dh += h[t] - y\n" : ""}    da = ${slope}
    share = da * h[t - 1]
    print(f"step {t}: dL/dh {dh:z.4g}, share {share:z.4g}")
    dw_h += share
    dh = w_h * da${k ? " if (T - t + 1) % k else 0.0  # cut" : ""}
print(f"dL/dw_h: {dw_h:z.4g}")
`;
}

function copyPytorch(state, words) {
  const last = lastOf(state);
  const { x, weights, others, k } = known(state, last);
  const all = state.loss === "all";
  const act = { tanh: (z) => `torch.tanh(${z})`, relu: (z) => `torch.relu(${z})`, identity: (z) => z }[state.activation];
  return `# ${words.comment({ last, all })}
import torch

x = torch.tensor(${x}, dtype=torch.float64)
${weights}
${others}
${k}T = len(x)
# one w_h, written T times: so autograd keeps the steps' shares apart
w = torch.full((T,), w_h, dtype=torch.float64, requires_grad=True)
h = torch.tensor(h_0, dtype=torch.float64)
states = []
for t in range(T):
${k ? "    if t and (T - t) % k == 0:\n        h = h.detach()  # cut\n" : ""}    h = ${act("w_x * x[t] + w[t] * h + b")}
    h.retain_grad()
    states.append(h)

loss = ${all ? "sum((h - y) ** 2 / 2 for h in states)" : "(h - y) ** 2 / 2"}
loss.backward()
for t in range(T, 0, -1):
    dh = states[t - 1].grad${k ? "\n    dh = torch.zeros(()) if dh is None else dh  # nothing came through" : ""}
    print(f"step {t}: dL/dh {dh.item():z.4g}, share {w.grad[t - 1].item():z.4g}")
print(f"dL/dw_h: {w.grad.sum().item():z.4g}")
`;
}

export const code = { copyNumpy, copyPytorch };

/** What was computed, by the names that the face has for it. */
export const names = (state, { h, shares }) => ({ hidden_states: h, shares });

export default explorer({
  cursors: ["step"],
  settle: (state) => ({
    ...state, step: Math.min(state.step, state.x.length), loss_step: Math.min(state.loss_step, state.x.length),
  }),
  compute, names,
  stage,
  controls,
  lead: 3,
  choice(tools) {
    const { words } = tools;
    const parts = [
      settingSegments(tools, "activation", words.activation, words.activations), settingSegments(tools, "loss", words.where, words.losses),
    ];
    return {
      element: html("div", { class: "u-choices" }, ...parts.map(({ element }) => element)),
      update: (view) => parts.forEach(({ update }) => update(view)),
    };
  },
  formula,
  status,
  summary,
  code,
});
