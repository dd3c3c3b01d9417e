/** As long as a real secret: a project may refuse a short one. */
const PREFIX = "synth-secret-in-place-of-the-value:";
const PATTERN = new RegExp(`${PREFIX}([A-Za-z0-9_-]+);`, "g");

/** What stands for the value of a secret while a project is evaluated; it is found again wherever it was used. */
export function secretPlaceholder(name: string): string {
  return `${PREFIX}${name};`;
}

/** The names of the secrets in a text, with where each placeholder stands. */
export function placeholdersIn(text: string): { name: string; start: number; end: number }[] {
  return [...text.matchAll(PATTERN)].map((match) => ({
    name: match[1] ?? "",
    start: match.index,
    end: match.index + match[0].length,
  }));
}
