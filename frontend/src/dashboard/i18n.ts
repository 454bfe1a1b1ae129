import { createI18n } from 'vue-i18n'
import { en, type Messages } from './messages/en'
import { zh } from './messages/zh'

export const i18n = createI18n<[Messages], 'en' | 'zh', false>({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, zh },
})
