/**
 * Linear algebra. Two-by-two matrices: what they do to a plane. A matrix is a list of two
 * rows; an eigenvalue is {re, im}. Below them, vectors and matrices of any size. Pure
 * functions over numbers; NaN and infinity pass through.
 *
 * @typedef {[[number, number], [number, number]]} Matrix
 * @typedef {{re: number, im: number}} Complex
 */

const DEGREE = Math.PI / 180;

/**
 * Shear along the first axis, then a turn, then a scale: scale · R(angle) · [[1, shear], [0, 1]].
 *
 * @param {{angle: number, scale: number, shear: number}} parts  angle in degrees, anticlockwise
 * @returns {Matrix} its determinant is scale²
 */
export function turning({ angle, scale, shear }) {
  const [c, s] = [Math.cos(angle * DEGREE), Math.sin(angle * DEGREE)];
  return [
    [scale * c, scale * (c * shear - s)],
    [scale * s, scale * (s * shear + c)],
  ];
}

/**
 * Both eigenvalues: of a complex pair the one above the real axis first, of two real ones
 * the larger first.
 *
 * @param {Matrix} matrix
 * @returns {[Complex, Complex]}
 */
export function eigenvalues(matrix) {
  // in units of the largest entry, whose square may be too large for a number
  const size = Math.max(...matrix.flat().map(Math.abs)) || 1;
  const [a, b, c, d] = matrix.flat().map((entry) => entry / size);
  const middle = (a + d) / 2;
  const square = ((a - d) / 2) ** 2 + b * c;
  const root = Math.sqrt(Math.abs(square));
  return square < 0
    ? [{ re: size * middle, im: size * root }, { re: size * middle, im: -size * root }]
    : [{ re: size * (middle + root), im: 0 }, { re: size * (middle - root), im: 0 }];
}

/** The largest |eigenvalue|: what repeated multiplication grows by in the long run. */
export const spectralRadius = (matrix) =>
  Math.max(...eigenvalues(matrix).map(({ re, im }) => Math.hypot(re, im)));

/** The most by which one multiplication can lengthen a vector. */
export const largestSingularValue = ([[a, b], [c, d]]) =>
  (Math.hypot(a + d, c - b) + Math.hypot(a - d, b + c)) / 2;

/**
 * The inverse of `turning` and `eigenvalues`, for a complex pair: with this shear, the
 * angle and scale that put one of the eigenvalues at `target`.
 *
 * Two angles do; the one nearer to `angle` is returned, from -180 to 180.
 *
 * @param {Complex} target
 * @param {{angle: number, shear: number}} now
 * @returns {{angle: number, scale: number}}
 */
export function withEigenvalue({ re, im }, { angle, shear }) {
  const scale = Math.hypot(re, im);
  if (scale === 0) return { angle, scale };
  // the trace is 2 scale (cos angle + shear/2 sin angle) = 2 scale length cos(angle - lean)
  const length = Math.hypot(1, shear / 2);
  const lean = Math.atan2(shear / 2, 1);
  const open = Math.acos(re / scale / length);
  const [near, far] = [lean - open, lean + open].map((radians) => radians / DEGREE);
  const away = (degrees) => Math.abs(wrapped(degrees - angle));
  return { angle: wrapped(away(near) < away(far) ? near : far), scale };
}

const wrapped = (degrees) => degrees - 360 * Math.round(degrees / 360);

// Vectors and matrices of any size: lists of numbers, and lists of rows.

/**
 * @param {number[]} row
 * @param {number[]} vector
 * @param {string} name  of the vector, for the error
 * @returns {number} the sum of the products
 */
export function dot(row, vector, name) {
  author: if (row.length !== vector.length) {
    throw new RangeError(`${name} has length ${vector.length}, not ${row.length}`);
  }
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] * vector[i];
  return sum;
}

/** The row `vector` times `matrix`: what a gradient becomes on its way back through it. */
export const back = (matrix, vector) =>
  matrix[0].map((_, i) => vector.reduce((sum, one, row) => sum + one * matrix[row][i], 0));

/** The sum over time of the products of each number of as[t] with each number of bs[t]. */
export const outer = (as, bs) =>
  as[0].map((_, row) => bs[0].map((_, i) => as.reduce((sum, a, t) => sum + a[row] * bs[t][i], 0)));

/** The sum of some vectors. */
export const total = (vectors) =>
  vectors[0].map((_, i) => vectors.reduce((sum, vector) => sum + vector[i], 0));

/** The probabilities of logits: as many numbers, whose sum is 1. */
export function softmax(logits) {
  const top = Math.max(...logits);
  const weights = logits.map((one) => Math.exp(one - top));
  const sum = weights.reduce((total, one) => total + one, 0);
  return weights.map((one) => one / sum);
}
