import type { Page } from "playwright-core";

import type { World } from "./world";

/** `ready` waits until the page is ready for the picture. */
export type Screenshot = [name: string, address: string, ready: (page: Page) => Promise<unknown>];

/** The screenshots of one noun. */
export interface NounScreenshots {
  pages: Screenshot[];
  /** Creates the data that they show. */
  prepare(world: World): Promise<void>;
}
