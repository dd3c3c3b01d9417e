import { CONTROL, escapeCharacter } from "@backend/sst-graph/printable";

/** Returns JSON that is safe on a terminal: control characters above U+007E are escaped too. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(CONTROL, escapeCharacter);
}

/** @param width characters; a cut text ends with three dots */
export function shortened(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text;
}
