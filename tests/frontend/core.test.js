// The front end's mathematics against NumPy and PyTorch, whose numbers are in the file
// that UNROLLED_CORE_FIXTURES names. tests/test_core.py makes it and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ACTIVATIONS, preactivation, run, step } from "../../frontend/core/rnn.js";

const path = process.env.UNROLLED_CORE_FIXTURES;
assert(path, "run this through pytest tests/test_core.py, which makes the fixtures");
const fixtures = JSON.parse(readFileSync(path, "utf8"));

/** NaN and infinity travel as text. */
const numbers = (value) => (Array.isArray(value) ? value.map(numbers) : Number(value));

/** Equal shapes, and values within 1e-12 of the largest finite one (or of 1). */
function assertSame(actual, expected, label) {
  assert.equal(actual.length, expected.length, label);
  const [a, e] = [actual.flat(), expected.flat()];
  assert.equal(a.length, e.length, label);
  const largest = Math.max(1, ...e.filter(Number.isFinite).map(Math.abs));
  a.forEach((value, i) => {
    const same = Number.isFinite(e[i])
      ? Math.abs(value - e[i]) <= 1e-12 * largest
      : Object.is(value, e[i]);
    assert(same, `${label}, value ${i}: ${value}, expected ${e[i]}`);
  });
}

for (const { name, cell, x, h_0, numpy, torch } of fixtures.rnn) {
  test(`rnn: ${name}`, () => {
    const xs = numbers(x);
    const states = h_0 ? run(cell, xs, numbers(h_0)) : run(cell, xs);
    assertSame(states, numbers(numpy), "numpy");
    if (torch) assertSame(states, numbers(torch), "torch");
    const first = step(cell, xs[0], h_0 ? numbers(h_0) : cell.b.map(() => 0));
    assert.deepEqual(first, states[0]);
  });
}

const cell = { W_x: [[2, 1]], W_h: [[0.5]], b: [0.25], activation: "identity" };

test("rnn: the preactivation is the sum of the three terms", () => {
  assert.deepEqual(preactivation(cell, [3, -1], [4]), [2 * 3 - 1 + 0.5 * 4 + 0.25]);
});

test("rnn: nothing given is changed", () => {
  const frozen = Object.freeze([Object.freeze([1, 2])]);
  const h0 = Object.freeze([1]);
  run(Object.freeze(cell), frozen, h0);
});

test("rnn: an unknown activation and wrong lengths are refused", () => {
  assert.throws(() => step({ ...cell, activation: "sigmoid" }, [1, 1], [0]), {
    message: 'rnn: activation is "sigmoid", not one of tanh, relu, identity',
  });
  assert.throws(() => run(cell, [[1]]), { message: "rnn: x has length 1, not 2" });
  assert.throws(() => run(cell, [[1, 1]], [0, 0]), {
    message: "rnn: h has length 2, not 1",
  });
});

test("rnn: every activation has its cases", () => {
  const used = new Set(fixtures.rnn.map((fixture) => fixture.cell.activation));
  assert.deepEqual([...used].sort(), Object.keys(ACTIVATIONS).sort());
});
