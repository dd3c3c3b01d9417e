/**
 * As long as a real secret and an https URL, because a project may reject anything else. No host
 * has a name in `.invalid`: https://www.rfc-editor.org/rfc/rfc2606#section-2
 */
const PREFIX = "https://synth-secret.invalid/in-place-of-the-value/";
const PATTERN = new RegExp(`${PREFIX}([A-Za-z0-9_-]+);`, "g");

/** Returns the placeholder for a secret's value during an evaluation. */
export function secretPlaceholder(name: string): string {
  return `${PREFIX}${name};`;
}

/** Returns the names of the secrets in a text, with the position of each placeholder. */
export function placeholdersIn(text: string): { name: string; start: number; end: number }[] {
  return [...text.matchAll(PATTERN)].map((match) => ({
    name: match[1] ?? "",
    start: match.index,
    end: match.index + match[0].length,
  }));
}
