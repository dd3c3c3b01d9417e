import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Fonts of the package and, for letters of one width, which are not in it, Debian's DejaVu: with every font of the machine, bold letters
 * come from whatever family is found first, and pictures differ from one machine to the next.
 */
export function fontConfig(cache: string): string {
  const folder = path.join(cache, "fontconfig");
  mkdirSync(folder, { recursive: true });
  const alias = (family: string, prefer: string) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${prefer}</family></prefer></alias>`;
  writeFileSync(
    path.join(folder, "fonts.conf"),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${path.join(cache, "fonts")}</dir><dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>${path.join(folder, "cache")}</cachedir>
${alias("system-ui", "Open Sans")}${alias("sans-serif", "Open Sans")}${alias("monospace", "DejaVu Sans Mono")}
</fontconfig>`,
  );
  return folder;
}
