// Whatever moves a terminal's cursor, hides or reorders text, except line breaks and tabs.
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text for the terminal: control characters, as an argument may hold them, are shown as `\u001b`.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}
