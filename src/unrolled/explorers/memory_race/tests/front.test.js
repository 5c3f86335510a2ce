// The memory race's numbers against NumPy's, which are in the file that UNROLLED_RACE_FIXTURES
// names, and what its presets say. test_face.py makes the file and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { halfLife } from "#core/gradients.js";
import { compute, factor } from "../front.js";

const presets = JSON.parse(readFileSync(new URL("../presets.json", import.meta.url), "utf8"));

const path = process.env.UNROLLED_RACE_FIXTURES;
assert(path, "run this through pytest, test_face.py beside it makes the fixtures");

const CELLS = ["rnn", "lstm", "gru"];

/** Numbers agree in their own digits, however small they are. */
function assertClose(actual, expected, label) {
  assert.equal(actual.length, expected.length, label);
  actual.forEach((value, k) => {
    const wanted = expected[k] ?? NaN;
    const near = Object.is(value, wanted) || Math.abs(value - wanted) <= 1e-10 * Math.abs(wanted);
    assert(near, `${label} at ${k}: ${value}, expected ${wanted}`);
  });
}

/** Every gradient is the one before times the factor of the step that its lag adds. */
function assertFactors(state, result) {
  for (const cell of CELLS) {
    for (let k = 1; k < state.timesteps; k++) {
      const { kept, through } = factor(cell, state, result, state.timesteps - k + 1);
      const whole = (kept ?? 0) + through.reduce((all, value) => all * value, 1);
      assertClose([result.signed[cell][k]], [result.signed[cell][k - 1] * whole], `${cell}, lag ${k}`);
    }
  }
}

for (const { state, memories, gradients, left, halfLives, exposed } of JSON.parse(readFileSync(path, "utf8"))) {
  test(`memory race: ${JSON.stringify(state)}`, () => {
    const result = compute(state);
    assertClose(result.exposed, exposed, "exposed");
    for (const cell of CELLS) {
      assertClose(result.memory[cell], memories[cell], `memory of ${cell}`);
      assertClose(result.gradient[cell], gradients[cell], `gradient of ${cell}`);
      assertClose([result.left[cell]], [left[cell]], `left in ${cell}`);
      assert.equal(halfLife(result.gradient[cell]), halfLives[cell]);
    }
    if (Math.abs(state.w_h) < 100) assertFactors(state, result);
  });
}

test("memory race: what overflows is NaN from there on", () => {
  const { gradient } = compute({ ...presets.defaults, w_h: 1e200, impulse: 0 });
  for (const cell of CELLS) {
    assert.equal(gradient[cell].findIndex(Number.isNaN), 2, cell);
    assert(gradient[cell].slice(2).every(Number.isNaN), "and it does not come back");
  }
});

// what the presets' sentences say
const lives = (state) => Object.fromEntries(CELLS.map((cell) => [cell, halfLife(compute(state).gradient[cell])]));
const atRest = (cell, state) => compute(state).gradient[cell][1];

test("presets: by PyTorch's defaults nobody remembers", () => {
  const result = compute(presets.defaults);
  assert.deepEqual(lives(presets.defaults), { rnn: 2, lstm: 2, gru: 2 });
  assert.equal(result.f, 0.5);
  for (const cell of CELLS) assert(result.memory[cell][10] < 0.013 * result.memory[cell][0]);
  // as the first sentence asks: a wide enough range of f passes 10 steps
  assert(lives({ ...presets.defaults, b_f: 1.25 }).lstm < 10 && lives({ ...presets.defaults, b_f: 1.35 }).lstm > 10);
});

test("presets: a forget bias of 1 reaches three times as far", () => {
  const result = compute(presets.one);
  assert.equal(result.f.toFixed(2), "0.73");
  assert.equal(lives(presets.one).lstm, 3 * lives(presets.defaults).lstm);
  assert.equal(atRest("lstm", presets.one).toFixed(2), "0.88");
});

test("presets: with a forget bias of 3 c grows, until the input gate closes", () => {
  const result = compute(presets.three);
  assert.equal(result.f.toFixed(2), "0.95");
  assert(result.memory.lstm.every((c, k, all) => k === 0 || c > all[k - 1]) && result.left.lstm > 7);
  const closed = compute({ ...presets.three, b_i: -3 });
  assert(closed.memory.lstm.every((c, k, all) => k === 0 || c < all[k - 1]));
});

test("presets: chrono keeps half of what it hardly lets in", () => {
  const result = compute(presets.chrono);
  for (const cell of ["lstm", "gru"]) {
    assert(Math.abs(result.left[cell] - 0.5) < 0.01 && Math.abs(result.gradient[cell].at(-1) - 0.5) < 0.01);
    assert(result.memory[cell][0] < 0.01);
  }
});

test("presets: an RNN tuned just right; at 1.05 the state stays, and the gradient goes", () => {
  const result = compute(presets.tuned);
  assert(Math.abs(result.left.rnn - 0.2) < 0.005);
  const more = compute({ ...presets.tuned, w_h: 1.05 });
  assert(more.left.rnn > 2 * result.left.rnn && more.gradient.rnn.at(-1) < result.gradient.rnn.at(-1) / 10);
  const less = compute({ ...presets.tuned, w_h: 0.95 });
  assert(less.gradient.rnn.at(-1) < result.gradient.rnn.at(-1));
});
