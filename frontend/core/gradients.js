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

/** The lag from which on no more than half is left, to the last lag; null if there is none. */
export function halfLife(values) {
  const last = values.findLastIndex((value) => !(value <= 0.5));
  return last === values.length - 1 ? null : last + 1;
}
