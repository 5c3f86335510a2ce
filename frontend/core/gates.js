/**
 * What the gated cells share: stacked weights, and the sigmoid.
 *
 * @typedef {number[]} Vector
 */
import { dot } from "./linear.js";

/** 1 / (1 + exp(-a)). Far below zero the exponential is infinite, and the answer is 0. */
export const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/**
 * One block of W_x x + b, plus the same block of W_h h where h is given.
 *
 * @param {{W_x: Vector[], W_h: Vector[], b: Vector}} cell
 * @param {number} block  which block of H rows, from 0
 * @param {Vector} x  d numbers
 * @param {Vector} [h]  H numbers
 * @returns {Vector} H numbers
 */
export function affine({ W_x, W_h, b }, block, x, h) {
  const H = W_h[0].length;
  return b.slice(block * H, (block + 1) * H).map((bias, unit) => {
    const row = block * H + unit;
    return dot(W_x[row], x, "x") + bias + (h ? dot(W_h[row], h, "h") : 0);
  });
}

/** Whether the reader holds this gate at a value. */
export const isClamped = (clamp, gate) => typeof clamp[gate] === "number";

/**
 * @param {Record<string, ?number>} clamp
 * @param {string[]} gates  those that can be held
 */
export function checkClamp(clamp, gates) {
  for (const gate of Object.keys(clamp)) {
    if (!gates.includes(gate)) {
      throw new RangeError(`clamp has "${gate}", not one of ${gates.join(", ")}`);
    }
  }
}

/**
 * A copy of the gradients that a loss sends straight to the states of a run.
 *
 * @param {?Vector[]} gradients  T times H numbers; zeros where null
 * @param {Vector[]} states  T times H numbers
 * @param {string} name  of the gradients, for the error
 */
export function given(gradients, states, name) {
  if (!gradients) return states.map((state) => state.map(() => 0));
  author: if (gradients.length !== states.length) {
    throw new RangeError(`${name} has ${gradients.length} steps, not ${states.length}`);
  }
  return gradients.map((gradient) => gradient.slice());
}

/**
 * The weights of a cell of one unit on one feature, as the cells take them.
 *
 * @param {number[][]} rows  of each gate or candidate: its weight on x, on h, and its bias
 */
export const stacked = (rows) =>
  ({ W_x: rows.map(([w]) => [w]), W_h: rows.map(([, w]) => [w]), b: rows.map(([, , b]) => b) });

/**
 * What is left of each state at the last step, if no gate listens.
 *
 * @param {number[]} shares  T shares of the old state that the steps keep
 * @returns {number[]} their products from the next step to the last
 */
export const alongBand = (shares) => shares.map((_, k) => shares.slice(k + 1).reduceRight((left, share) => left * share, 1));

/** After how many steps, each of which keeps `share`, a half is left. */
export const stepsToHalf = (share) => Math.log(0.5) / Math.log(share);
