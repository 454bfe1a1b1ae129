import { createPinia } from 'pinia'
import { createApp } from 'vue'
import PhonePage from './PhonePage.vue'
import { i18n } from './i18n'
import './style.css'

createApp(PhonePage).use(createPinia()).use(i18n).mount('#app')
