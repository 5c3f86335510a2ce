/**
 * What a recurrent network is used for, read from three sets of steps: those that are given
 * an input, those whose output is read, and those with a loss. Steps count from 1.
 * src/unrolled/task_shapes.py says the same; tensors and lines of PyTorch are rows of
 * task_shapes.json, which both read, each with what must hold for it to stand.
 *
 * @typedef {object} State
 * @property {number} timesteps
 * @property {number[]} inputs ascending, as are the others
 * @property {number[]} outputs
 * @property {number[]} losses all of them in `outputs`
 * @property {number} batch_size N in the code
 * @property {number} features d
 * @property {number} hidden_size H
 * @property {number} classes K
 */

import ROWS from "../../src/unrolled/task_shapes.json" with { type: "json" };

/** The five shapes, in the order of the book. */
export const SHAPES = [
  "one-to-one", "one-to-many", "many-to-one", "many-to-many, unsynchronised", "many-to-many, synchronised",
];

/** Steps from `first` to `last`. */
export const span = (first, last) => Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k);

/** The steps with which a shape is usually drawn. @returns {Partial<State>} */
export function pattern(shape, timesteps) {
  const all = span(1, timesteps);
  const half = Math.ceil(timesteps / 2);
  const [inputs, outputs] = {
    "one-to-one": [[1], [1]],
    "one-to-many": [[1], all],
    "many-to-one": [all, [timesteps]],
    "many-to-many, unsynchronised": [span(1, half), span(half + 1, timesteps)],
    "many-to-many, synchronised": [all, all],
  }[shape];
  return { timesteps, inputs, outputs, losses: outputs };
}

const same = (a, b) => a.length === b.length && a.every((value, k) => value === b[k]);

/** The same shape with another number of steps; what has none of the five keeps its steps. */
export function resize(state, timesteps) {
  const sameAs = (shape) => {
    const drawn = pattern(shape, state.timesteps);
    return ["inputs", "outputs", "losses"].every((name) => same(drawn[name], state[name]));
  };
  // one step alone is every shape at once: the one that then grows is the last
  const shape = [...SHAPES].reverse().find(sameAs);
  if (shape) return pattern(shape, timesteps);
  const kept = (steps) => steps.filter((step) => step <= timesteps);
  return { timesteps, inputs: kept(state.inputs), outputs: kept(state.outputs), losses: kept(state.losses) };
}

function nameOf(inputs, outputs) {
  if (outputs.length === 0) return "no output";
  if (inputs.length === 0) return "no input";
  const [first, last] = [inputs[0], inputs.at(-1)];
  if (outputs[0] < first || last > outputs.at(-1)) return "none of the five";
  if (outputs.length === 1) {
    if (inputs.length > 1) return "many-to-one";
    return outputs[0] === first ? "one-to-one" : "one-to-one, delayed";
  }
  if (inputs.length === 1) return "one-to-many";
  if (same(inputs, outputs)) return "many-to-many, synchronised";
  return outputs[0] > last ? "many-to-many, unsynchronised" : "many-to-many, partly synchronised";
}

/**
 * The shape, and what is odd about it.
 * @param {State} state
 * @returns {{
 *   shape: string, one of SHAPES, or what it is instead
 *   without: string|null, its shape without the steps in `early` and `late`
 *   early: number[], outputs read before any input
 *   late: number[], inputs after the last output
 *   partial: number[], outputs that have not read all inputs, though some are read later
 *   idle: number[], steps after which nothing is read, without an input
 *   unscored: number[], outputs without a loss, where there are losses
 *   used: boolean[], for every step: does its state reach an output that is read?
 *   reads: number, steps of the encoder where it needs a decoder beside it, else 0
 * }}
 */
export function read({ timesteps, inputs, outputs, losses }) {
  const shape = nameOf(inputs, outputs);
  const end = outputs.at(-1) ?? 0;
  const both = inputs.length > 0 && outputs.length > 0;
  const early = both ? outputs.filter((step) => step < inputs[0]) : [];
  const late = both ? inputs.filter((step) => step > end) : [];
  const drop = (steps, some) => steps.filter((step) => !some.includes(step));
  const [heard, told] = [drop(inputs, late), drop(outputs, early)];
  return {
    shape,
    without: shape === "none of the five" && heard.length && told.length ? nameOf(heard, told) : null,
    early,
    late,
    partial: shape === "many-to-many, partly synchronised"
      ? outputs.filter((step) => step < inputs.at(-1)) : [],
    idle: outputs.length ? drop(span(end + 1, timesteps), inputs) : [],
    unscored: losses.length ? drop(outputs, losses) : [],
    used: span(1, timesteps).map((step) => step <= end),
    reads: shape === "many-to-many, unsynchronised" ? inputs.at(-1) : 0,
  };
}

const consecutive = (steps) => steps.at(-1) - steps[0] === steps.length - 1;

/**
 * What ascending `steps`, of steps 1 to `count`, are like.
 * @returns {"none"|"one"|"every"|"run"|"list"} "every" of more than one, "run" of three or more
 */
export function stretch(steps, count) {
  if (steps.length === count && count > 1) return "every";
  if (steps.length < 2) return steps.length ? "one" : "none";
  return steps.length > 2 && consecutive(steps) ? "run" : "list";
}

// --- the rows: their holes are filled from the same values that their conditions ask for

const filled = (template, values) => template.replaceAll(/\{(\w+)\}/g, (_, name) => values[name]);

/** The rows that stand: after "if", values that are there, or with "!" are not. */
const standing = (rows, values) => rows.filter(({ if: wanted = "" }) => wanted.split(" ").filter(Boolean)
  .every((name) => (name.startsWith("!") ? !values[name.slice(1)] : values[name])));

/** Steps as a comment of the lines has them: "steps 1 to 4". */
const inWords = (steps, count) => filled(ROWS.steps[stretch(steps, count)], {
  first: steps[0], last: steps.at(-1), others: steps.slice(0, -1).join(", "),
});

/** The index, from 0, that takes `steps` out of the `count` steps that start after `before`. */
function index(steps, count, before = 0) {
  const places = steps.map((step) => step - before - 1);
  if (places.length === 1) return places[0] === count - 1 ? "[-1]" : `[${places[0]}]`;
  if (places.length === count) return "";
  if (!consecutive(places)) return `[[${places.join(", ")}]]`;
  const [start, end] = [places[0], places.at(-1) + 1];
  return `[${start || ""}:${end === count ? "" : end}]`;
}

/** What the rows ask for, and what stands in them, by name. @param {State} state */
function valuesOf(state) {
  const { timesteps: T, inputs, outputs, losses, batch_size: N, features: d, hidden_size: H, classes: K } = state;
  const { shape, reads: E } = read(state);
  const [steps, letter] = E ? [T - E, "D"] : [T, "T"];
  const places = losses.map((step) => outputs.indexOf(step) + 1);
  /** The axis of what is made at some steps: none where there is only one. */
  const axis = (some) => (some.length < 2 ? "" : some.length === steps ? letter : String(some.length));
  return {
    shape, T, E, D: T - E, N, d, H, K,
    encoder: E > 0,
    steps: letter,
    given: E ? "E" : "T",
    input: inputs.length > 0,
    filled: inputs.length === (E || T),
    inputs: inputs.length > 1 ? `${inputs.length}, ` : "",
    inputs_index: index(inputs, E || T),
    inputs_in_words: inWords(inputs, T),
    output: outputs.length > 0,
    outputs: axis(outputs),
    outputs_index: index(outputs, steps, E),
    outputs_in_words: inWords(outputs, T),
    loss: losses.length > 0,
    losses: axis(losses),
    losses_index: index(places, outputs.length),
    losses_in_words: inWords(losses, T),
    chosen: losses.length > 0 && losses.length < outputs.length,
    scored: losses.length < outputs.length ? "scored" : "logits",
  };
}

/**
 * Every tensor, in the order in which the code makes them: `letters` names its axes,
 * `shape` has their sizes, `batchFirst` the sizes that batch_first=True gives: it swaps steps and
 * batch, and leaves the first axis of `context` and `h_n`, which is 1 and counts no steps.
 * @param {State} state
 * @returns {{name: string, letters: string[], shape: number[], batchFirst: number[]}[]}
 */
export function tensors(state) {
  const values = valuesOf(state);
  return standing(ROWS.tensors, values).map(({ name, axes }) => {
    const letters = filled(axes, values).split(" ").filter(Boolean);
    const shape = letters.map((letter) => values[letter] ?? Number(letter));
    const [a, b, ...rest] = shape;
    const swaps = letters[1] === "N" && letters[0] !== "1";
    return { name, letters, shape, batchFirst: swaps ? [b, a, ...rest] : shape };
  });
}

/** The lines of PyTorch: they run as they are, and print every tensor's shape. @param {State} state */
export function pytorch(state) {
  const values = valuesOf(state);
  return standing(ROWS.lines, values).map(({ line }) => filled(line, values)).join("\n");
}

/** Sizes as Python prints them: (5, 4, 3), (4,), (). */
export const tuple = (sizes) => (sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(", ")})`);
