import { fileURLToPath } from "node:url";

/** The folder of this repository, without a trailing slash. */
export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[/\\]$/, "");
