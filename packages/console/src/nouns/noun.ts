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

/** The parts of the console that belong to one noun. */
export interface Noun {
  pages: Page[];
  /** A section in the drawer of a request that reached a function. */
  requestSection?: {
    title: string;
    load(): Promise<{ default: ComponentType<AccessLogEntry> }>;
  };
}
