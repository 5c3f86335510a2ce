/** Where an explorer lives: what may fail there, and what is to be taken away at the end. */

/** What the action returns; undefined where the host lacks what it needs. */
export function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Listeners, and how to take them all away again. */
export function listeners() {
  const undo = [];
  return {
    listen(target, type, handler, options) {
      target.addEventListener(type, handler, options);
      undo.push(() => target.removeEventListener(type, handler, options));
    },
    hear(model, event, handler) {
      attempt(() => model.on(event, handler));
      undo.push(() => attempt(() => model.off(event, handler)));
    },
    stop: () => undo.forEach((action) => action()),
  };
}

/** Text to the clipboard; false where the browser does not allow it. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
