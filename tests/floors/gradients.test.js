// What is said of gradients by lag, beside what core.test.js compares with NumPy.
import assert from "node:assert/strict";
import { test } from "node:test";

import { apart, bounds, halfLife } from "#core/gradients.js";

test("gradients: the half-life is when half is gone for good", () => {
  assert.equal(halfLife([1, 0.9, 0.5, 0.4]), 2);
  assert.equal(halfLife([1, 0.4, 0.6, 0.3, 0.2]), 3);
  assert.equal(halfLife([1, 0, 0]), 1);
  for (const none of [[1, 0.4, 0.6], [1, 1.2, 1.4], [1, 0.4, NaN]]) assert.equal(halfLife(none), null);
});

test("gradients: the bounds multiply from the last step back", () => {
  const { alone, withSlopes } = bounds(2, [0.1, 0.5, 0.25]);
  assert.deepEqual(alone, [1, 2, 4]);
  assert.deepEqual(withSlopes, [1, 0.5, 0.5], "the first step's slope is in no dh_T/dh_t");
});

test("gradients: how far two runs are apart, with any number of units", () => {
  assert.deepEqual(apart([[3, 0], [1, 1]], [[0, 4], [1, 1]]), [5, 0]);
  assert.deepEqual(apart([[1], [3e-200]], [[-1], [0]]), [2, 3e-200]);
  assert.deepEqual(apart([[NaN, 0]], [[0, 0]]), [NaN]);
});
