/** Contour lines: the regions of a plane where a function is at least so high. */

/**
 * The function's values on a grid, to draw any number of levels from.
 *
 * @param {(x: number, y: number) => number} f
 * @param {number[]} xs the grid's columns, ascending
 * @param {number[]} ys the grid's rows, ascending
 */
export const sampled = (f, xs, ys) => ({ f, xs, ys, rows: ys.map((y) => xs.map((x) => f(x, y))) });

const holds = ({ xs, ys }, i, j) => i >= 0 && j >= 0 && i < xs.length && j < ys.length;

/**
 * From every edge of the grid that a ring crosses to the next one: each edge is a pair of grid
 * points [inside, outside], by its name. In each cell, anticlockwise round its corners, a ring leads
 * from where high ends to where high begins.
 */
function crossedEdges(surface, level) {
  const { xs, ys, rows } = surface;
  const isHigh = (i, j) => holds(surface, i, j) && rows[j][i] >= level;
  const nameOf = ([a, b], [c, d]) => ((Math.min(b, d) + 1) * (xs.length + 1) + Math.min(a, c) + 1) * 2 + (a === c ? 1 : 0);
  const edges = new Map();
  for (let j = -1; j < ys.length; j++) {
    for (let i = -1; i < xs.length; i++) {
      const first = isHigh(i, j);
      if (isHigh(i + 1, j) === first && isHigh(i, j + 1) === first && isHigh(i + 1, j + 1) === first) continue;
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const high = corners.map(([a, b]) => isHigh(a, b));
      for (let n = 0; n < 4; n++) {
        if (!high[n] || high[(n + 1) % 4]) continue;
        let m = n + 1;
        while (high[m % 4] || !high[(m + 1) % 4]) m += 1;
        const [from, to] = [n, m].map((side) => [corners[side % 4], corners[(side + 1) % 4]]);
        edges.set(nameOf(...from), { edge: from, next: nameOf(...to) });
      }
    }
  }
  return edges;
}

/** Where the function has the level on an edge: by a straight line and by halving, in turns. */
function crossing(surface, level, tolerance, [inside, outside]) {
  const { f, xs, ys, rows } = surface;
  let [a, b] = [[xs[inside[0]], ys[inside[1]]], [xs[outside[0]], ys[outside[1]]]];
  if (!holds(surface, ...outside)) return a;
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

/**
 * The edges of the region f >= level as closed rings of points [x, y]; fill them by the
 * rule "evenodd". The grid says which of its edges a ring crosses; where, is looked up in the
 * function, so that a ring lies on the surface even at a cliff. A region that reaches the end of
 * the grid is closed along it.
 *
 * @param {ReturnType<typeof sampled>} surface
 * @param {number} level
 * @param {number} tolerance how near to the level is near enough
 * @returns {[number, number][][]}
 */
export function regions(surface, level, tolerance) {
  const edges = crossedEdges(surface, level);
  const rings = [];
  while (edges.size) {
    const ring = [];
    let [name] = edges.keys();
    while (edges.has(name)) {
      const { edge, next } = edges.get(name);
      ring.push(crossing(surface, level, tolerance, edge));
      edges.delete(name);
      name = next;
    }
    rings.push(ring);
  }
  return rings;
}
