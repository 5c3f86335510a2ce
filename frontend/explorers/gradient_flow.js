/**
 * The gradient of one recurrent unit, unrolled over 3 to 12 steps: what each edge multiplies
 * by on the way back from the loss, and how the steps' shares of dL/dw_h add up
 * (src/unrolled/explorers/gradient_flow.py is its face in Python).
 */

import { jacobian } from "../core/gradients.js";
import { ACTIVATIONS, backward, DERIVATIVES, run } from "../core/rnn.js";
import { html, patch, repeat, svg } from "../view/dom.js";
import { drag } from "../view/drag.js";
import { explorer, segments } from "../view/explorer.js";
import { equation, line, outcome } from "../view/formula.js";
import { brief, decimalsFor, decimalsOf, fixed, literal, literals, trimmed } from "../view/number.js";
import { choice, integer, number, numbers } from "../view/parameters.js";
import { KEEP_KEYS, range, slider, symbolNodes } from "../view/slider.js";
import {
  arrowPath, barLane, cellLane, columns, cursorBand, runningSums, signedAxis, signedLimit, startCell, sumLane, symbolText,
} from "../view/strip.js";
import { gradientFlow as words } from "../view/words.js";

const [FEWEST_STEPS, MOST_STEPS] = [3, 12];
const base = {
  x: [1, 0, 0, 0, 0, 0], w_x: 1, w_h: 0.8, b: 0, h_0: 0, activation: "tanh",
  y: 1, loss: "one", loss_step: 6, truncate: MOST_STEPS,
};

export const initial = { ...base, step: 3 };
export const presets = {
  fades: { ...base, w_h: 0.6 },
  grows: { ...base, w_h: 1.4, activation: "identity" },
  flat: { ...base, x: [0.3, 0, 0, 1, 0, 0], w_x: 3, w_h: 0.9, y: -1 },
  everywhere: { ...base, loss: "all" },
  cut: { ...base, truncate: 2 },
};

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
  const before = [[h_0], ...hs];
  const all = (gradients) => x.map((_, k) => (k < last ? gradients[k][0] : 0));
  const sharesOf = (gradients) => all(gradients.a.map(([a], k) => [a * before[k][0]]));
  const sent = back({ truncate });
  const whole = truncate < last ? back() : null;
  return {
    h: hs.map(([h]) => h),
    last, direct,
    value: direct.reduce((sum, error) => sum + error ** 2 / 2, 0),
    gradients: all(sent.h),
    first: sent.h0[0],
    shares: sharesOf(sent),
    total: sent.W_h[0][0],
    uncut: whole && { shares: sharesOf(whole), total: whole.W_h[0][0] },
    factors: hs.map((h) => jacobian(cell, h)[0][0]),
    cuts: x.map((_, k) => k > 0 && k < last && (last - k) % truncate === 0),
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
  left: 150, right: 6, axis: 98, start: 124, loss: 24, forward: 76, back: 114, factor: 153, input: 204, reach: 34,
  gradient: 300, half: 34, sum: 408, sumHalf: 46, foot: 482, height: 492,
};
const NARROW = {
  left: 66, right: 4, axis: 39, start: 50, loss: 22, forward: 72, back: 108, factor: 145, input: 192, reach: 32,
  gradient: 292, half: 32, sum: 412, sumHalf: 42, foot: 480, height: 490,
};

/** dL/dh_3, as parts of a line of text. */
const derivative = (symbol) => ["d", html("i", { text: "L" }), "/d", ...symbolNodes(symbol)];

/** The same in a drawing. */
function derivativeText(letter, index) {
  const slanted = (text) => svg("tspan", { "font-style": "italic", text });
  return svg("text", { class: "u-symbol" }, "d", slanted("L"), "/d", slanted(letter), svg("tspan", { dy: 3, "font-size": "10", text: index }));
}

/** Two strokes across an arrow. */
const breakPath = (x, y, half) => `M${(x - 5).toFixed(1)} ${y + half}l5 ${-2 * half}m4 0l-5 ${2 * half}`;

function stage({ change, current }) {
  const band = cursorBand();
  const lossWires = svg("path");
  const across = svg("path");
  const upward = svg("path", { class: "u-dotted" });
  const wires = svg("g", { class: "u-wires" }, lossWires, across, upward);
  const backs = svg("g", { class: "u-wires u-backs" });
  const boxes = svg("path", { class: "u-nodes" });
  const [forward, backwards] = [cellLane(), cellLane()];
  const starts = [startCell(), startCell()]; // h_0, and what comes back to it
  const startName = symbolText("h", "0");
  const factors = svg("g", { class: "u-factors" });
  const marks = svg("g", { class: "u-loss-marks" });
  const errors = svg("g");
  const breaks = svg("path", { class: "u-break" });
  const knob = svg("circle", { class: "u-handle" });
  const inputLine = svg("line", { class: "u-line" });
  const inputs = barLane({ handles: true });
  const values = svg("g", { class: "u-values" });
  const [gradientAxis, sumAxis] = [signedAxis(), signedAxis()];
  const gradients = barLane();
  const shares = sumLane();
  const told = svg("g");
  const ticks = svg("g", { class: "u-ticks" });
  const rows = svg("g", { class: "u-rows" });
  const names = svg("g", {}, derivativeText("h", "t"), derivativeText("h", "t"), derivativeText("w", "h"), svg("text"), symbolText("h", "t"));
  names.lastChild.removeAttribute("text-anchor");
  const drawing = svg(
    "svg", { role: "img" }, band.element, gradientAxis.element, sumAxis.element, inputLine, wires, backs, boxes,
    forward.element, backwards.element, ...starts.map((one) => one.element), startName, breaks, knob, factors, marks, errors, inputs.element, values,
    gradients.element, shares.element, told, ticks, rows, names,
  );
  const grip = html("div", { class: "u-grip" });
  const field = html("div", { class: "u-field u-flow" }, drawing, grip);
  const time = range({
    min: 1, max: MOST_STEPS, step: 1, label: words.stepControl, onvalue: (step) => change({ step }),
  });
  time.element.classList.add("u-time");
  const walk = html("button", {
    type: "button", ...KEEP_KEYS, onclick: () => {
      const { step } = current();
      change({ step: step === 1 || step > last.last ? last.last : step - 1 });
    },
  });
  const element = html("div", {}, field, time.element, html("div", { class: "u-walk" }, walk));

  let cols;
  let layout;
  let last;
  let box; // half the width of a step's box, and that of h_0
  /** The middle of the edge into a step. */
  const edge = (k) => (k === 0 ? (layout.start + box.start + cols.x(0) - box.side) / 2 : cols.x(k) - cols.pitch / 2);
  /** The step into which the last edge goes that carries the gradient back. */
  const knobAt = () => Math.max(0, last.last - current().truncate);
  drag(field, {
    cols: () => cols,
    reach: () => layout.reach,
    isInput: (py) => Math.abs(py - layout.input) < layout.reach + 14,
    change,
    current,
    grip,
    sideways(px, py) {
      if (py < layout.loss + 18 && px > cols.left) return (to) => change({ loss: "one", loss_step: cols.at(to) + 1 });
      if (Math.abs(py - layout.back) > 20 || Math.abs(px - edge(knobAt())) > 16) return null;
      return (to) => {
        const before = Math.round((to - cols.left) / cols.pitch); // so many steps stand before the cut
        const kept = Math.max(1, last.last - Math.max(0, before));
        change({ truncate: kept === last.last ? MOST_STEPS : kept });
      };
    },
  });

  function update(view) {
    const { state, result, ghost, width } = view;
    const wide = width >= 560;
    layout = wide ? WIDE : NARROW;
    last = result;
    cols = columns(width, state.x.length, layout);
    const at = state.step - 1;
    const roomy = cols.pitch >= 42;
    const all = state.x.map((_, k) => k);
    const [limit, backLimit, shareLimit] = [stateLimit(view), gradientLimit(view), sumLimit(view)];
    patch(drawing, {
      width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": summary(view),
    });
    band.update({ cols, at, top: 4, bottom: layout.foot + 8 });

    // every step: its state above, what comes back to it below
    const stop = forward.update({ cols, y: layout.forward, limit, values: result.h, numbers: roomy, text: brief });
    backwards.update({ cols, y: layout.back, limit: backLimit, values: result.gradients, numbers: roomy, text: brief });
    const [side, rise] = roomy ? [stop + 3.5, 19] : [stop + 2.5, stop + 3];
    const radius = wide ? 8 : 4;
    box = { side, start: radius };
    const top = layout.forward - rise;
    const bottom = layout.back + rise;
    patch(boxes, {
      d: all.map((k) => `M${(cols.x(k) - side + 10).toFixed(1)} ${top}h${2 * side - 20}q10 0 10 10V${bottom - 10}q0 10 -10 10h${20 - 2 * side}q-10 0 -10 -10V${top + 10}q0 -10 10 -10z`).join(""),
    });
    starts[0].update({ x: layout.start, y: layout.forward, radius, value: state.h_0, limit });
    starts[1].update({ x: layout.start, y: layout.back, radius, value: result.first, limit: backLimit });
    patch(startName, { x: layout.start, y: layout.forward - radius - 7 });

    // the edges between them, in both directions
    const from = (k) => (k === 0 ? layout.start + radius : cols.x(k - 1) + side) + 1.5;
    patch(across, {
      d: all.map((k) => arrowPath(from(k), cols.x(k) - side - 1.5, layout.forward)).join(""),
      "stroke-width": thickness(state.w_h),
    });
    repeat(backs, all.length, () => svg("path")).forEach((path, k) => {
      const sent = k < result.last;
      patch(path, {
        d: arrowPath(cols.x(k) - side - 1.5, from(k), layout.back), "stroke-width": thickness(sent ? result.factors[k] : 0),
        class: !sent ? "u-dotted" : k === at + 1 ? "u-chosen" : "",
      });
    });
    const cut = all.filter((k) => result.cuts[k]);
    patch(breaks, { d: cut.map((k) => breakPath(edge(k), layout.back, roomy ? 8 : 6)).join("") });
    patch(knob, { cx: edge(knobAt()).toFixed(1), cy: layout.back + (result.uncut ? 15 : 0), r: wide ? 6 : 5 });
    const known = all.filter((k) => k > 0 && k < result.last && (roomy || k === at + 1));
    repeat(factors, known.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, n) => {
      const k = known[n];
      patch(text, {
        x: edge(k).toFixed(1), y: layout.factor, class: k === at + 1 ? "u-chosen" : "",
        text: result.cuts[k] ? words.cut : `×${brief(result.factors[k])}`,
      });
    });

    // the loss, and the inputs
    const lossy = (k) => state.loss === "all" || k === result.last - 1;
    repeat(marks, all.length, () => svg("g", {}, svg("path", { class: "u-mark" }), symbolText("L", ""))).forEach((group, k) => {
      const half = Math.min(lossy(k) ? 13 : 6, cols.pitch / 2 - 1);
      const [mark, text] = group.childNodes;
      patch(group, { class: lossy(k) ? "u-on" : null });
      patch(mark, { d: `M${cols.x(k).toFixed(1)} ${layout.loss - half}l${half} ${half}l${-half} ${half}l${-half} ${-half}z` });
      patch(text, { x: cols.x(k).toFixed(1), y: layout.loss + 4.5, visibility: half > 9 ? "visible" : "hidden" });
    });
    patch(lossWires, { d: all.filter(lossy).map((k) => `M${cols.x(k).toFixed(1)} ${layout.loss + 13}V${top}`).join("") });
    // what the loss is, and what comes straight from it
    const straight = all.filter((k) => lossy(k) && roomy);
    repeat(errors, straight.length + 1, () => svg("text", { "text-anchor": "middle", class: "u-halo" })).forEach((text, n) => {
      const k = straight[n - 1];
      patch(text, n === 0 ? { x: layout.start, y: layout.loss + 4.5, text: brief(result.value) }
        : { x: cols.x(k).toFixed(1), y: top - 4, text: brief(result.direct[k]) });
    });
    patch(inputLine, { x1: cols.left, x2: cols.end, y1: layout.input, y2: layout.input });
    inputs.update({ cols, zero: layout.input, half: layout.reach, limit: 1, values: state.x });
    patch(upward, {
      d: all.map((k) => `M${cols.x(k).toFixed(1)} ${(layout.input - Math.max(0, Math.min(1, state.x[k])) * layout.reach - 8).toFixed(1)}V${bottom + 1}`).join(""),
    });
    const numbered = all.filter((k) => k === at || (roomy && state.x[k] !== 0));
    repeat(values, numbered.length, () => svg("text", { "text-anchor": "middle", class: "u-halo" })).forEach((text, n) => {
      const k = numbered[n];
      // on the other side of zero than the bar
      patch(text, {
        x: Math.min(cols.x(k), width - 15).toFixed(1), y: layout.input + (state.x[k] < 0 ? -9 : 20), text: fixed(state.x[k], 2),
      });
    });

    // how large the gradient is at every step, and how the shares add up
    const low = { ...cols, left: layout.axis };
    const lane = { zero: layout.gradient, half: layout.half, limit: backLimit };
    gradientAxis.update({ cols: low, ...lane });
    gradients.update({ cols, ...lane, values: result.gradients, ghost: ghost?.gradients });
    const sums = { zero: layout.sum, half: layout.sumHalf, limit: shareLimit };
    sumAxis.update({ cols: low, ...sums });
    shares.update({
      cols, ...sums, shares: result.shares, whole: layout.start, from: at, uncut: result.uncut?.shares, ghost: ghost?.shares,
    });
    tell(view, { width, roomy, lane, sums });

    repeat(ticks, all.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, k) => {
      patch(text, { x: cols.x(k).toFixed(1), y: layout.foot, class: k === at ? "u-chosen" : "", text: String(k + 1) });
    });
    const left = [[words.rows.loss, layout.loss], [words.rows.input, layout.input], [words.rows.step, layout.foot - 4]];
    repeat(rows, left.length, () => svg("text", { x: 0 })).forEach((text, k) => {
      patch(text, { y: left[k][1] + 4, text: left[k][0] });
    });
    const [backName, gradientName, sumName, sumWord, stateName] = names.childNodes;
    patch(stateName, { x: 0, y: layout.forward + 4 });
    patch(backName, { x: 0, y: layout.back + 4 });
    patch(gradientName, { x: 0, y: wide ? layout.gradient + 4 : layout.gradient - layout.half - 18 });
    const sumY = wide ? layout.sum + 10 : layout.sum - layout.sumHalf - 18;
    patch(sumName, { x: wide ? 0 : 58, y: sumY });
    patch(sumWord, { x: 0, y: wide ? layout.sum - 8 : sumY, text: words.rows.shares });

    const room = Math.max(44, cols.pitch);
    patch(grip, {
      style: `left:${cols.x(at) - room / 2}px;width:${room}px;`
        + `top:${layout.input - layout.reach - 14}px;height:${2 * layout.reach + 28}px`,
    });
    time.update(state.step, { text: words.stepValue(state.step, state.x.length), upper: state.x.length });
    // the thumb is 20 px wide; its centre stands under the column
    time.element.style.marginLeft = `${cols.x(0) - 10}px`;
    time.element.style.width = `${cols.pitch * (cols.count - 1) + 20}px`;
    patch(walk, { text: state.step === 1 || state.step > result.last ? words.again : words.back });
  }

  /** The numbers at the cursor, and the whole sum. */
  function tell({ state, result }, { width, roomy, lane, sums }) {
    const at = state.step - 1;
    const within = (x, half = 18) => Math.min(x, width - half);
    const levels = runningSums(result.shares);
    const place = ({ zero, half, limit }, value) => zero - Math.max(-1, Math.min(1, (value || 0) / limit)) * half;
    /** Beyond the end of a bar, away from zero; within the lane. */
    const beyond = (y, value, { zero, half }) => (value < 0 ? Math.min(y + 14, zero + half + 12) : Math.max(y - 5, zero - half - 3));
    const items = [];
    if (!roomy) {
      items.push([within(cols.x(at)), layout.forward - 22, brief(result.h[at])]);
      items.push([within(cols.x(at)), beyond(place(lane, result.gradients[at]), result.gradients[at], lane), brief(result.gradients[at])]);
    }
    if (at < result.last) {
      const [start, end] = [levels[at + 1], levels[at]];
      items.push([within(cols.x(at)), beyond(place(sums, end < start === end < 0 ? end : start), end < 0 ? -1 : 1, sums), brief(result.shares[at])]);
    }
    // the whole stands on the other side of zero, where nothing is drawn
    items.push([layout.start, result.total < 0 ? sums.zero - 6 : sums.zero + 15, brief(result.total)]);
    repeat(told, items.length, () => svg("text", { "text-anchor": "middle", class: "u-strong u-halo" })).forEach((text, n) => {
      const [x, y, value] = items[n];
      patch(text, { x: x.toFixed(1), y: y.toFixed(1), text: value });
    });
  }
  return { element, update };
}

/** How thick an arrow is that multiplies by `factor`. */
const thickness = (factor) => (0.7 + 0.8 * Math.min(2, Math.abs(factor) || 0)).toFixed(2);

// --- the formula: what comes back to the chosen step, its share, the sum

/** The activation's slope at a step: symbols, and numbers in which `h` is the state's. */
const slopes = {
  tanh: (k) => ({ symbols: [" (1 − ", ...symbolNodes(`h_${k + 1}`), "²)"], numbers: (h) => [" × (1 − ", h, "²)"] }),
  relu: (k) => ({ symbols: [` ${words.flatSlope}(`, ...symbolNodes(`a_${k + 1}`), ")"], numbers: null }),
  identity: () => ({ symbols: [], numbers: () => [] }),
};

function slopeAt({ state, result: { h } }, k) {
  const { symbols, numbers } = slopes[state.activation](k);
  return {
    symbols,
    numbers: numbers ?? (() => [` × ${DERIVATIVES.relu(h[k], 1)}`]),
    of: (value) => DERIVATIVES[state.activation](state.activation === "relu" ? h[k] : value, 1),
  };
}

function gradientLine(view, k) {
  const { state, result: { h, gradients, last, cuts } } = view;
  const own = derivative(`h_${k + 1}`);
  const nothing = (why) => line(words.lines.gradient, [...own, " = 0", why]);
  if (k >= last) return nothing(words.nothing.late(last));
  const comes = k + 1 < last && !cuts[k + 1];
  const scored = state.loss === "all" || k === last - 1;
  if (!comes && !scored) return nothing(words.nothing.cut(k + 2));
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
  const { state, result: { h, gradients, shares } } = view;
  const slope = slopeAt(view, k);
  return equation(words.lines.share, {
    operands: [gradients[k], h[k], k === 0 ? state.h_0 : h[k - 1]],
    evaluate: ([g, now, before]) => g * slope.of(now) * before,
    value: shares[k],
  }, [...derivative(`a_${k + 1}`), " ", ...symbolNodes(`h_${k}`), " = ", ...derivative(`h_${k + 1}`), ...slope.symbols, " ", ...symbolNodes(`h_${k}`)],
  (shown) => [shown(0), ...slope.numbers(shown(1)), " × ", shown(2)]);
}

/** All shares from the loss back to step 1, the chosen one marked. */
function sumLine({ state, result: { shares, total, last, uncut } }, at) {
  // under one loss nothing arrives beyond the first cut
  const kept = state.loss === "one" ? Math.min(last, state.truncate) : last;
  const steps = Array.from({ length: kept }, (_, n) => last - 1 - n);
  const operands = steps.map((k) => shares[k]);
  const { decimals, exact } = decimalsFor(operands, (rounded) => rounded.reduce((sum, one) => sum + one, 0), total, decimalsOf(total));
  // few pieces of text: each is dear to lay out
  const terms = ["= "];
  steps.forEach((k, n) => {
    const text = trimmed(n === 0 ? shares[k] : Math.abs(shares[k]), decimals);
    terms[terms.length - 1] += n === 0 ? "" : shares[k] < 0 ? " − " : " + ";
    if (k === at) terms.push(html("em", { text }), "");
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
    ...sumLine(view, at),
  ];
}

function controls({ change, current, say }) {
  const part = (name, range, onvalue, shown = (state) => state[name]) => {
    const [symbol, label] = words.controls[name];
    const one = slider({ symbol, label, ...range, onvalue, onerror: say });
    return { element: one.element, update: (view) => one.update(shown(view.state), range.update?.(view.state)) };
  };
  const weight = (name) => {
    const most = name.startsWith("w") ? 2 : 1;
    return part(name, { min: -most, max: most, step: 0.01 }, (value) => change({ [name]: value }));
  };
  const whole = (min) => ({ min, max: MOST_STEPS, step: 1, whole: true });
  const input = slider({
    symbol: "x_1", label: words.inputControl(1), min: -1, max: 1, step: 0.01, onerror: say,
    onvalue(value) {
      const { x, step } = current();
      change({ x: x.map((old, k) => (k === step - 1 ? value : old)) });
    },
  });
  // inputs that a shorter sequence hides come back when it grows again
  let kept = [];
  const lengthen = (timesteps) => {
    const { x, loss_step } = current();
    kept = [...x, ...kept.slice(x.length)];
    change({
      x: Array.from({ length: timesteps }, (_, k) => kept[k] ?? 0),
      loss_step: loss_step === x.length ? timesteps : loss_step, // the last step stays the last
    });
  };
  const upper = ({ x }) => ({ upper: x.length });
  return [
    ...["w_h", "w_x", "h_0", "b", "y"].map(weight),
    {
      element: input.element,
      update: ({ state }) =>
        input.update(state.x[state.step - 1], { symbol: `x_${state.step}`, label: words.inputControl(state.step) }),
    },
    part("loss_step", { ...whole(1), update: upper }, (step) => change({ loss: "one", loss_step: step })),
    part("truncate", { ...whole(1), update: upper },
      (k) => change({ truncate: k >= current().x.length ? MOST_STEPS : k }), ({ truncate, x }) => Math.min(truncate, x.length)),
    part("timesteps", whole(FEWEST_STEPS), lengthen, ({ x }) => x.length),
  ];
}

function summary({ state, result }) {
  const k = state.step - 1;
  return words.summary(state.step, brief(result.gradients[k]), brief(result.shares[k]), brief(result.total))
    + (result.uncut ? words.summaryUncut(brief(result.uncut.total)) : "");
}

function status(view) {
  const { h, gradients, total } = view.result;
  const overflow = h.findIndex((value) => !Number.isFinite(value));
  if (overflow >= 0) return words.overflow(overflow + 1);
  const back = gradients.findLastIndex((value) => !Number.isFinite(value));
  if (back >= 0 || !Number.isFinite(total)) return words.gradientOverflow(back + 1);
  const beyond = [[h, stateLimit], [gradients, gradientLimit], [runningSums(view.result.shares), sumLimit]]
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

function copyNumpy(state) {
  const last = lastOf(state);
  const { x, weights, others, k } = known(state, last);
  const all = state.loss === "all";
  const act = { tanh: (z) => `np.tanh(${z})`, relu: (z) => `np.maximum(0.0, ${z})`, identity: (z) => z }[state.activation];
  const slope = { tanh: "dh * (1 - h[t] ** 2)", relu: "dh * (h[t] > 0)", identity: "dh" }[state.activation];
  return `# ${words.comment(last, all)}
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

function copyPytorch(state) {
  const last = lastOf(state);
  const { x, weights, others, k } = known(state, last);
  const all = state.loss === "all";
  const act = { tanh: (z) => `torch.tanh(${z})`, relu: (z) => `torch.relu(${z})`, identity: (z) => z }[state.activation];
  return `# ${words.comment(last, all)}
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

export default explorer({
  words,
  parameters: [
    numbers("x", { min: FEWEST_STEPS, max: MOST_STEPS }),
    ...["w_x", "w_h", "b", "h_0"].map((name) => number(name)),
    choice("activation", Object.keys(ACTIVATIONS)),
    number("y"),
    choice("loss", ["one", "all"]),
    integer("loss_step", { min: 1, max: MOST_STEPS }),
    integer("truncate", { min: 1, max: MOST_STEPS }),
    integer("step", { min: 1, max: MOST_STEPS, cursor: true }),
  ],
  initial,
  settle: (state) => ({
    ...state, step: Math.min(state.step, state.x.length), loss_step: Math.min(state.loss_step, state.x.length),
  }),
  presets,
  compute,
  stage,
  controls,
  choice({ change }) {
    const parts = { activation: [words.activation, words.activations], loss: [words.where, words.losses] };
    const made = Object.entries(parts).map(([name, [label, labels]]) => [name, segments({
      label, options: Object.keys(labels), labels, onvalue: (value) => change({ [name]: value }),
    })]);
    return {
      element: html("div", { class: "u-choices" }, ...made.map(([, { element }]) => element)),
      update: ({ state }) => made.forEach(([name, { update }]) => update(state[name])),
    };
  },
  formula,
  status,
  summary,
  code,
});
