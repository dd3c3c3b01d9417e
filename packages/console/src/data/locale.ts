/** Used if `Intl` supports none of the browser's languages. */
const FALLBACK = "en-US";

/**
 * Returns the first of the browser's languages that `Intl` supports. With `LANG=C`, Chromium
 * reports the POSIX locale `en-US@posix`, for which all constructors of `Intl` throw a RangeError.
 *
 * @param languages values of `navigator.language` and `navigator.languages`
 */
export function supportedLocale(languages: readonly (string | undefined)[]): string {
  for (const language of languages) {
    const tag = language?.split(/[.@]/, 1)[0]?.replaceAll("_", "-");
    if (tag && isSupported(tag)) return tag;
  }
  return FALLBACK;
}

/** Returns the locale for everything that the console formats. */
export function browserLocale(): string {
  if (typeof navigator === "undefined") return FALLBACK; // Node.js 20
  return supportedLocale([navigator.language, ...(navigator.languages ?? [])]);
}

/** Replaces an unsupported `navigator.language`, which uPlot reads while it loads. */
export function repairNavigatorLanguage(): void {
  if (isSupported(navigator.language)) return;
  const language = browserLocale();
  Object.defineProperty(navigator, "language", { configurable: true, get: () => language });
}

function isSupported(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false; // RangeError: not a language tag
  }
}
