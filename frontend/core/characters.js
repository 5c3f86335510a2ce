/**
 * A character model: an LSTM that reads a text letter by letter, and says what comes next.
 *
 * Repeats what `unrolled.characters` computes. `core/lstm.js` reads better and does the same; here
 * a step has 96 units and 96 letters and a text has thousands of steps, so numbers lie in one array
 * after another, and of W_x, which is given one letter, a single column is read.
 *
 * @typedef {object} Model
 * @property {number} H the number of units
 * @property {Float64Array} W_x  for each of 96 letters 4H numbers, and 4H zeros for what is none
 * @property {Float64Array} W_h  4H rows of H numbers, in the order i, f, g, o
 * @property {Float64Array} b  4H numbers
 * @property {Float64Array} V  96 rows of H numbers
 * @property {Float64Array} a  96 numbers
 *
 * @typedef {?{unit: number, what: "i" | "f" | "o" | "c", value: number}} Clamp  one unit's gate or
 *   cell state, held at a value at every letter
 */
import { sigmoid } from "./gates.js";
import { softmax } from "./linear.js";

/** The end of a line, and all that ASCII prints. */
export const ALPHABET = `\n${Array.from({ length: 95 }, (_, k) => String.fromCharCode(32 + k)).join("")}`;
const SIZE = ALPHABET.length;

/** The number of each letter of a text; -1 for one that is not in the alphabet. */
export const encode = (text) => Array.from(text, (letter) => {
  const point = letter.codePointAt(0);
  if (point === 10) return 0;
  return point >= 32 && point < 127 ? point - 31 : -1;
});

/** The model of the weights that `unrolled.characters.packed` wrote as base64. */
export function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const B = 5 * SIZE + 48; // 4 H^2 + B H + 8 SIZE bytes
  const H = Math.round((Math.sqrt(B * B + 16 * (bytes.length - 8 * SIZE)) - B) / 8);
  const sizes = [4 * H, 4 * H, SIZE, 4 * H, SIZE];
  const floats = new Float32Array(bytes.buffer.slice(0, 4 * (12 * H + 2 * SIZE)));
  const numbers = new Int8Array(bytes.buffer, floats.byteLength);
  let at = 0;
  const [scaleX, scaleH, scaleV, b, a] = sizes.map((size) => Float64Array.from(floats.subarray(at, (at += size))));
  at = 0;
  const matrix = (rows, columns, scale) => Float64Array.from(numbers.subarray(at, (at += rows * columns)), (one, k) => one * scale[Math.floor(k / columns)]);
  const [byRow, W_h, V] = [matrix(4 * H, SIZE, scaleX), matrix(4 * H, H, scaleH), matrix(SIZE, H, scaleV)];
  const W_x = new Float64Array((SIZE + 1) * 4 * H);
  for (let row = 0; row < 4 * H; row++) for (let k = 0; k < SIZE; k++) W_x[k * 4 * H + row] = byRow[row * SIZE + k];
  return { H, W_x, W_h, b, V, a };
}

/** out[row] = start[row] + sum over k of matrix[row][k] x[k], four rows at once, for the speed. */
function affine(matrix, x, start, out) {
  const n = x.length;
  for (let row = 0; row < out.length; row += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let [p0, p1, p2, p3] = [row * n, (row + 1) * n, (row + 2) * n, (row + 3) * n];
    for (let k = 0; k < n; k++) {
      const value = x[k];
      s0 += matrix[p0++] * value;
      s1 += matrix[p1++] * value;
      s2 += matrix[p2++] * value;
      s3 += matrix[p3++] * value;
    }
    out[row] = start[row] + s0;
    out[row + 1] = start[row + 1] + s1;
    out[row + 2] = start[row + 2] + s2;
    out[row + 3] = start[row + 3] + s3;
  }
  return out;
}

/**
 * One letter more.
 *
 * @param {Model} model
 * @param {number} number the letter's, -1 for one that is not in the alphabet
 * @param {{h: Float64Array, c: Float64Array}} before the states, H numbers each
 * @param {Clamp} [clamp]
 * @returns {{i: Float64Array, f: Float64Array, g: Float64Array, o: Float64Array, c: Float64Array, h: Float64Array}}
 */
export function step({ H, W_x, W_h, b }, number, before, clamp = null) {
  const column = (number < 0 ? SIZE : number) * 4 * H;
  const sums = affine(W_h, before.h, b, new Float64Array(4 * H));
  for (let row = 0; row < 4 * H; row++) sums[row] += W_x[column + row];
  const [i, f, g, o] = [0, 1, 2, 3].map((gate) => sums.subarray(gate * H, (gate + 1) * H));
  const [c, h] = [new Float64Array(H), new Float64Array(H)];
  for (let k = 0; k < H; k++) {
    i[k] = sigmoid(i[k]);
    f[k] = sigmoid(f[k]);
    g[k] = Math.tanh(g[k]);
    o[k] = sigmoid(o[k]);
    const held = clamp?.unit === k ? clamp.what : null;
    if (held === "i") i[k] = clamp.value;
    if (held === "f") f[k] = clamp.value;
    if (held === "o") o[k] = clamp.value;
    c[k] = held === "c" ? clamp.value : f[k] * before.c[k] + i[k] * g[k];
    h[k] = o[k] * Math.tanh(c[k]);
  }
  return { i, f, g, o, c, h };
}

/** The states before the first letter. */
const nothing = ({ H }) => ({ h: new Float64Array(H), c: new Float64Array(H) });

/** The 96 logits of the next letter, from a hidden state. */
export const logitsOf = ({ V, a }, h) => affine(V, h, a, new Float64Array(SIZE));

/** The bits that a letter costs who staked a share of 1 on a guess; the 95 others share what was left. */
export const guessBits = (guess, share, letter) => -Math.log2(guess === letter ? share : (1 - share) / (SIZE - 1));

/** The number of the letter that a chance in [0, 1) picks: they lie side by side, as wide as likely. */
export function draw(logits, temperature, chance) {
  const top = Math.max(...logits);
  if (temperature === 0) return logits.indexOf(top);
  let sum = 0;
  const ends = Array.from(logits, (one) => (sum += Math.exp((one - top) / temperature)));
  const at = ends.findIndex((end) => end > chance * sum);
  return at < 0 ? SIZE - 1 : at;
}

/** A number in [0, 1) that looks drawn, and is the same for the same seed and place. */
export function chanceAt(seed, place) {
  let z = (Math.imul(seed, 0x9e3779b9) + Math.imul(place + 1, 0x85ebca6b)) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad) >>> 0;
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97) >>> 0;
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}

/**
 * So many letters that a model writes on, each drawn from what it expects and read in its turn.
 *
 * @param {Model} model
 * @param {?{h: Float64Array, c: Float64Array}} before its states after the text; null before any letter
 * @param {{place: number, letters: number, temperature: number, seed: number, clamp?: Clamp}} how
 *   place: how many letters stand before the first
 * @returns {object[]} for each its `number`, the `bits` by which it surprised the model that wrote it,
 *   and what `step` gives
 */
export function writeOn(model, before, { place, letters, temperature, seed, clamp = null }) {
  let state = before;
  return Array.from({ length: letters }, (_, k) => {
    const logits = state ? logitsOf(model, state.h) : new Float64Array(SIZE);
    const number = draw(logits, temperature, chanceAt(seed, place + k));
    state = step(model, number, state ?? nothing(model), clamp);
    return { number, bits: -Math.log2(softmax(logits)[number]), ...state };
  });
}

/**
 * A text as far as a model has read it. It reads on in slices, and a text that begins as another
 * did is not read from its beginning: what was computed is kept at every letter.
 *
 * @param {Model} model
 * @param {Clamp} [clamp]
 */
export function reader(model, clamp = null) {
  const { H } = model;
  const begun = nothing(model);
  let numbers = [];
  let kept = []; // the states after each letter, as far as it has read
  let bits = []; // how surprising each letter was; NaN for the first, and where it is none
  const before = (t) => (t > 0 ? kept[t - 1] : begun);
  return {
    /** Turn to a text, given as numbers; what it shares with the last one is known. */
    turnTo(next) {
      let same = 0;
      const most = Math.min(kept.length, next.length);
      while (same < most && numbers[same] === next[same]) same += 1;
      numbers = next;
      kept = kept.slice(0, same);
      bits = bits.slice(0, same);
    },
    /** Read on, until all is read or `late()` says so; returns whether all is read. */
    read(late = () => false) {
      for (let t = kept.length; t < numbers.length; t++) {
        if (t % 16 === 0 && late()) return false;
        const p = t > 0 && numbers[t] >= 0 ? softmax(logitsOf(model, kept[t - 1].h))[numbers[t]] : NaN;
        const { h, c } = step(model, numbers[t], before(t), clamp);
        kept.push({ h, c });
        bits.push(-Math.log2(p));
      }
      return true;
    },
    get length() {
      return kept.length;
    },
    bits: (t) => bits[t],
    state: (t) => kept[t],
    /** Every gate and state after letter t, computed anew: only `h` and `c` are kept. */
    stepAt: (t) => step(model, numbers[t], before(t), clamp),
    /** A gate or state of one unit after letter t. */
    valueAt(t, unit, what) {
      if (what === "c" || what === "h") return kept[t][what][unit];
      if (clamp?.unit === unit && clamp.what === what) return clamp.value;
      const row = "ifgo".indexOf(what) * H + unit;
      let sum = model.b[row] + model.W_x[(numbers[t] < 0 ? SIZE : numbers[t]) * 4 * H + row];
      const { h } = before(t);
      for (let k = 0; k < H; k++) sum += model.W_h[row * H + k] * h[k];
      return what === "g" ? Math.tanh(sum) : sigmoid(sum);
    },
    /** What it expects after letter t: 96 logits. */
    logitsAt: (t) => logitsOf(model, kept[t].h),
  };
}
