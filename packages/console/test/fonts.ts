import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Fonts of the package and of this machine, where there are any: letters of one width are not in the package. */
export function fontConfig(cache: string): string {
  const folder = path.join(cache, "fontconfig");
  mkdirSync(folder, { recursive: true });
  const alias = (family: string, prefer: string) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${prefer}</family></prefer></alias>`;
  writeFileSync(
    path.join(folder, "fonts.conf"),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${path.join(cache, "fonts")}</dir><dir>/usr/share/fonts</dir><cachedir>${path.join(folder, "cache")}</cachedir>
${alias("system-ui", "Open Sans")}${alias("sans-serif", "Open Sans")}${alias("monospace", "DejaVu Sans Mono")}
</fontconfig>`,
  );
  return folder;
}
