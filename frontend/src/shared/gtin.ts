/** Whether a text is an EAN-8, UPC-A, EAN-13 or GTIN-14 with the right check digit. */
export function isGtin(text: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return false
  const sum = [...text].reverse().reduce((all, digit, place) => all + Number(digit) * (place % 2 ? 3 : 1), 0)
  return sum % 10 === 0
}
