/**
 * How a gradient depends on distance: Jacobians from state to state and their products by
 * lag. Repeats what `unrolled.gradients` computes. Pure functions over numbers; NaN and
 * infinity pass through. For two units, linear.js has a matrix's spectral radius and largest
 * singular value.
 *
 * @typedef {number[][]} Matrix  H rows of H numbers
 */
import { DERIVATIVES } from "./rnn.js";

/**
 * The Jacobian dh_t/dh_{t-1}: row i, column j is how h_t's unit i answers to unit j before.
 *
 * @param {import("./rnn.js").RNNCell} cell
 * @param {number[]} h  H numbers, the state after the step, h_t
 * @returns {Matrix}
 */
export function jacobian({ W_h, activation }, h) {
  const derivative = DERIVATIVES[activation];
  return W_h.map((row, unit) => row.map((weight) => derivative(h[unit], weight)));
}

/**
 * The Jacobian of every step.
 *
 * @param {import("./rnn.js").RNNCell} cell
 * @param {number[][]} hs  T states: what `run` made
 * @returns {Matrix[]} T matrices, the first of them dh_1/dh_0
 */
export const jacobians = (cell, hs) => hs.map((h) => jacobian(cell, h));

/**
 * The Jacobians' products by lag: entry k is dh_T/dh_{T-k}.
 *
 * @param {Matrix[]} steps  T Jacobians of H by H numbers, the first step's first
 * @returns {Matrix[]} T + 1 matrices, from the identity (k = 0) to dh_T/dh_0
 */
export function products(steps) {
  const units = [...steps[0].keys()];
  let product = units.map((i) => units.map((j) => Number(i === j)));
  const found = [product];
  for (const step of [...steps].reverse()) {
    product = product.map((row) => units.map((j) =>
      row.reduce((sum, one, i) => sum + one * step[i][j], 0)));
    found.push(product);
  }
  return found;
}

/**
 * Every step's own share of dL/dW_h; their sum is `gradients.W_h`.
 *
 * @param {import("./rnn.js").RNNGradients} gradients  what `backward` made of the run
 * @param {number[][]} hs  its T states
 * @param {number[]} h0  H numbers, the state before the first step
 * @returns {Matrix[]} T matrices: dL/da_t times each number of h_{t-1}
 */
export const weightShares = ({ a }, hs, h0) =>
  a.map((row, t) => row.map((one) => (t === 0 ? h0 : hs[t - 1]).map((before) => one * before)));

/**
 * The steps t, counted from 1, after which truncation cuts the way back: the edge from h_t to
 * h_{t+1} carries no gradient. The last one first; see `backward`.
 *
 * @param {number} timesteps
 * @param {number} truncate  so many steps are kept together, counted back from the last
 * @returns {number[]}
 */
export const cutAfter = (timesteps, truncate) =>
  Array.from({ length: Math.ceil(timesteps / truncate) - 1 }, (_, n) => timesteps - (n + 1) * truncate);

/** The lag from which on no more than half is left, to the last lag; null if there is none. */
export function halfLife(values) {
  const last = values.findLastIndex((value) => !(value <= 0.5));
  return last === values.length - 1 ? null : last + 1;
}

/**
 * What the norm of dh_T/dh_{T-k} cannot exceed, at entry k: `alone` is sigma to the k, and
 * `withSlopes` the same times the slopes of the last k steps.
 *
 * @param {number} sigma  the largest singular value of W_h
 * @param {number[]} slopes  the activation's largest slope at each of T steps, the first's first
 * @returns {{alone: number[], withSlopes: number[]}} T numbers each
 */
export function bounds(sigma, slopes) {
  const alone = slopes.map((_, k) => sigma ** k);
  let through = 1;
  return { alone, withSlopes: alone.map((bound, k) => bound * (k ? (through *= slopes[slopes.length - k]) : 1)) };
}

/**
 * How far the states of two runs are apart after each step.
 *
 * @param {number[][]} hs  T states
 * @param {number[][]} others  as many
 * @returns {number[]}
 */
export const apart = (hs, others) =>
  hs.map((h, t) => Math.hypot(...h.map((value, unit) => value - others[t][unit])));
