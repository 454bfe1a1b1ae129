/* Keeps the shell of the phone page so that it opens without a network. What the shop knows is never kept here:
   only the page and its built files are answered, everything else goes its way. */
const PREFIX = 'aisle-phone-'
const CACHE = PREFIX + {{ version | tojson }}
const PAGE = {{ page | tojson }}
const FILES = {{ files | tojson }}

async function keepShell() {
  const cache = await caches.open(CACHE)
  await cache.addAll([PAGE, ...FILES].map((path) => new Request(path, { cache: 'reload' })))
  await self.skipWaiting()
}

async function forgetOlderShells() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)))
  await self.clients.claim()
}

async function kept(path, request) {
  const cache = await caches.open(CACHE)
  return (await cache.match(path, { ignoreVary: true })) ?? fetch(request)
}

self.addEventListener('install', (event) => event.waitUntil(keepShell()))
self.addEventListener('activate', (event) => event.waitUntil(forgetOlderShells()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  const isPage = request.mode === 'navigate' && pathname === PAGE
  if (isPage || FILES.includes(pathname)) event.respondWith(kept(pathname, request))
})
