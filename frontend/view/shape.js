/** The shape of the room that a drawing has, by its width and the height that the frame gives. */

/** `value`, or the nearer end of a range. */
export const within = (value, [low, high]) => Math.max(low, Math.min(high, value));

/**
 * What a drawing can be laid out as: "wide"; "short", as wide and not half as high, on a phone held
 * sideways; or "narrow", on one held upright. No value of a setting changes it, nor the height.
 * @param {{width: number, room: number}} place in pixels
 */
export function shapeOf({ width, room }) {
  if (room < 380 && width >= 400) return "short";
  return width >= 560 ? "wide" : "narrow";
}
