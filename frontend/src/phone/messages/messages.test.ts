import { expect, test } from 'vitest'
import { en } from './en'
import { zh } from './zh'

type Texts = { [key: string]: string | Texts }
const flat = (texts: Texts, prefix = ''): [string, string][] =>
  Object.entries(texts).flatMap(([key, text]): [string, string][] => (typeof text === 'string' ? [[prefix + key, text]] : flat(text, `${prefix}${key}.`)))
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

test('both languages say the same things about the same figures', () => {
  const chinese = new Map(flat(zh))

  const wrong = flat(en).filter(([key, text]) => placeholders(text).join() !== placeholders(chinese.get(key) ?? '').join())

  expect(wrong).toEqual([])
})
