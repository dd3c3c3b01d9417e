import type { Page } from "playwright-core";

import type { World } from "./world";

/** `ready` waits until the page shows what the picture is about. */
export type Screenshot = [name: string, address: string, ready: (page: Page) => Promise<unknown>];

/** What a noun adds to the pictures. */
export interface NounScreenshots {
  pages: Screenshot[];
  /** Makes what they show. */
  prepare(world: World): Promise<void>;
}
