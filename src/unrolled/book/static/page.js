// What every page does, with figures or without.

// On a phone the side bar lies over the page: once a section is chosen, it is in the way.
document.addEventListener("click", ({ target }) => {
  if (target.closest('dialog a[href^="#"]')) target.closest("dialog").close();
});

// Who comes again may be offline: the site is kept (book/offline.py), once this page's
// figures have come to life.
async function keep() {
  const root = document.documentElement.dataset.content_root;
  try {
    await navigator.serviceWorker.register(new URL(`${root}offline.js`, location));
  } catch {
    // without https, in a sandboxed frame, or where no data may be kept
  }
}
if (location.protocol.startsWith("http") && !navigator.connection?.saveData)
  addEventListener("load", () => setTimeout(keep, 3000));
