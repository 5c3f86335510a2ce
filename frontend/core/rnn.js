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

/** @type {Record<string, (a: number) => number>} */
export const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (a) => Math.max(0, a),
  identity: (a) => a,
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
  return b.map((bias, unit) => dot(W_x[unit], x, "x") + bias + dot(W_h[unit], h, "h"));
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
  if (!activate) {
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
 * @param {Vector} row
 * @param {Vector} vector
 * @param {string} name  of the vector, for the error
 */
function dot(row, vector, name) {
  if (row.length !== vector.length) {
    throw new RangeError(`rnn: ${name} has length ${vector.length}, not ${row.length}`);
  }
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] * vector[i];
  return sum;
}
