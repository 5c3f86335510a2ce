// The front end's mathematics against NumPy and PyTorch, whose numbers are in the file
// that UNROLLED_CORE_FIXTURES names. tests/floors/test_core.py makes it and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { cutAfter, jacobian, jacobians, products, weightShares } from "#core/gradients.js";
import { ACTIVATIONS, backward, DERIVATIVES, preactivation, run, step } from "#core/rnn.js";
import { assertNear, assertSame, numbers } from "../hands/same.js";

const path = process.env.UNROLLED_CORE_FIXTURES;
assert(path, "run this through pytest tests/floors/test_core.py, which makes the fixtures");
const fixtures = JSON.parse(readFileSync(path, "utf8"));

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

for (const { name, cell, x, h_0, h, grad_h, truncate, numpy, torch, ...rest } of fixtures.backward) {
  test(`rnn backwards: ${name}`, () => {
    const hs = run(cell, x, h_0);
    assertNear(hs, h, "run");
    const options = truncate === null ? undefined : { truncate };
    const { h0, ...found } = backward(cell, x, hs, h_0, grad_h, options);
    for (const expected of [numpy, torch]) {
      assert.deepEqual(Object.keys({ ...found, h_0: h0 }).sort(), Object.keys(expected).sort());
      for (const [what, value] of Object.entries({ ...found, h_0: h0 })) assertNear(value, expected[what], what);
    }
    const steps = jacobians(cell, hs);
    assertNear(steps, rest.jacobians, "jacobians");
    assertNear(products(steps), rest.products, "products");
    assertNear(weightShares(found, hs, h_0), rest.shares, "shares");
    assert.deepEqual(cutAfter(hs.length, truncate ?? Infinity), rest.cuts);
    assert.deepEqual(jacobian(cell, hs[0]), steps[0]);
  });
}

const cell = { W_x: [[2, 1]], W_h: [[0.5]], b: [0.25], activation: "identity" };

test("rnn: the preactivation is the sum of the three terms", () => {
  assert.deepEqual(preactivation(cell, [3, -1], [4]), [2 * 3 - 1 + 0.5 * 4 + 0.25]);
});

test("rnn: nothing given is changed", () => {
  const frozen = Object.freeze([[1, 2], [3, 4]].map(Object.freeze));
  const h0 = Object.freeze([1]);
  const hs = run(Object.freeze(cell), frozen, h0).map(Object.freeze);
  const gradH = Object.freeze([[1], [1]].map(Object.freeze));
  backward(cell, frozen, Object.freeze(hs), h0, gradH);
});

test("rnn: an unknown activation and wrong lengths are refused", () => {
  assert.throws(() => step({ ...cell, activation: "sigmoid" }, [1, 1], [0]), {
    message: 'rnn: activation is "sigmoid", not one of tanh, relu, identity',
  });
  assert.throws(() => run(cell, [[1]]), { message: "rnn: x has length 1, not 2" });
  assert.throws(() => run(cell, [[1, 1]], [0, 0]), {
    message: "rnn: h has length 2, not 1",
  });
  const back = (xs, gradH, options) => backward(cell, xs, [[0], [0]], [0], gradH, options);
  const xs = [[1, 1], [1, 1]];
  assert.throws(() => back([[1, 1]], [[0], [0]]), { message: "rnn: xs has 1 steps, not 2" });
  assert.throws(() => back(xs, [[0]]), { message: "rnn: gradH has 1 steps, not 2" });
  for (const truncate of [0, 1.5, NaN, -1]) {
    assert.throws(() => back(xs, [[0], [0]], { truncate }), {
      message: `rnn: truncate is ${truncate}, not a whole number from 1`,
    });
  }
});

test("rnn: every activation has its cases", () => {
  for (const cases of [fixtures.rnn, fixtures.backward]) {
    const used = new Set(cases.map((fixture) => fixture.cell.activation));
    assert.deepEqual([...used].sort(), Object.keys(ACTIVATIONS).sort());
  }
});

test("rnn: a derivative, and what becomes of what arrives", () => {
  assert.deepEqual([DERIVATIVES.tanh(0.5), DERIVATIVES.tanh(0.5, 2)], [0.75, 1.5]);
  assert.deepEqual([DERIVATIVES.relu(0), DERIVATIVES.relu(0, Infinity)], [0, 0]);
  assert.deepEqual([DERIVATIVES.relu(3), DERIVATIVES.relu(3, 2)], [1, 2]);
  assert.deepEqual([DERIVATIVES.identity(-3), DERIVATIVES.identity(0, 2)], [1, 2]);
  assert(Number.isNaN(DERIVATIVES.tanh(NaN)) && DERIVATIVES.relu(NaN) === 1);
});

test("rnn: gradients that overflow, and NaN, are computed with", () => {
  const grows = { W_x: [[1]], W_h: [[1e10]], b: [0], activation: "identity" };
  const xs = Array(40).fill([0]);
  const { h, h0 } = backward(grows, xs, xs, [0], xs.map((_, t) => [t === 39 ? 1 : 0]));
  assert(Number.isFinite(h[9][0]) && h[8][0] === Infinity && h0[0] === Infinity);
  const { b } = backward(grows, xs, xs, [0], xs.map(() => [NaN]));
  assert(Number.isNaN(b[0]));
  assert.equal(products(Array(40).fill([[1e10]])).at(-1)[0][0], Infinity);
});
