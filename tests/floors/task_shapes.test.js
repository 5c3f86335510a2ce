// The task shapes against Python's, whose names, shapes and code are in the file that
// UNROLLED_TASK_SHAPES_FIXTURES names. tests/floors/test_task_shapes.py makes it and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { pattern, pytorch, read, resize, SHAPES, stretch, tensors, tuple } from "#core/task_shapes.js";

const path = process.env.UNROLLED_TASK_SHAPES_FIXTURES;
assert(path, "run this through pytest tests/floors/test_task_shapes.py, which makes the fixtures");
const cases = JSON.parse(readFileSync(path, "utf8"));

test(`${cases.length} states: name, tensors and code are Python's`, () => {
  for (const { state, shape, tensors: shapes, code } of cases) {
    assert.equal(read(state).shape, shape, JSON.stringify(state));
    assert.deepEqual(tensors(state).map((one) => [one.name, one.shape]), shapes, JSON.stringify(state));
    assert.equal(pytorch(state), code, JSON.stringify(state));
  }
});

test("letters and sizes: as many, and the letter is the size", () => {
  for (const { state } of cases) {
    const E = read(state).reads;
    const size = {
      T: state.timesteps, E, D: state.timesteps - E, N: state.batch_size, d: state.features, H: state.hidden_size, K: state.classes,
    };
    for (const { letters, shape } of tensors(state)) {
      assert.deepEqual(letters.map((letter) => size[letter] ?? Number(letter)), shape, JSON.stringify(state));
    }
  }
});

const sizes = { batch_size: 4, features: 3, hidden_size: 6, classes: 2 };
const by = (state) => Object.fromEntries(tensors({ ...state, ...sizes }).map((one) => [one.name, one]));

test("batch_first swaps steps and batch, and leaves h_n, a single answer and the weights", () => {
  const all = by(pattern("many-to-many, synchronised", 5));
  for (const [name, swapped] of [["x", [4, 5, 3]], ["h", [4, 5, 6]], ["logits", [4, 5, 2]], ["targets", [4, 5]]]) {
    assert.deepEqual(all[name].batchFirst, swapped);
  }
  const one = by(pattern("many-to-one", 5));
  for (const same of [one.h_n, one.logits, one.targets, one.loss, one.W_x, one.W_h, one.W_y, by(pattern(SHAPES[3], 5)).context]) {
    assert.deepEqual(same.batchFirst, same.shape);
  }
});

test("what is odd is said: too early, too late, in part, without a loss, idle", () => {
  const odd = read({ timesteps: 8, inputs: [3, 4, 7], outputs: [1, 5, 6], losses: [5] });
  assert.equal(odd.shape, "none of the five");
  assert.equal(odd.without, "many-to-many, unsynchronised");
  assert.deepEqual([odd.early, odd.late, odd.unscored, odd.idle], [[1], [7], [1, 6], [8]]);
  assert.deepEqual(odd.used, [true, true, true, true, true, true, false, false]);
  const partly = read({ timesteps: 4, inputs: [1, 2, 3], outputs: [2, 3, 4], losses: [] });
  assert.deepEqual(partly.partial, [2]);
  assert.deepEqual(partly.unscored, [], "no loss at all is said apart");
  assert.equal(read({ timesteps: 3, inputs: [3], outputs: [1], losses: [] }).without, null);
  for (const shape of SHAPES) {
    const plain = read(pattern(shape, shape === "one-to-one" ? 1 : 6));
    assert.deepEqual([plain.early, plain.late, plain.partial, plain.unscored, plain.idle], [[], [], [], [], []], shape);
    assert(plain.used.every(Boolean));
  }
});

test("another number of steps keeps the shape; other steps stay where they are", () => {
  for (const shape of SHAPES) assert.deepEqual(resize(pattern(shape, 6), 8), pattern(shape, 8), shape);
  assert.equal(read(resize({ timesteps: 1, inputs: [1], outputs: [1], losses: [1] }, 2)).shape, "many-to-many, synchronised");
  const own = { timesteps: 6, inputs: [1, 5], outputs: [2, 6], losses: [6] };
  assert.deepEqual(resize(own, 5), { timesteps: 5, inputs: [1, 5], outputs: [2], losses: [] });
});

test("what steps are like, sizes as Python prints them", () => {
  for (const { state, stretches } of cases) {
    const found = ["inputs", "outputs", "losses"].map((name) => stretch(state[name], state.timesteps));
    assert.deepEqual(found, stretches, JSON.stringify(state));
  }
  assert.deepEqual([[], [4], [5, 4]].map(tuple), ["()", "(4,)", "(5, 4)"]);
});
