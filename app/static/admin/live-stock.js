// What a list shows as available follows the stream of the user's own store; without one it stays as it was loaded.
"use strict";

const liveCells = new Map();
const liveLanguage = document.documentElement.lang;
const liveFormats = {
  kg: new Intl.NumberFormat(liveLanguage, { minimumFractionDigits: 3, maximumFractionDigits: 3 }),
  piece: new Intl.NumberFormat(liveLanguage, { maximumFractionDigits: 3 }),
};
let lastLiveEvent = "";

function showLive(productId, available) {
  const cell = liveCells.get(productId);
  if (cell && available !== null) cell.textContent = liveFormats[cell.dataset.unit].format(available / 1000);
}

async function answerOf(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response) return { again: true };
  return response.ok ? { body: await response.json() } : { again: response.status >= 500 };
}

async function askForAll() {
  const { body } = await answerOf(`/api/products/availability?ids=${[...liveCells.keys()].join(",")}`);
  for (const item of body?.items ?? []) showLive(item.product_id, item.available);
}

async function followStock() {
  const { body, again } = await answerOf("/api/live");
  if (again) setTimeout(followStock, 10000 + Math.random() * 10000);
  if (!body) return;
  liveCells.clear();
  for (const cell of document.querySelectorAll(`[data-live-store="${body.store_id}"]`)) {
    liveCells.set(Number(cell.dataset.product), cell);
  }
  if (liveCells.size === 0) return;
  const stream = new EventSource(`${body.url}?${new URLSearchParams({ token: body.token, last: lastLiveEvent })}`);
  stream.addEventListener("resync", (event) => { lastLiveEvent = event.lastEventId; askForAll(); });
  stream.addEventListener("stock", (event) => {
    lastLiveEvent = event.lastEventId;
    for (const [productId, available] of JSON.parse(event.data)) showLive(productId, available);
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(followStock, 10000 + Math.random() * 10000);
  });
}

if (document.querySelector("[data-live-store]")) followStock();
