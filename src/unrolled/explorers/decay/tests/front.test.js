// The decay's numbers against NumPy's, which are in the file that UNROLLED_DECAY_FIXTURES
// names, and what its presets say. test_face.py makes the file and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { halfLife } from "#core/gradients.js";
import { compute } from "../front.js";

const presets = JSON.parse(readFileSync(new URL("../presets.json", import.meta.url), "utf8"));

const path = process.env.UNROLLED_DECAY_FIXTURES;
assert(path, "run this through pytest, test_face.py beside it makes the fixtures");

/** Sizes agree in their own digits, however small they are. */
function assertClose(actual, expected, label, { absolute = 0 } = {}) {
  assert.equal(actual.length, expected.length, label);
  actual.forEach((value, k) => {
    const wanted = expected[k] ?? NaN;
    const near = Object.is(value, wanted) || Math.abs(value - wanted) <= 1e-10 * Math.abs(wanted) + absolute;
    assert(near, `${label} at ${k}: ${value}, expected ${wanted}`);
  });
}

for (const { state, W_h, h, gradient, bound, flat, memory, halfLife: half } of JSON.parse(readFileSync(path, "utf8"))) {
  test(`decay: ${JSON.stringify(state)}`, () => {
    const result = compute(state);
    assertClose(result.W_h.flat(), W_h.flat(), "W_h", { absolute: 1e-12 });
    assertClose(result.h.flat(), h.flat(), "h", { absolute: 1e-12 });
    assertClose(result.gradient, gradient, "gradient");
    assertClose(result.bound, bound, "bound");
    assertClose(result.flat, flat, "bound with slopes");
    // a difference of two states keeps their absolute precision, not its own
    assertClose(result.memory, memory, "memory", { absolute: 1e-12 });
    assert.equal(halfLife(result.gradient), half);
  });
}

test("decay: where W_h or a product overflows nothing is made up", () => {
  const none = compute({ ...presets.vanishes, angle: 0, rho: 1e200, shear: 1e200 });
  assert.equal(none.known, false);
  assert([none.gradient, none.memory, none.bound, none.flat].flat().every(Number.isNaN));
  const { gradient, radius } = compute({ ...presets.explodes, rho: 1e200 });
  assert(Math.abs(radius / 1e200 - 1) < 1e-12, "what is still a number is known");
  assert.equal(gradient.findIndex(Number.isNaN), 2);
  assert(gradient.slice(2).every(Number.isNaN), "and it does not come back");
});

// what the presets' sentences say
test("presets: what vanishes keeps at most 0.8 a step, and tanh takes more", () => {
  const { gradient, bound } = compute(presets.vanishes);
  bound.forEach((value, k) => assert(Math.abs(value - 0.8 ** k) < 1e-12));
  assert(gradient.every((value, k) => value <= bound[k] + 1e-12) && gradient.at(-1) < 1e-2 * bound.at(-1));
  assert(halfLife(gradient) <= 3 && gradient.findIndex((value) => value < 1e-3) > 10);
});

test("presets: what explodes grows by 1.2, until tanh is chosen", () => {
  const { gradient } = compute(presets.explodes);
  gradient.forEach((value, k) => assert(Math.abs(value / 1.2 ** k - 1) < 1e-12));
  assert(compute({ ...presets.explodes, activation: "tanh" }).gradient.at(-1) < 0.1);
});

test("presets: rho above 1 and still vanishes, with the weights that explode", () => {
  const result = compute(presets.saturates);
  assert.deepEqual(result.W_h, compute(presets.explodes).W_h);
  assert(result.radius > 1 && result.gradient.at(-1) < 1e-12);
  const falls = result.gradient.map((value, k, all) => (k ? all[k - 1] / value : 0));
  const steepest = falls.indexOf(Math.max(...falls));
  const low = [...result.slopes.slice(1)].sort((a, b) => a - b)[4];
  assert(result.slopes[steepest] <= low, "the steepest fall is where tanh is flat");
});

test("presets: orthogonal loses to tanh alone", () => {
  const { bound, gradient } = compute(presets.orthogonal);
  assert(bound.every((value) => Math.abs(value - 1) < 1e-12) && gradient.at(-1) < 0.3);
  const smaller = compute({ ...presets.orthogonal, input_scale: 0.01 }).gradient.at(-1);
  assert(smaller > 0.9, `small inputs leave ${smaller}`);
  const linear = compute({ ...presets.orthogonal, activation: "identity" }).gradient;
  assert(linear.every((value) => Math.abs(value - 1) < 1e-12));
});

test("presets: all-positive weights lose the gradient and keep the first input", () => {
  const { W_h, radius, gradient, memory } = compute(presets.positive);
  assert(W_h.flat().every((entry) => entry > 0) && Math.abs(radius - 4) < 1e-12);
  assert(gradient[10] < 1e-10 && memory.every((value) => value >= 1));
});
