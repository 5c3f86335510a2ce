/**
 * Gradient descent on the loss of one recurrent unit, L = (h_T - y)² / 2 with
 * h_t = tanh(w h_{t-1} + b): a surface over w and b that has a cliff.
 *
 * Repeats what src/unrolled/cliff.py computes with `unrolled.cells.RNNCell`.
 *
 * @typedef {[number, number]} Point  w and b
 */

import { ACTIVATIONS, DERIVATIVES } from "./rnn.js";

export const H_0 = -0.5;
export const TARGET = 0.5;
export const UPDATES = 40;

/** The length of an update that throws the walk off. */
export const THROWN = 1;

const loss = (h) => (h - TARGET) ** 2 / 2;

/**
 * h_T alone, where it is asked for thousands of times: the same steps as `run` without its
 * lists.
 */
export function lastState(w, b, timesteps) {
  let h = H_0;
  for (let t = 0; t < timesteps; t++) h = ACTIVATIONS.tanh(w * h + b);
  return h;
}

export const lossAt = (w, b, timesteps) => loss(lastState(w, b, timesteps));

/**
 * The loss and its gradient, by backpropagation through time: `run` and `backward` of one unit,
 * without their lists, for a walk asks forty times after every touch.
 *
 * @param {Point} point
 * @param {number} timesteps
 * @returns {{loss: number, gradient: Point}} dL/dw and dL/db
 */
export function lossAndGradient([w, b], timesteps) {
  const h = [H_0];
  for (let t = 0; t < timesteps; t++) h.push(ACTIVATIONS.tanh(w * h[t] + b));
  const a = Array(timesteps);
  for (let t = timesteps - 1, arrives = h[timesteps] - TARGET; t >= 0; t--) {
    a[t] = DERIVATIVES.tanh(h[t + 1], arrives);
    arrives = w * a[t];
  }
  const gradient = [0, 0];
  a.forEach((one, t) => {
    gradient[0] += one * h[t];
    gradient[1] += one;
  });
  return { loss: loss(h[timesteps]), gradient };
}

/**
 * What clipping leaves of a gradient: by "norm" all of it is shortened, with PyTorch's own
 * 1e-6 against a division by zero; by "value" each part is cut by itself; "off" leaves it.
 *
 * @param {Point} gradient
 * @param {{clip: "off" | "norm" | "value", threshold: number}} options
 * @returns {Point}
 */
export function clipped(gradient, { clip, threshold }) {
  if (clip === "norm") {
    const share = Math.min(1, threshold / (Math.hypot(...gradient) + 1e-6));
    return gradient.map((part) => part * share);
  }
  if (clip === "value") return gradient.map((part) => Math.max(-threshold, Math.min(threshold, part)));
  return gradient;
}

/**
 * The walk: `points` and `losses` at first and after each update, and for each update the
 * `gradients` it started from and what clipping left of them, its `moves`. After an overflow
 * the rest is NaN. `thrown` is the first update longer than THROWN, counted from 1, or null.
 */
export function walk({ w, b, learning_rate, clip, threshold, timesteps }) {
  const nothing = [NaN, NaN];
  const found = { points: [[w, b]], losses: [], gradients: [], moves: [], thrown: null };
  for (let k = 0; k <= UPDATES; k++) {
    const point = found.points[k];
    const known = point.every(Number.isFinite);
    const { loss: height, gradient } = known ? lossAndGradient(point, timesteps) : { loss: NaN, gradient: nothing };
    found.losses.push(height);
    if (k === UPDATES) break;
    const move = clipped(gradient, { clip, threshold });
    const next = known ? point.map((value, n) => value - learning_rate * move[n]) : nothing;
    found.gradients.push(gradient);
    found.moves.push(move);
    found.points.push(next);
    if (found.thrown === null && !(Math.hypot(next[0] - point[0], next[1] - point[1]) <= THROWN)) found.thrown = k + 1;
  }
  return found;
}
