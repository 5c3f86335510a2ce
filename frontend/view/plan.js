/**
 * Plans as data: what a room's plan.json says of its drawing and its formula. What it says under
 * conditions is there where they hold, as in its program.
 */

import { holds } from "./program.js";

/** The parts of a plan whose conditions hold of these values: `{"": always, "wide": ..., "!update_keeps": ...}`. */
export const planned = (parts, values) => Object.entries(parts).flatMap(([when, part]) => (holds(when, values) ? part : []));

/** A text whose names are of a step, "h_t", of the one before, "h_s", or of the next, "h_u": with the steps' numbers. */
export const atStep = (text, step) => text.replace(/_([stu])\b/g, (_, index) => `_${step - 1 + "stu".indexOf(index)}`);
