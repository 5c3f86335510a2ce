/** Contour lines: the regions of a plane where a function is at least so high. */

/**
 * The function's values on a grid, to draw any number of levels from.
 *
 * @param {(x: number, y: number) => number} f
 * @param {number[]} xs the grid's columns, ascending
 * @param {number[]} ys the grid's rows, ascending
 */
export const sampled = (f, xs, ys) => ({ f, xs, ys, rows: ys.map((y) => xs.map((x) => f(x, y))) });

/**
 * The edges of the region f >= level as closed rings of points [x, y]; fill them by the
 * rule "evenodd". The grid says which of its edges a ring crosses; where, is looked up in the
 * function (by straight lines and by halving), so that a ring lies on the surface even at a
 * cliff. A region that reaches the end of the grid is closed along it.
 *
 * @param {ReturnType<typeof sampled>} surface
 * @param {number} level
 * @param {number} tolerance how near to the level is near enough
 * @returns {[number, number][][]}
 */
export function regions({ f, xs, ys, rows }, level, tolerance) {
  const [nx, ny] = [xs.length, ys.length];
  const real = (i, j) => i >= 0 && j >= 0 && i < nx && j < ny;
  const isHigh = (i, j) => real(i, j) && rows[j][i] >= level;

  // A ring goes from grid edge to grid edge through the cells between them. In each cell,
  // anticlockwise round its corners, it leads from where high ends to where high begins.
  const next = new Map();
  const start = new Map();
  for (let j = -1; j < ny; j++) {
    for (let i = -1; i < nx; i++) {
      const first = isHigh(i, j);
      if (isHigh(i + 1, j) === first && isHigh(i, j + 1) === first && isHigh(i + 1, j + 1) === first) continue;
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const up = corners.map(([a, b]) => isHigh(a, b));
      for (let n = 0; n < 4; n++) {
        if (!up[n] || up[(n + 1) % 4]) continue;
        let m = n + 1;
        while (up[m % 4] || !up[(m + 1) % 4]) m += 1;
        const [from, to] = [n, m].map((side) => [corners[side % 4], corners[(side + 1) % 4]]);
        next.set(name(...from), name(...to));
        start.set(name(...from), from);
      }
    }
  }
  function name([a, b], [c, d]) {
    const upright = a === c;
    return ((Math.min(b, d) + 1) * (nx + 1) + Math.min(a, c) + 1) * 2 + (upright ? 1 : 0);
  }
  function crossing([inside, outside]) {
    let [a, b] = [[xs[inside[0]], ys[inside[1]]], [xs[outside[0]], ys[outside[1]]]];
    if (!real(...outside)) return a;
    let [high, low] = [rows[inside[1]][inside[0]], rows[outside[1]][outside[0]]];
    let at = a;
    for (let n = 0; n < 5; n++) {
      const share = n % 2 ? 0.5 : (high - level) / (high - low);
      at = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
      const value = f(...at);
      if (Math.abs(value - level) < tolerance) break;
      if (value >= level) [a, high] = [at, value];
      else [b, low] = [at, value];
    }
    return at;
  }
  const rings = [];
  while (next.size) {
    const ring = [];
    let [edge] = next.keys();
    while (next.has(edge)) {
      ring.push(crossing(start.get(edge)));
      const after = next.get(edge);
      next.delete(edge);
      edge = after;
    }
    rings.push(ring);
  }
  return rings;
}
