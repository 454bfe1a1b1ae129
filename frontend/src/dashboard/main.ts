import { createApp } from 'vue'
import DashboardPage from './DashboardPage.vue'
import { i18n } from './i18n'
import './style.css'

createApp(DashboardPage).use(i18n).mount('#app')
