// The decay's numbers against NumPy's, which are in the file that UNROLLED_DECAY_FIXTURES
// names; what its presets say; and the chart that it is drawn on. tests/test_decay.py makes
// the file and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { halfLife } from "../../frontend/core/gradients.js";
import { compute, presets } from "../../frontend/explorers/decay.js";
import { apart, logFrame, logLimits } from "../../frontend/view/chart.js";
import { digitsFor, significant, tenTo } from "../../frontend/view/number.js";

const path = process.env.UNROLLED_DECAY_FIXTURES;
assert(path, "run this through pytest tests/test_decay.py, which makes the fixtures");

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

// the chart
test("chart: an axis holds what it is given, in whole powers of ten, as far as 32 reaches", () => {
  assert.deepEqual(logLimits([[1, 1]]), { low: -1, high: 0 });
  assert.deepEqual(logLimits([[1, 0.9, 3e-5], [1, 20]]), { low: -6, high: 2 });
  assert.deepEqual(logLimits([[1, 0, NaN, Infinity, 1e-300, 1e300]]), { low: -32, high: 32 });
  assert.deepEqual(logLimits([[1, Infinity]]), { low: -1, high: 0 });
  assert.deepEqual(logLimits([[1, 1 + 1e-12]]), { low: -1, high: 0 }, "rounding does not open a decade");
});

test("chart: equal factors are equal distances, and labels have room", () => {
  const frame = logFrame({ top: 10, bottom: 210, low: -8, high: 2 });
  assert.equal(frame.y(100), 10);
  assert.equal(frame.y(1e-8), 210);
  assert(Math.abs(frame.y(1) - frame.y(0.1) + 20) < 1e-9);
  assert.deepEqual(frame.ticks(24), [-8, -6, -4, -2, 0, 2]);
  for (const value of [0, Infinity, 1e-300]) assert(Number.isFinite(frame.y(value)));
  assert(Number.isNaN(frame.y(NaN)));
});

test("chart: names at the ends of lines keep their distance, their order and their place", () => {
  assert.deepEqual(apart([50, 100], { top: 0, bottom: 200 }), [50, 100]);
  for (const places of [[100, 100, 100, 100], [1e4, 1e4, -1e4, 50], [0, 200, 199, 198], [-9, -9, 3]]) {
    const found = apart(places, { top: 0, bottom: 200 });
    const order = [...found].sort((a, b) => a - b);
    assert(order[0] >= 0 && order.at(-1) <= 200, String(found));
    order.slice(1).forEach((y, k) => assert(y - order[k] >= 14, String(found)));
    places.forEach((a, i) => places.forEach((b, j) => assert(!(a < b) || found[i] < found[j], String(found))));
  }
});

test("numbers: three digits that count, from the smallest to the largest", () => {
  const shown = [0, 1, 0.0123, -12.345, 999.4, 1234.5, 9999.6, 0.00099951, 1.234e-7, -5e300, NaN].map((value) => significant(value));
  assert.deepEqual(shown, ["0", "1.00", "0.0123", "−12.3", "999", "1235", "1.00 × 10⁴", "0.00100", "1.23 × 10⁻⁷", "−5.00 × 10³⁰⁰", "not a number"]);
  assert.equal(significant(0.123456, 5), "0.12346");
  assert.equal(tenTo(-16), "10⁻¹⁶");
});

test("numbers: a printed quotient is right, with as few digits as that takes", () => {
  const quotient = ([a, b]) => a / b;
  let more = 0;
  for (let k = 1; k < 500; k++) {
    const operands = [Math.sin(k * k) * 10 ** -(k % 30), 1 + (k % 7) / 3];
    const { digits, exact } = digitsFor(operands, quotient, quotient(operands));
    assert(exact);
    if (digits > 3) more += 1;
    const printed = operands.map((value) => Number(value.toPrecision(digits)));
    assert.equal(significant(quotient(printed)), significant(quotient(operands)));
  }
  assert(more > 50, "the case that the rule is for did not occur");
});
