/** Pages of the back office where the rows behind a figure are listed; as the server wrote them into the page. */
type Name = 'sales' | 'low' | 'exceptions' | 'orders' | 'drafts' | 'movements' | 'level' | 'audit' | 'stocktakes' | 'refunds' | 'shelves'

const known = JSON.parse(document.getElementById('app')?.dataset['links'] ?? '{}') as Partial<Record<Name, string>>

/** The address, its places in braces filled in; undefined when there is no such page for this user. */
export function officePage(name: Name, values: Record<string, string | number> = {}): string | undefined {
  return known[name]?.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(values[key] ?? '')))
}
