// Two-by-two matrices against NumPy, whose numbers are in the file that
// UNROLLED_LINEAR_FIXTURES names. test_linear.py makes the file and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  eigenvalues, largestSingularValue, spectralRadius, turning, withEigenvalue,
} from "#core/linear.js";

const path = process.env.UNROLLED_LINEAR_FIXTURES;
assert(path, "run this through pytest tests/floors/test_linear.py, which makes the fixtures");
const { matrices } = JSON.parse(readFileSync(path, "utf8"));

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
