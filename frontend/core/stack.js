/**
 * Both directions over a sequence with padding behind it, there and back, and where the numbers of a
 * recurrent module lie: the shapes of its tensors, and which numbers of `output` stand in
 * `h_n` too. Repeats what `unrolled.cells.Stack` and `unrolled.cells.layout` say. Pure
 * functions over numbers; everything counts from 0.
 *
 * @typedef {number[]} Vector
 * @typedef {import("./rnn.js").RNNCell} RNNCell
 */
import { backward as through, run } from "./rnn.js";

/**
 * Run one cell over a sequence from its first step, and another from its last real one.
 *
 * Entry t belongs to step t in both. Behind the end the states are held, the forward one as it
 * was after the last step, the backward one as it was before its first, and the output is 0.
 * Without a length, as if nothing were known of padding, every step of xs is read.
 *
 * @param {RNNCell} forward
 * @param {RNNCell} backward
 * @param {Vector[]} xs  T inputs of d numbers
 * @param {number} [length]  how many of them are real, from 1 to T
 * @returns {{forward: Vector[], backward: Vector[], output: Vector[], hN: [Vector, Vector]}}
 *   T states of H numbers each, T outputs of both side by side, and both last states
 */
export function bothWays(forward, backward, xs, length = xs.length) {
  author: if (!(length >= 1 && length <= xs.length) || length % 1) {
    throw new RangeError(`stack: length is ${length}, not a whole number from 1 to ${xs.length}`);
  }
  const real = xs.slice(0, length);
  const padding = xs.slice(length);
  const zeros = ({ b }) => b.map(() => 0);
  const there = run(forward, real);
  const back = run(backward, [...real].reverse()).reverse();
  return {
    forward: [...there, ...padding.map(() => there[length - 1])],
    backward: [...back, ...padding.map(() => zeros(backward))],
    output: [
      ...there.map((h, t) => [...h, ...back[t]]),
      ...padding.map(() => [...zeros(forward), ...zeros(backward)]),
    ],
    hN: [there[length - 1], back[0]],
  };
}

/**
 * What a loss sends back through both directions to the inputs: one share through each.
 *
 * @param {RNNCell} forward
 * @param {RNNCell} backward
 * @param {Vector[]} xs  T inputs of d numbers
 * @param {Vector[]} gradOutput  T gradients of both halves of the output, side by side; those
 *   behind the end have no effect
 * @param {number} [length]  as for `bothWays`
 * @returns {{forward: Vector[], backward: Vector[]}}  T times d numbers each, 0 behind the end
 */
export function bothWaysBackward(forward, backward, xs, gradOutput, length = xs.length) {
  const turned = (list) => [...list].reverse();
  function share(cell, first, order) {
    const read = order(xs.slice(0, length));
    const arrives = order(gradOutput.slice(0, length).map((both) => both.slice(first, first + cell.b.length)));
    const { x } = through(cell, read, run(cell, read), cell.b.map(() => 0), arrives);
    return [...order(x), ...xs.slice(length).map((one) => one.map(() => 0))];
  }
  return { forward: share(forward, 0, (list) => list), backward: share(backward, forward.b.length, turned) };
}

/**
 * The sizes of a module and of what it is given.
 *
 * A block is the H numbers of one direction, of which 1 is the backward one. An index is a list
 * with a number for each axis, and at its end, where a block is not all of the last axis, the
 * [first, end] of its slice.
 *
 * @typedef {object} Layout
 * @property {number} timesteps  T
 * @property {?number} batch_size  N; null for one sequence without a batch
 * @property {number} features  d
 * @property {number} hidden_size  H
 * @property {number} num_layers  L
 * @property {boolean} bidirectional
 * @property {boolean} batch_first
 * @property {?number[]} lengths  N numbers from 1 to T, with a packed sequence whose output is
 *   padded to T steps again; null if all steps are real
 *
 * @typedef {(number | [number, number])[]} Index
 */

/** D, the number of directions. @param {Layout} layout */
export const directions = ({ bidirectional }) => (bidirectional ? 2 : 1);

/**
 * The tensors by name, each a list of axes: their letters and their sizes. `c_0` and `c_n`,
 * which an LSTM alone has, lie as `h_0` and `h_n` do.
 *
 * @param {Layout} layout
 * @returns {Record<"x" | "h_0" | "output" | "h_n", [string, number][]>}
 */
export function axes(layout) {
  const { timesteps, batch_size, features, hidden_size, num_layers, batch_first } = layout;
  const D = directions(layout);
  const batch = batch_size === null ? [] : [["N", batch_size]];
  const steps = batch_first ? [...batch, ["T", timesteps]] : [["T", timesteps], ...batch];
  const state = [[D === 1 ? "L" : "L*D", num_layers * D], ...batch, ["H", hidden_size]];
  return {
    x: [...steps, ["d", features]],
    h_0: state,
    output: [...steps, [D === 1 ? "H" : "D*H", D * hidden_size]],
    h_n: state,
  };
}

/** The step after which a direction has read its whole sequence. @param {Layout} layout */
export const lastStep = ({ lengths, timesteps }, direction, sequence = 0) =>
  direction === 1 ? 0 : (lengths ? lengths[sequence] : timesteps) - 1;

/** The index of a block in `output`. @param {Layout} layout @returns {Index} */
export function inOutput(layout, step, direction, sequence = 0) {
  const { batch_size, batch_first, hidden_size: H } = layout;
  const pair = batch_first ? [sequence, step] : [step, sequence];
  const half = layout.bidirectional ? [[direction * H, (direction + 1) * H]] : [];
  return [...(batch_size === null ? [step] : pair), ...half];
}

/** The index of a block in `h_n`, and of one in `c_n`. @param {Layout} layout @returns {Index} */
export function inHN(layout, layer, direction, sequence = 0) {
  const row = layer * directions(layout) + direction;
  return layout.batch_size === null ? [row] : [row, sequence];
}

/** Where the block of `output` stands in `h_n`. @param {Layout} layout @returns {?Index} */
export const sameInHN = (layout, step, direction, sequence = 0) =>
  step === lastStep(layout, direction, sequence)
    ? inHN(layout, layout.num_layers - 1, direction, sequence)
    : null;

/**
 * Where the block of `h_n` stands in `output`: only the last layer is put out, and no block
 * of `c_n` is.
 *
 * @param {Layout} layout
 * @returns {?Index}
 */
export const sameInOutput = (layout, layer, direction, sequence = 0) =>
  layer === layout.num_layers - 1
    ? inOutput(layout, lastStep(layout, direction, sequence), direction, sequence)
    : null;

/** Whether the sequence has ended before `step`: there `output` is 0. @param {Layout} layout */
export const isPadding = (layout, step, sequence = 0) => step > lastStep(layout, 0, sequence);

/** An index as Python has it: written("output", [2, 0, [3, 6]]) is "output[2, 0, 3:6]". */
export const written = (name, index) =>
  `${name}[${index.map((one) => (Array.isArray(one) ? one.join(":") : one)).join(", ")}]`;
