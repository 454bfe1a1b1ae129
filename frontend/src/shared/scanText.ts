/** More than any product code has; the server refuses the rest by name. */
export const LONGEST_CODE = 120

/**
 * Whether a text typed at scanner speed is a code. Words without a digit are not, and where somebody signs in
 * only long numbers are: a password manager types as fast as a scanner.
 */
export function isScan(text: string, isSigningIn: boolean): boolean {
  if (isSigningIn) return /^\d{8,}$/.test(text)
  return /[\d:/]/.test(text) || text.length > 20
}
