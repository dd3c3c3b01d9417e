import { stripVTControlCharacters } from "node:util";

// All controls but line breaks and tabs, and what changes the direction of text.
const CONTROL = /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** What a caller or a function says, so that it can neither move the cursor nor colour the screen. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(CONTROL, escaped);
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/[\n\t]/g, escaped);
}

/** JSON that a terminal can be trusted with: JSON itself leaves the controls above U+007E as they are. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(CONTROL, escaped);
}

/** @param width in characters; a cut text says so by three dots */
export function shortened(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
