/**
 * The LSTM: a cell state that gates write, keep and expose.
 *
 * Repeats what `unrolled.cells.LSTMCell` computes. Pure functions over numbers: they know
 * nothing of the page. NaN and infinity are computed with, as in NumPy and PyTorch.
 *
 * The blocks of H rows in W_x, W_h and b stand in the order i, f, g, o, as in PyTorch.
 *
 * @typedef {number[]} Vector
 *
 * @typedef {object} LSTMCell
 * @property {Vector[]} W_x  4H rows of d numbers
 * @property {Vector[]} W_h  4H rows of H numbers
 * @property {Vector} b  4H numbers
 * @property {?Vector} [p_i]  peepholes, H numbers each: i and f look at the old cell
 * @property {?Vector} [p_f]    state through them, o at the new one; none if left out
 * @property {?Vector} [p_o]
 *
 * @typedef {object} Clamp  gates held at a number, whatever they would compute; a gate left
 *   out, or null, is computed
 * @property {?number} [i]
 * @property {?number} [f]
 * @property {?number} [o]
 *
 * @typedef {object} LSTMStep  every gate and state of one step, each H numbers
 * @property {Vector} i
 * @property {Vector} f
 * @property {Vector} g
 * @property {Vector} o
 * @property {Vector} c
 * @property {Vector} h
 * @property {{x: Vector, h: Vector, c: Vector, clamp: Clamp}} from  what it was computed from:
 *   the input, and the states before
 */
import { affine, checkClamp, given, isClamped, sigmoid } from "./gates.js";
import { back, outer, total } from "./linear.js";

/** In the order of their blocks: three gates and, third, the candidate. */
export const GATES = ["i", "f", "g", "o"];

/**
 * What the sigmoid (of g: the tanh) is applied to: W_x x + W_h h + b, and the peephole.
 *
 * @param {LSTMCell} cell
 * @param {"i" | "f" | "g" | "o"} gate
 * @param {Vector} x  d numbers
 * @param {Vector} h  H numbers, the previous hidden state
 * @param {Vector} c  H numbers, what a peephole sees: the previous cell state, for o the new one
 * @returns {Vector} H numbers
 */
export function preactivation(cell, gate, x, h, c) {
  const a = affine(cell, GATES.indexOf(gate), x, h);
  const peephole = cell[`p_${gate}`];
  return peephole ? a.map((sum, unit) => sum + peephole[unit] * c[unit]) : a;
}

/**
 * One step.
 *
 * @param {LSTMCell} cell
 * @param {Vector} x  d numbers
 * @param {Vector} h  H numbers, the previous hidden state
 * @param {Vector} c  H numbers, the previous cell state
 * @param {{clamp?: Clamp}} [options]
 * @returns {LSTMStep}
 */
export function step(cell, x, h, c, { clamp = {} } = {}) {
  author: checkClamp(clamp, ["i", "f", "o"]);
  const gate = (name, seen) =>
    isClamped(clamp, name)
      ? h.map(() => clamp[name])
      : preactivation(cell, name, x, h, seen).map(sigmoid);
  author: if (c.length !== h.length) {
    throw new RangeError(`c has length ${c.length}, not ${h.length}`);
  }
  const [i, f] = [gate("i", c), gate("f", c)];
  const g = preactivation(cell, "g", x, h, c).map(Math.tanh);
  const next = c.map((old, unit) => f[unit] * old + i[unit] * g[unit]);
  const o = gate("o", next);
  const shown = next.map((value, unit) => o[unit] * Math.tanh(value));
  return { i, f, g, o, c: next, h: shown, from: { x, h, c, clamp } };
}

/**
 * Every step of a sequence.
 *
 * @param {LSTMCell} cell
 * @param {Vector[]} xs  T inputs of d numbers
 * @param {Vector} [h0]  H numbers, the states before the first step; zeros by default
 * @param {Vector} [c0]
 * @param {{clamp?: Clamp}} [options]
 * @returns {LSTMStep[]} T steps
 */
export function run(cell, xs, h0 = cell.W_h[0].map(() => 0), c0 = h0.map(() => 0), options = {}) {
  let [h, c] = [h0, c0];
  return xs.map((x) => {
    const next = step(cell, x, h, c, options);
    ({ h, c } = next);
    return next;
  });
}

/**
 * Backpropagation through time, to all that a step computes. A clamped gate passes nothing back.
 *
 * @typedef {object} LSTMSignals  of a loss L
 * @property {Vector} h0  H numbers, dL/dh_0
 * @property {Vector} c0  H numbers, dL/dc_0
 * @property {Vector[]} h  T times H numbers, the whole of dL/dh_t
 * @property {Vector[]} c  T times H numbers, the whole of dL/dc_t
 * @property {Vector[]} a_i  T times H numbers, dL/d what the sigmoid or tanh is applied to
 * @property {Vector[]} a_f
 * @property {Vector[]} a_g
 * @property {Vector[]} a_o
 *
 * @param {LSTMCell} cell
 * @param {LSTMStep[]} run  what `run` returned
 * @param {?Vector[]} gradH  T times H numbers, dL/dh_t as it comes straight from the loss;
 *   null where the loss does not look at the hidden states
 * @param {?Vector[]} [gradC]  the same for dL/dc_t
 * @returns {LSTMSignals}
 */
export function signals(cell, run, gradH, gradC = null) {
  const h = given(gradH, run.map((one) => one.h), "gradH");
  const c = given(gradC, run.map((one) => one.c), "gradC");
  const a = { i: [], f: [], g: [], o: [] };
  const peephole = (gate, unit) => cell[`p_${gate}`]?.[unit] ?? 0;
  const zeros = run[0].h.map(() => 0);
  let [backH, backC] = [zeros, zeros];
  for (let t = run.length - 1; t >= 0; t--) {
    const { i, f, g, o, from, c: now } = run[t];
    for (const gate of GATES) a[gate][t] = zeros.slice();
    h[t] = h[t].map((straight, unit) => straight + backH[unit]);
    c[t] = c[t].map((straight, unit) => {
      const open = (gate, value) => (isClamped(from.clamp, gate) ? 0 : value * (1 - value));
      const squashed = Math.tanh(now[unit]);
      a.o[t][unit] = h[t][unit] * squashed * open("o", o[unit]);
      const whole =
        straight +
        backC[unit] +
        h[t][unit] * o[unit] * (1 - squashed * squashed) +
        peephole("o", unit) * a.o[t][unit];
      a.i[t][unit] = whole * g[unit] * open("i", i[unit]);
      a.f[t][unit] = whole * from.c[unit] * open("f", f[unit]);
      a.g[t][unit] = whole * i[unit] * (1 - g[unit] * g[unit]);
      return whole;
    });
    backH = back(cell.W_h, GATES.flatMap((gate) => a[gate][t]));
    backC = c[t].map(
      (whole, unit) =>
        whole * f[unit] + peephole("i", unit) * a.i[t][unit] + peephole("f", unit) * a.f[t][unit],
    );
  }
  return { h0: backH, c0: backC, h, c, a_i: a.i, a_f: a.f, a_g: a.g, a_o: a.o };
}

/**
 * Backpropagation through time, to the weights and the inputs too.
 *
 * @typedef {object} LSTMGradients  of a loss L: `LSTMSignals`, and
 * @property {Vector[]} W_x  4H rows of d numbers, summed over time, in the order i, f, g, o
 * @property {Vector[]} W_h  4H rows of H numbers, likewise
 * @property {Vector} b  4H numbers, likewise
 * @property {?Vector} p_i  H numbers, summed over time; null where the cell has none
 * @property {?Vector} p_f
 * @property {?Vector} p_o
 * @property {Vector[]} x  T times d numbers, dL/dx_t
 *
 * @param {LSTMCell} cell
 * @param {LSTMStep[]} run  what `run` returned
 * @param {?Vector[]} gradH  as for `signals`
 * @param {?Vector[]} [gradC]
 * @returns {LSTMGradients}
 */
export function backward(cell, run, gradH, gradC = null) {
  const found = signals(cell, run, gradH, gradC);
  const all = run.map((_, t) => GATES.flatMap((gate) => found[`a_${gate}`][t]));
  const seen = (gate, states) =>
    cell[`p_${gate}`]
      ? total(states.map((state, t) => state.map((value, unit) => value * found[`a_${gate}`][t][unit])))
      : null;
  const before = run.map(({ from }) => from.c);
  return {
    W_x: outer(all, run.map(({ from }) => from.x)),
    W_h: outer(all, run.map(({ from }) => from.h)),
    b: total(all),
    p_i: seen("i", before),
    p_f: seen("f", before),
    p_o: seen("o", run.map((one) => one.c)),
    x: all.map((one) => back(cell.W_x, one)),
    ...found,
  };
}
