import { unpack } from "./browser";

/** Unpacks Chromium before the workers start. Tests report why a browser does not start. */
export default async function setup(): Promise<void> {
  await unpack().catch(() => undefined);
}
