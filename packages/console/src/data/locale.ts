/** In place of a language that `Intl` does not take. */
const FALLBACK = "en-US";

/**
 * The first of a browser's languages that `Intl` takes. Chromium with `LANG=C` names `en-US@posix`, a POSIX locale,
 * for which every constructor of `Intl` throws a RangeError.
 *
 * @param languages as `navigator.languages` has them, or `navigator.language` alone
 */
export function supportedLocale(languages: readonly (string | undefined)[]): string {
  for (const language of languages) {
    const tag = language?.split(/[.@]/, 1)[0]?.replaceAll("_", "-");
    if (tag && isSupported(tag)) return tag;
  }
  return FALLBACK;
}

/** The locale for everything that the console formats. */
export function browserLocale(): string {
  if (typeof navigator === "undefined") return FALLBACK; // Node.js 20
  return supportedLocale([navigator.language, ...(navigator.languages ?? [])]);
}

/** Gives `navigator` a language that `Intl` takes, if it has none: uPlot reads it while it is loaded. */
export function repairNavigatorLanguage(): void {
  if (isSupported(navigator.language)) return;
  const language = browserLocale();
  Object.defineProperty(navigator, "language", { configurable: true, get: () => language });
}

function isSupported(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false; // a RangeError: not a language tag
  }
}
