/**
 * A plane with equal scales: where its numbers stand, its axes, and what lies in it.
 * Marks are drawn from arrays of points [across, up] and know no model.
 */

import { partsOf, patch, repeat, svg } from "./dom.js";
import { short } from "./number.js";

const round = (value) => Math.round(value * 10) / 10;

/** Far outside of every drawing, and still a number that a browser can draw. */
const FAR = 1e4;
const near = (pixel) => Math.max(-FAR, Math.min(FAR, pixel));

/**
 * A square of `size` pixels at (x, y) of the drawing, with zero in its middle. Its axes are
 * labelled at `limit`, and it reaches `room` times as far. Pixels are counted from its corner.
 */
export function planeFrame({ x, y, size, limit, room = 1.3 }) {
  const unit = size / 2 / (limit * room);
  const middle = size / 2;
  const within = (pixel) => pixel >= 0 && pixel <= size;
  return {
    x, y, size, limit, unit, middle,
    at: ([across, up]) => [near(middle + across * unit), near(middle - up * unit)],
    value: ([px, py]) => [(px - middle) / unit, (middle - py) / unit],
    holds: ([px, py]) => within(px) && within(py),
    /** Where the way from a pixel inside to one outside crosses the square's edge. */
    edge([ax, ay], [bx, by]) {
      const share = (a, b) => (b > size ? (size - a) / (b - a) : b < 0 ? a / (a - b) : 1);
      const part = Math.min(share(ax, bx), share(ay, by));
      return [ax + part * (bx - ax), ay + part * (by - ay)];
    },
  };
}

/**
 * The square with its axes. `inside` takes the marks, and cuts them off at the edge.
 * @param {{names: [string, string]}} spec what lies across, and what up
 */
export function plane({ names }) {
  const lines = svg("g", { class: "u-axis" }); // these alone: what lies in the plane is no axis
  const labels = svg("g");
  const inside = svg("svg", { overflow: "hidden" }, lines);
  const element = svg("g", {}, inside, labels);
  let drawn = ""; // what is drawn depends on nothing else, and the same is not written again
  return {
    element,
    inside,
    /** @param {{ticksUp?: boolean}} [options] whether there is room for numbers at the left */
    update(frame, { ticksUp = true } = {}) {
      const { x, y, size, middle, limit } = frame;
      const now = `${x} ${y} ${size} ${limit} ${ticksUp}`;
      if (now === drawn) return;
      drawn = now;
      patch(inside, { x, y, width: size, height: size });
      const ends = [-limit, 0, limit];
      repeat(lines, 6, (k) => svg("line", { "stroke-dasharray": k % 3 === 1 ? null : "2 4" })).forEach((line, k) => {
        const [px, py] = frame.at([ends[k % 3], ends[k % 3]]).map(round);
        patch(line, k < 3 ? { x1: px, x2: px, y1: 0, y2: size } : { x1: 0, x2: size, y1: py, y2: py });
      });
      repeat(labels, ticksUp ? 8 : 5, () => svg("text", {})).forEach((text, n) => {
        const k = n - 2;
        if (k === -2) return patch(text, { x: x + size - 2, y: y + middle + 17, "text-anchor": "end", text: names[0] });
        if (k === -1) return patch(text, { x: x + middle + 6, y: y + 12, text: names[1] });
        const [px, py] = frame.at([ends[k % 3], ends[k % 3]]).map(round);
        return patch(text, {
          text: short(ends[k % 3]).replace(/\.0+$/, ""),
          ...(k < 3 ? { x: x + px, y: y + size + 13, "text-anchor": "middle" } : { x: x - 7, y: y + py + 4, "text-anchor": "end" }),
        });
      });
    },
  };
}

const known = (point) => !point.some(Number.isNaN);

/** A polyline through points; it is broken where a number is missing. */
export function pathThrough(frame, points) {
  let pen = "M";
  return points.map((point) => {
    if (!known(point)) {
      pen = "M";
      return "";
    }
    const [px, py] = frame.at(point).map(round);
    const part = `${pen}${px} ${py}`;
    pen = "L";
    return part;
  }).join("");
}

/** Two short strokes where something has left the square at the pixel (px, py). */
export const cutMark = ([px, py]) => `M${round(px - 5)} ${round(py + 1)}l10 -4m0 5l-10 4`;

/**
 * A dot at every point; one that lies outside is a double stroke at the edge.
 * `style(k)` gives the dot's attributes, or null for no dot.
 */
export function dots() {
  const element = svg("g", { class: "u-dots" });
  return {
    element,
    update(frame, points, style) {
      repeat(element, points.length, () => svg("g", {}, svg("circle"), svg("path", { class: "u-beyond" })));
      partsOf(element).forEach((group, k) => {
        const [dot, beyond] = partsOf(group);
        const place = known(points[k]) ? frame.at(points[k]) : null;
        const inside = place && frame.holds(place);
        const look = inside ? style(k) : null;
        patch(dot, look ? { cx: round(place[0]), cy: round(place[1]), ...look } : { r: 0 });
        const middle = [frame.middle, frame.middle];
        patch(beyond, { d: place && !inside ? cutMark(frame.edge(middle, place)) : null });
      });
    },
  };
}

/**
 * An arrow as a path, in pixels. It starts and ends `gap` pixels short of its points, and
 * has a head where it is long enough; one that leaves the square ends at its edge, cut.
 */
export function arrow(frame, from, to, gap) {
  const leaves = !frame.holds(to) && frame.holds(from);
  const end = leaves ? frame.edge(from, to) : to;
  const [dx, dy] = [end[0] - from[0], end[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (!(length > 2 * gap + 1)) return null;
  const [ux, uy] = [dx / length, dy / length];
  const [ex, ey] = leaves ? end : [end[0] - gap * ux, end[1] - gap * uy];
  const shaft = `M${round(from[0] + gap * ux)} ${round(from[1] + gap * uy)}L${round(ex)} ${round(ey)}`;
  if (leaves) return shaft + cutMark([ex - 7 * ux, ey - 7 * uy]);
  if (length < 2 * gap + 5) return shaft;
  const wing = (side) => `${round(ex - 7 * ux - side * 3.6 * uy)} ${round(ey - 7 * uy + side * 3.6 * ux)}`;
  return `${shaft}M${wing(1)}L${round(ex)} ${round(ey)}L${wing(-1)}`;
}
