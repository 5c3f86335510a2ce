/**
 * The GRU: one state, an update gate and a reset gate, in each of its conventions.
 *
 * Repeats what `unrolled.cells.GRUCell` computes. Pure functions over numbers: they know
 * nothing of the page. NaN and infinity are computed with, as in NumPy and PyTorch.
 *
 * The blocks of H rows in W_x, W_h and b stand in the order r, z, n, as in PyTorch.
 *
 * @typedef {number[]} Vector
 *
 * @typedef {object} GRUCell
 * @property {Vector[]} W_x  3H rows of d numbers
 * @property {Vector[]} W_h  3H rows of H numbers
 * @property {Vector} b  3H numbers
 * @property {?Vector} [b_hn]  H numbers, the second bias of n, which r multiplies; zeros if
 *   left out. With reset_after false there is none, and it must be zero
 * @property {boolean} [reset_after]  true (PyTorch, the default): n = tanh(W_xn x + b_n +
 *   r (W_hn h + b_hn)); false: n = tanh(W_xn x + b_n + W_hn (r h))
 * @property {boolean} [update_keeps]  true (PyTorch, the default): h = (1 - z) n + z h; false:
 *   h = z n + (1 - z) h
 *
 * @typedef {object} Clamp  gates held at a number, whatever they would compute; a gate left
 *   out, or null, is computed
 * @property {?number} [r]
 * @property {?number} [z]
 *
 * @typedef {object} GRUStep  every gate and the state of one step, each H numbers
 * @property {Vector} r
 * @property {Vector} z
 * @property {Vector} n
 * @property {Vector} h
 * @property {{x: Vector, h: Vector, clamp: Clamp}} from  what it was computed from: the input,
 *   and the state before
 */
import { affine, checkClamp, given, isClamped, sigmoid } from "./gates.js";
import { back, dot, outer, total } from "./linear.js";

/** In the order of their blocks: two gates and, third, the candidate. */
export const GATES = ["r", "z", "n"];

/**
 * What the sigmoid (of n: the tanh) is applied to.
 *
 * @param {GRUCell} cell
 * @param {"r" | "z" | "n"} gate
 * @param {Vector} x  d numbers
 * @param {Vector} h  H numbers, the previous hidden state
 * @param {Vector} [r]  H numbers, the reset gate, which n needs
 * @returns {Vector} H numbers
 */
export function preactivation(cell, gate, x, h, r) {
  if (gate !== "n") return affine(cell, GATES.indexOf(gate), x, h);
  const through = (values) => values.map((value, unit) => r[unit] * value);
  const fromState = cell.reset_after === false ? product(cell, through(h)) : through(product(cell, h));
  return affine(cell, 2, x).map((sum, unit) => sum + fromState[unit]);
}

/** W_hn h + b_hn. */
function product({ W_h, b_hn, reset_after }, h) {
  author: if (reset_after === false && b_hn?.some((bias) => bias !== 0)) {
    throw new RangeError("b_hn is not zero, but with reset_after false it is one bias with b_n");
  }
  const H = W_h[0].length;
  return W_h.slice(2 * H).map((row, unit) => dot(row, h, "h") + (b_hn?.[unit] ?? 0));
}

/**
 * One step.
 *
 * @param {GRUCell} cell
 * @param {Vector} x  d numbers
 * @param {Vector} h  H numbers, the previous hidden state
 * @param {{clamp?: Clamp}} [options]
 * @returns {GRUStep}
 */
export function step(cell, x, h, { clamp = {} } = {}) {
  author: checkClamp(clamp, ["r", "z"]);
  const gate = (name) =>
    isClamped(clamp, name) ? h.map(() => clamp[name]) : preactivation(cell, name, x, h).map(sigmoid);
  const [r, z] = [gate("r"), gate("z")];
  const n = preactivation(cell, "n", x, h, r).map(Math.tanh);
  const [kept, made] = cell.update_keeps === false ? [n, h] : [h, n];
  const next = z.map((open, unit) => (1 - open) * made[unit] + open * kept[unit]);
  return { r, z, n, h: next, from: { x, h, clamp } };
}

/**
 * Every step of a sequence.
 *
 * @param {GRUCell} cell
 * @param {Vector[]} xs  T inputs of d numbers
 * @param {Vector} [h0]  H numbers, the state before the first step; zeros by default
 * @param {{clamp?: Clamp}} [options]
 * @returns {GRUStep[]} T steps
 */
export function run(cell, xs, h0 = cell.W_h[0].map(() => 0), options = {}) {
  let h = h0;
  return xs.map((x) => {
    const next = step(cell, x, h, options);
    h = next.h;
    return next;
  });
}

/**
 * Backpropagation through time, to all that a step computes. A clamped gate passes nothing back.
 *
 * @typedef {object} GRUSignals  of a loss L
 * @property {Vector[]} h  T times H numbers, the whole of dL/dh_t
 * @property {Vector} h0  H numbers, dL/dh_0
 * @property {Vector[]} a_r  T times H numbers, dL/d what the sigmoid or tanh is applied to
 * @property {Vector[]} a_z
 * @property {Vector[]} a_n
 * @property {Vector[]} product  T times H numbers, dL/d W_hn's product
 *
 * @param {GRUCell} cell
 * @param {GRUStep[]} run  what `run` returned
 * @param {Vector[]} gradH  T times H numbers, dL/dh_t as it comes straight from the loss
 * @returns {GRUSignals}
 */
export function signals(cell, run, gradH) {
  const after = cell.reset_after !== false;
  const keeps = cell.update_keeps !== false;
  const H = cell.W_h[0].length;
  const W_hn = cell.W_h.slice(2 * H);
  const W_rz = cell.W_h.slice(0, 2 * H);
  author: given(gradH, run, "gradH");
  const [h, a_r, a_z, a_n, atProduct] = [[], [], [], [], []];
  let backH = run[0].h.map(() => 0);
  for (let t = run.length - 1; t >= 0; t--) {
    const { r, z, n, from } = run[t];
    const open = (gate, value) => (isClamped(from.clamp, gate) ? 0 : value * (1 - value));
    const kept = z.map((value) => (keeps ? value : 1 - value));
    const whole = gradH[t].map((straight, unit) => straight + backH[unit]);
    h[t] = whole;
    a_z[t] = whole.map(
      (one, unit) =>
        one * (from.h[unit] - n[unit]) * (keeps ? 1 : -1) * open("z", z[unit]),
    );
    a_n[t] = whole.map((one, unit) => one * (1 - kept[unit]) * (1 - n[unit] * n[unit]));
    atProduct[t] = after ? a_n[t].map((one, unit) => one * r[unit]) : a_n[t];
    const left = back(W_hn, atProduct[t]); // what arrives at what W_hn multiplies
    const turned = after ? product(cell, from.h) : null; // what r multiplies
    a_r[t] = r.map(
      (value, unit) =>
        (after ? a_n[t][unit] * turned[unit] : left[unit] * from.h[unit]) * open("r", value),
    );
    const byGates = back(W_rz, [...a_r[t], ...a_z[t]]);
    backH = whole.map(
      (one, unit) => one * kept[unit] + byGates[unit] + left[unit] * (after ? 1 : r[unit]),
    );
  }
  return { h, h0: backH, a_r, a_z, a_n, product: atProduct };
}

/**
 * Backpropagation through time, to the weights and the inputs too.
 *
 * @typedef {object} GRUGradients  of a loss L: `GRUSignals` but for `product`, and
 * @property {Vector[]} W_x  3H rows of d numbers, summed over time, in the order r, z, n
 * @property {Vector[]} W_h  3H rows of H numbers, likewise
 * @property {Vector} b  3H numbers, likewise
 * @property {?Vector} b_hn  H numbers, summed over time; null with reset_after false
 * @property {Vector[]} x  T times d numbers, dL/dx_t
 *
 * @param {GRUCell} cell
 * @param {GRUStep[]} run  what `run` returned
 * @param {Vector[]} gradH  as for `signals`
 * @returns {GRUGradients}
 */
export function backward(cell, run, gradH) {
  const { product: atProduct, ...found } = signals(cell, run, gradH);
  const after = cell.reset_after !== false;
  const into = run.map(({ r, from }) => (after ? from.h : from.h.map((old, unit) => r[unit] * old)));
  const gates = run.map((_, t) => [...found.a_r[t], ...found.a_z[t]]);
  const all = gates.map((one, t) => [...one, ...found.a_n[t]]);
  return {
    W_x: outer(all, run.map(({ from }) => from.x)),
    W_h: [...outer(gates, run.map(({ from }) => from.h)), ...outer(atProduct, into)],
    b: total(all),
    b_hn: after ? total(atProduct) : null,
    x: all.map((one) => back(cell.W_x, one)),
    ...found,
  };
}
