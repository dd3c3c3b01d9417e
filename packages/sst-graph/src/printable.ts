/** All control characters but line breaks and tabs, and what changes the direction of text. */
export const CONTROL = /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Escapes a text for a terminal, so that it can neither move the cursor nor colour the screen. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, escapeCharacter);
}

/** Does what `printable` does, and escapes line breaks and tabs too. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]/g, escapeCharacter);
}

export function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
