/**
 * The simple recurrent cell: h_t = activation(W_x x_t + W_h h_{t-1} + b).
 *
 * Repeats what `unrolled.cells.RNNCell` computes. Pure functions over numbers: they know
 * nothing of the page. NaN and infinity are computed with, as in NumPy and PyTorch.
 *
 * @typedef {number[]} Vector
 * @typedef {object} RNNCell
 * @property {Vector[]} W_x  H rows of d numbers
 * @property {Vector[]} W_h  H rows of H numbers
 * @property {Vector} b  H numbers
 * @property {"tanh" | "relu" | "identity"} activation
 */

import { back, dot, outer, total } from "./linear.js";

/** @type {Record<string, (a: number) => number>} */
export const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (a) => Math.max(0, a),
  identity: (a) => a,
};

/**
 * What arrives at the state h, times the activation's derivative there; with nothing said
 * about what arrives, the derivative. It is written in terms of h. ReLU's is 0 at 0.
 *
 * @type {Record<string, (h: number, arrives?: number) => number>}
 */
export const DERIVATIVES = {
  tanh: (h, arrives = 1) => (1 - h * h) * arrives,
  relu: (h, arrives = 1) => (h <= 0 ? 0 : arrives),
  identity: (h, arrives = 1) => arrives,
};

/**
 * What the activation is applied to: W_x x + W_h h + b.
 *
 * @param {RNNCell} cell
 * @param {Vector} x  d numbers
 * @param {Vector} h  H numbers, the previous hidden state
 * @returns {Vector} H numbers
 */
export function preactivation({ W_x, W_h, b }, x, h) {
  return b.map((bias, unit) => dot(W_x[unit], x, "rnn: x") + bias + dot(W_h[unit], h, "rnn: h"));
}

/**
 * The next hidden state.
 *
 * @param {RNNCell} cell
 * @param {Vector} x  d numbers
 * @param {Vector} h  H numbers, the previous hidden state
 * @returns {Vector} H numbers
 */
export function step(cell, x, h) {
  const activate = ACTIVATIONS[cell.activation];
  author: if (!activate) {
    const known = Object.keys(ACTIVATIONS).join(", ");
    throw new RangeError(`rnn: activation is "${cell.activation}", not one of ${known}`);
  }
  return preactivation(cell, x, h).map(activate);
}

/**
 * The hidden state after each step of a sequence.
 *
 * @param {RNNCell} cell
 * @param {Vector[]} xs  T inputs of d numbers
 * @param {Vector} [h0]  H numbers, the state before the first step; zeros by default
 * @returns {Vector[]} T states of H numbers
 */
export function run(cell, xs, h0 = cell.b.map(() => 0)) {
  let h = h0;
  return xs.map((x) => (h = step(cell, x, h)));
}

/**
 * Backpropagation through time.
 *
 * Step t's own share of W_x, W_h and b is a_t times each of x_t, a_t times each of h_{t-1},
 * and a_t.
 *
 * @typedef {object} RNNGradients  of a loss L
 * @property {Vector[]} W_x  H rows of d numbers, summed over time
 * @property {Vector[]} W_h  H rows of H numbers, summed over time
 * @property {Vector} b  H numbers, summed over time
 * @property {Vector[]} x  T times d numbers, dL/dx_t
 * @property {Vector} h0  H numbers, dL/dh_0
 * @property {Vector[]} h  T times H numbers, the whole of dL/dh_t
 * @property {Vector[]} a  T times H numbers, dL/da_t, before the activation
 *
 * @param {RNNCell} cell
 * @param {Vector[]} xs  T inputs of d numbers
 * @param {Vector[]} hs  T states of H numbers: what `run` made of them
 * @param {Vector} h0  H numbers, the state before the first step
 * @param {Vector[]} gradH  T times H numbers, dL/dh_t as it comes straight from the loss
 * @param {{truncate?: number}} [options]  counting back from the last step, after every
 *   `truncate` steps the edge from h_{t-1} to h_t carries no gradient; that from h_0 always does
 * @returns {RNNGradients}
 */
export function backward(cell, xs, hs, h0, gradH, { truncate = Infinity } = {}) {
  const { W_x, W_h, activation } = cell;
  author: for (const [name, { length }] of Object.entries({ xs, gradH })) {
    if (length !== hs.length) throw new RangeError(`rnn: ${name} has ${length} steps, not ${hs.length}`);
  }
  author: if (!(truncate >= 1) || truncate % 1) {
    throw new RangeError(`rnn: truncate is ${truncate}, not a whole number from 1`);
  }
  const derivative = DERIVATIVES[activation];
  const T = hs.length;
  const h = gradH.map((one) => one.slice());
  const a = Array(T);
  for (let t = T - 1; t >= 0; t--) {
    a[t] = h[t].map((arrives, unit) => derivative(hs[t][unit], arrives));
    if (t && (T - t) % truncate) {
      back(W_h, a[t]).forEach((leaves, unit) => (h[t - 1][unit] += leaves));
    }
  }
  return {
    W_x: outer(a, xs),
    W_h: outer(a, [h0, ...hs]),
    b: total(a),
    x: a.map((one) => back(W_x, one)),
    h0: back(W_h, a[0]),
    h,
    a,
  };
}
