// Two-by-two matrices and the state plane's numbers against NumPy, whose numbers are in the
// file that UNROLLED_LINEAR_FIXTURES names; and the plane that they are drawn in.
// tests/test_state_plane.py makes the file and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  eigenvalues, largestSingularValue, spectralRadius, turning, withEigenvalue,
} from "../../frontend/core/linear.js";
import { compute, presets } from "../../frontend/explorers/state_plane.js";
import { arrow, pathThrough, planeFrame } from "../../frontend/view/plane.js";

const path = process.env.UNROLLED_LINEAR_FIXTURES;
assert(path, "run this through pytest tests/test_state_plane.py, which makes the fixtures");
const { matrices, runs } = JSON.parse(readFileSync(path, "utf8"));

function assertNear(actual, expected, tolerance, label) {
  assert(Math.abs(actual - expected) <= tolerance, `${label}: ${actual}, expected ${expected}`);
}

for (const [n, fixture] of matrices.entries()) {
  const { parts, W, values, radius, singular } = fixture;
  test(`linear: matrix ${n}, ${JSON.stringify(parts ?? W)}`, () => {
    const size = Math.max(1, ...W.flat().map(Math.abs));
    if (parts) turning(parts).flat().forEach((entry, k) => assertNear(entry, W.flat()[k], 1e-12 * size, "entry"));
    // two eigenvalues that almost meet are known to half the digits only
    const gap = Math.hypot(values[0][0] - values[1][0], values[0][1] - values[1][1]);
    const tolerance = size * (gap > 0.01 * size ? 1e-12 : 1e-7);
    eigenvalues(W).forEach(({ re, im }, k) => {
      assertNear(re, values[k][0], tolerance, "real part");
      assertNear(im, values[k][1], tolerance, "imaginary part");
    });
    assertNear(spectralRadius(W), radius, tolerance, "spectral radius");
    assertNear(largestSingularValue(W), singular, 1e-12 * size, "largest singular value");
  });
}

test("linear: complex pairs, real pairs and a double eigenvalue all occur", () => {
  const kinds = matrices.map(({ values: [a, b] }) => (a[1] !== 0 ? "complex" : a[0] === b[0] ? "double" : "real"));
  assert.deepEqual([...new Set(kinds)].sort(), ["complex", "double", "real"]);
});

test("linear: an eigenvalue can be put anywhere, with any shear", () => {
  for (const shear of [-2, -0.3, 0, 1, 2]) {
    for (const now of [-170, -20, 0, 35, 120]) {
      for (const target of [{ re: 0.5, im: 0.7 }, { re: -1.1, im: 0.2 }, { re: 0.9, im: -0.4 }, { re: 0, im: 1 }]) {
        const found = withEigenvalue(target, { angle: now, shear });
        const [above] = eigenvalues(turning({ ...found, shear }));
        assertNear(above.re, target.re, 1e-9, "real part");
        assertNear(above.im, Math.abs(target.im), 1e-9, "imaginary part");
        assert(found.angle >= -180 && found.angle <= 180);
      }
    }
  }
});

test("linear: an eigenvalue put where it is leaves the angle and the scale", () => {
  for (const parts of [{ angle: -150, scale: 0.7, shear: 0 }, { angle: 40, scale: 1.2, shear: -0.5 }, { angle: -60, scale: 1, shear: 1 }]) {
    const [above] = eigenvalues(turning(parts));
    assert(above.im > 0);
    const found = withEigenvalue(above, parts);
    assertNear(found.angle, parts.angle, 1e-9, "angle");
    assertNear(found.scale, parts.scale, 1e-12, "scale");
  }
  assert.deepEqual(withEigenvalue({ re: 0, im: 0 }, { angle: 7, shear: 1 }), { angle: 7, scale: 0 });
});

for (const { state, h } of runs) {
  test(`state plane: ${JSON.stringify(state)}`, () => {
    const result = compute(state);
    assert.equal(result.h.length, h.length);
    const largest = Math.max(1, ...h.flat().map(Math.abs));
    result.h.flat().forEach((value, k) => assertNear(value, h.flat()[k], 1e-10 * largest, `value ${k}`));
    assert.deepEqual(result.points, [state.h_0, ...result.h]);
  });
}

test("state plane: where W_h overflows nothing is known", () => {
  const { h, radius, singular, eigenvalues: values } = compute({ ...presets.turns, scale: 1e200, shear: 1e200 });
  assert([...h.flat(), radius, singular, ...values.map(({ re }) => re)].every(Number.isNaN));
});

// what the presets' sentences say
const length = ([one, two]) => Math.hypot(one, two);

test("presets: what turns only keeps 0.9, 1 or 1.2 of the length", () => {
  for (const [name, share] of [["inward", 0.9], ["turns", 1], ["outward", 1.2]]) {
    const { points, radius } = compute(presets[name]);
    points.slice(1).forEach((point, k) => assertNear(length(point) / length(points[k]), share, 1e-12, name));
    assertNear(radius, share, 1e-12, name);
  }
  const { points } = compute(presets.turns);
  const back = points.findIndex((point, k) => k > 0 && length([point[0] - points[0][0], point[1] - points[0][1]]) < 1e-12);
  assert.equal(back, 12, "the state is back within the steps shown");
  const half = compute(presets.inward).points.findIndex((point, _, [first]) => length(point) <= length(first) / 2);
  assert.equal(half, 7);
});

test("presets: tanh keeps the same weights inside the square, on one loop from every start", () => {
  const { h_0, activation, ...rest } = presets.outward;
  const { h_0: start, activation: squash, ...same } = presets.squashed;
  assert.deepEqual([same, start, squash, activation], [rest, h_0, "tanh", "identity"]);
  const ends = [[0.2, 0.1], [0.9, 0.9], [-0.5, 0], [0.01, -0.02]].map((from) =>
    compute({ ...presets.squashed, h_0: from, timesteps: 40 }).h.slice(-12).map(length));
  const middle = ends.map((lengths) => lengths.reduce((sum, one) => sum + one) / 12);
  for (const one of middle) assertNear(one, middle[0], 0.02, "the loop's mean radius");
  assert(middle[0] > 0.5);
});

test("presets: with all-positive weights one corner takes every start", () => {
  const { W_h, h } = compute(presets.positive);
  assert(W_h.flat().every((entry) => entry > 0) && presets.positive.b > 0);
  assert(h.slice(1).flat().every((value) => value > 0.98), "saturated from step 2 on");
  for (let one = -1; one <= 1; one += 0.1) {
    for (let two = -1; two <= 1; two += 0.1) {
      const end = compute({ ...presets.positive, h_0: [one, two] }).h.at(-1);
      assert(end.every((value) => value > 0.98), `from ${one}, ${two} to ${end}`);
    }
  }
});

// the plane
const frame = planeFrame({ x: 10, y: 20, size: 260, limit: 1 });

test("plane: pixels and numbers are each other's inverse, with equal scales", () => {
  assert.deepEqual(frame.at([0, 0]), [130, 130]);
  assert.deepEqual(frame.at([1, 1]).map(Math.round), [230, 30]);
  frame.value(frame.at([-0.3, 0.8])).forEach((value, k) => assertNear(value, [-0.3, 0.8][k], 1e-12, "there and back"));
});

test("plane: what lies far outside is still a place that can be drawn", () => {
  for (const point of [[1e300, 0], [-Infinity, Infinity]]) {
    const place = frame.at(point);
    assert(place.every(Number.isFinite) && !frame.holds(place));
    const edge = frame.edge([130, 130], place);
    assert(edge.every((pixel) => pixel >= -1e-9 && pixel <= 260 + 1e-9) && edge.some((pixel) => pixel < 1e-9 || pixel > 260 - 1e-9));
  }
});

test("plane: a path breaks where a number is missing", () => {
  assert.equal(pathThrough(frame, [[0, 0], [0, 1], [NaN, 0], [0, 0], [1, 0]]), "M130 130L130 30M130 130L230 130");
});

test("plane: an arrow has a head inside, a cut at the edge, and is not there when it has no length", () => {
  assert.equal(arrow(frame, [50, 50], [52, 50], 4), null);
  assert.equal(arrow(frame, [50, 50], [NaN, 50], 4), null);
  assert.equal(arrow(frame, [50, 50], [150, 50], 5), "M55 50L145 50M138 53.6L145 50L138 46.4");
  assert.match(arrow(frame, [50, 50], [1000, 50], 5), /^M55 50L260 50M248 51l10 -4/);
});
