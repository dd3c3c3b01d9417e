import { afterEach, describe, expect, it, vi } from "vitest";

import { browserLocale, repairNavigatorLanguage, supportedLocale } from "./locale";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

// Language tags are those of BCP 47: https://www.rfc-editor.org/rfc/rfc5646
// Chromium reports `en-US@posix` for LANG=C.
describe("supportedLocale", () => {
  it.each<[(string | undefined)[], string]>([
    [["de-DE", "en"], "de-DE"],
    [["en-US@posix"], "en-US"],
    [["de_DE.UTF-8@euro"], "de-DE"],
    [["C", "fr"], "fr"],
    [["C.UTF-8"], "en-US"],
    [["POSIX"], "en-US"],
    [["", undefined], "en-US"],
    [["x", "1234567890", "nb-NO"], "nb-NO"],
    [[], "en-US"],
  ])("of %j is %s", (languages, locale) => {
    expect(supportedLocale(languages)).toBe(locale);
    expect(() => new Intl.DateTimeFormat(locale)).not.toThrow();
  });
});

describe("in a browser whose language is not a language tag", () => {
  const posix = { language: "en-US@posix", languages: ["en-US@posix"] };

  it("the console formats times", async () => {
    vi.stubGlobal("navigator", posix);
    const { timeOfDay, date, minuteOfDay, dayOfMonth } = await import("./format");
    const texts = [timeOfDay, date, minuteOfDay, dayOfMonth].map((format) => format(Date.UTC(2026, 10, 23, 12)));
    expect(texts.join()).not.toContain("—");
    expect(browserLocale()).toBe("en-US");
  });

  it("uPlot loads", async () => {
    const navigator = { ...posix };
    vi.stubGlobal("navigator", navigator);
    vi.stubGlobal("document", {});
    vi.stubGlobal("devicePixelRatio", 1);
    const target = new EventTarget();
    vi.stubGlobal("window", Object.assign(target, { matchMedia: () => new EventTarget() }));
    vi.stubGlobal("matchMedia", () => new EventTarget());
    repairNavigatorLanguage();
    expect(navigator.language).toBe("en-US");
    await expect(import("uplot")).resolves.toHaveProperty("default");
  });
});
