/* A host of anywidget front ends that gives the least: shows one, and tells what became of it. */
async ({ esm, css, traits, has }) => {
  document.body.className = "vscode-dark";
  const sheet = document.createElement("style");
  sheet.textContent = css;
  const el = document.createElement("div");
  document.body.replaceChildren(sheet, el);
  const frozen = (value) => {
    if (value && typeof value === "object") Object.values(value).forEach(frozen);
    return Object.freeze(value);
  };
  const state = frozen(traits);
  const said = new Set();
  const model = { get: (name) => state[name], set: (name) => said.add(name) };
  const fail = () => { throw new Error("this host has none"); };
  if (has === "throws") Object.assign(model, { on: fail, off: fail, save_changes: fail, send: fail });
  const address = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const { default: front, ...others } = await import(address);
  const clean = await front.render({ model, el, experimental: { invoke: fail } });
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
  await drawn();
  const before = el.innerHTML;
  const dark = getComputedStyle(el).getPropertyValue("--unrolled-scheme");
  const controls = ["input[type=range]", "input[type=radio]", "button"].flatMap((kind) => [...el.querySelectorAll(kind)]);
  for (const control of controls) {
    if (said.size) break;
    if (control.type !== "range") control.click();
    else control.value = control.value === control.max ? control.min : control.max;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    await drawn();
  }
  const moved = el.innerHTML !== before;
  clean();
  return { kind: typeof front, others: Object.keys(others), dark, heard: said.size > 0, moved };
}
