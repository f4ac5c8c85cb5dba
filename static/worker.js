// The report's page opens without a network: it and what it looks like are kept on the phone, nothing else.
"use strict";

const KEPT = "wufang-report-2";
const PAGE = "/m/report";
const PLACES = "/public/places"; // what the map is drawn from, in the words of the page that was kept
const ASSETS = [/* ASSETS */];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(KEPT).then((kept) => kept.addAll([...ASSETS, PAGE, PLACES])).then(() => self.skipWaiting()),
  );
});
self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

const newest = async (request, address) => {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(5000) });
    if (answer.ok) await kept.put(address, answer.clone());
    return answer;
  } catch (error) {
    return (await kept.match(address, { ignoreVary: true })) ?? Promise.reject(error);
  }
};

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (event.request.mode === "navigate" && address.pathname === PAGE) event.respondWith(newest(event.request, PAGE));
  else if (address.pathname === PLACES) event.respondWith(newest(event.request, PLACES));
  else if (address.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
  }
});
