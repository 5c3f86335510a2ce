/**
 * Plans as data: what a room's plan.json says of its drawing and its formula. What it says under
 * conditions is there where they hold, as in its program.
 *
 * @typedef {object} Formula of a cell, in parts by their conditions: the sums of its gates and states by name,
 *   "f_t × c_s + i_t × g_t", as `evaluate` reads them
 * @property {string} valve what the band is multiplied by
 * @property {string} back what the gradient gets beside what comes along the band: see `backLines`
 */

import { holds } from "./program.js";

/** The parts of a plan whose conditions hold of these values: `{"": always, "wide": ..., "!update_keeps": ...}`. */
export const planned = (parts, values) => Object.entries(parts).flatMap(([when, part]) => (holds(when, values) ? part : []));

/** A text whose names are of a step, "h_t", of the one before, "h_s", or of the next, "h_u": with the steps' numbers. */
export const atStep = (text, step) => text.replace(/_([stu])\b/g, (_, index) => `_${step - 1 + "stu".indexOf(index)}`);
