import type { ComponentType } from "preact";

import type { AccessLogEntry } from "../data/api";
import type { IconName } from "../ui/icon";

export interface Page {
  path: string;
  title: string;
  icon: IconName;
  offlineOnly?: true;
  load(): Promise<{ default: ComponentType }>;
}

/** What the console shows of one noun. */
export interface Noun {
  pages: Page[];
  /** Part of an open request that reached a function, such as what the request recorded. */
  ofRequest?: {
    title: string;
    load(): Promise<{ default: ComponentType<AccessLogEntry> }>;
  };
}
