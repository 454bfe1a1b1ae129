import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const backEnd = process.env['AISLE_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/static/dist/',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    // The till needs the composition API alone; messages become syntax trees, never code, so the CSP needs no unsafe-eval.
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    outDir: '../app/static/dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // A data: font or image would need a wider CSP.
    assetsInlineLimit: 0,
    rolldownOptions: { input: { checkout: 'src/checkout/main.ts', phone: 'src/phone/main.ts', dashboard: 'src/dashboard/main.ts' } },
  },
  server: { host: '127.0.0.1', proxy: { '/api': backEnd } },
})
