import type { Plain } from "../graph";

/** What one evaluation of sst.config.ts registered, before references are found in it. */
export interface Recording {
  resources: RecordedResource[];
  builds: RecordedBuild[];
  outputs: Record<string, { value: Plain; dependencies: string[] }>;
  /** What each component declares for a pane of `sst dev` (its output `_dev`), by the component's name. */
  devCommands: Record<string, Plain>;
}

export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  parent: string;
  custom: boolean;
  /** As the deployment engine receives them, with its marks of secrets and assets. */
  inputs: Record<string, Plain>;
  /** URNs of the resources whose outputs went into each input. */
  propertyDependencies: Record<string, string[]>;
  dependencies: string[];
  region: string;
  provider: string;
  retainOnDelete: boolean;
  protect: boolean;
  ignoreChanges: string[];
}

/** Parameters of SST's request to build a function. */
export interface RecordedBuild {
  functionID: string;
  handler: string;
  runtime: string;
  properties: { architecture?: string; [option: string]: Plain | undefined };
  /** By name; their properties may be secret, and are not recorded. */
  links: string[];
  hasCopyFiles: boolean;
  hasBundle: boolean;
}

/** Everything that the evaluation of one stage needs; handed over as JSON. */
export interface Task {
  project: string;
  platform: string;
  /** Folder for what SST writes while it evaluates (zip files, build output). */
  work: string;
  /** A folder without files that stands in for every site's build output. */
  emptySite: string;
  region: string;
  /** True to evaluate as `sst dev` does, false as `sst deploy` does. */
  dev: boolean;
  app: { name: string; stage: string; removal: string; protect: boolean };
  recording: string;
}
