/**
 * Control characters except line breaks and tabs, and characters that change the text direction.
 */
export const CONTROL = /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Escapes a text for a terminal, so that it cannot move the cursor or change colours. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, escapeCharacter);
}

/** Escapes like `printable`, and also escapes line breaks and tabs. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]/g, escapeCharacter);
}

export function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
