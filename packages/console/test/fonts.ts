import path from "node:path";

/**
 * Returns a fontconfig file with only the package's fonts and Debian's DejaVu, so that screenshots
 * are equal on all machines. DejaVu is included because the package has no monospaced font.
 *
 * @param chromium the folder with the unpacked package
 */
export function fontConfig(chromium: string): string {
  const alias = (family: string, prefer: string) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${prefer}</family></prefer></alias>`;
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${path.join(chromium, "fonts")}</dir><dir>/usr/share/fonts/truetype/dejavu</dir>
<cachedir>${path.join(chromium, "fontconfig/cache")}</cachedir>
${alias("system-ui", "Open Sans")}${alias("sans-serif", "Open Sans")}${alias("monospace", "DejaVu Sans Mono")}
</fontconfig>`;
}
