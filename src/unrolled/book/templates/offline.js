/**
 * Keeps the whole site on a reader's device after the first visit, for when it is offline.
 * book/offline.py writes this worker beside the site's root, with what VERSION and FILES are.
 *
 * A page comes from the network as long as there is one, so none is ever out of date; what is
 * kept is shown where there is none. Only a file whose address names its content (`?v=`) is
 * taken from what is kept at once. Each version of the site is kept whole, or not at all.
 */

const PLACE = `${registration.scope} `; // others of this host keep theirs
const NAME = PLACE + VERSION;
const named = (address) => address.includes("?v=");

async function keep() {
  const cache = await caches.open(NAME);
  const missing = [];
  for (const file of FILES) {
    const had = named(file) && (await caches.match(file));
    if (had) await cache.put(file, had);
    else missing.push(new Request(file, { cache: "no-cache" }));
  }
  await cache.addAll(missing);
  await skipWaiting();
}

async function forget() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PLACE) && name !== NAME);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** What is kept for an address: a question to the search page is asked there, on the page. */
async function kept({ url }) {
  const address = url.replace(/[?#].*/, named(url) ? "$&" : "").replace(/\/$/, "/index.html");
  return (await caches.open(NAME)).match(address);
}

async function answer(request) {
  const found = named(request.url) && (await kept(request));
  if (found) return found;
  try {
    return await fetch(request, { cache: "no-cache" }); // asks the host whether it is the newest
  } catch (error) {
    return (await kept(request)) ?? Promise.reject(error);
  }
}

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(forget()));
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(registration.scope)) event.respondWith(answer(event.request));
});
