/** An explorer that shows what a study has found: its room's `results` come beside the state. */

import { explorer } from "./explorer.js";

/**
 * @param {object} given what `explorer` takes; its `compute` is given the results as well, its `stage`
 *   and `controls` find them among the tools, and `parameters` makes of the settings what the face
 *   cannot say
 */
export const ofStudy = ({ compute, stage, controls, parameters, ...given }) => ({
  render({ model, el }) {
    const { results, settings } = model.get("_room");
    return explorer({
      ...given,
      ...(parameters && { parameters: parameters(settings) }),
      compute: (state) => compute(state, results),
      stage: (tools) => stage({ ...tools, results }),
      controls: (tools) => controls({ ...tools, results }),
    }).render({ model, el });
  },
});
