import { createPinia } from 'pinia'
import { createApp } from 'vue'
import CheckoutPage from './CheckoutPage.vue'
import { i18n } from './i18n'
import './style.css'

createApp(CheckoutPage).use(createPinia()).use(i18n).mount('#app')
