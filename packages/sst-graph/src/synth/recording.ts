import type { Plain } from "../graph";

/** The result of one evaluation of sst.config.ts, before references are found in it. */
export interface Recording {
  resources: RecordedResource[];
  builds: RecordedBuild[];
  outputs: Record<string, { value: Plain; dependencies: string[] }>;
  /** Commands for the panes of `sst dev` (the output `_dev` of a component), by component name. */
  devCommands: Record<string, Plain>;
}

export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  parent: string;
  custom: boolean;
  /** As the deployment engine receives them, with its markers of secrets and assets. */
  inputs: Record<string, Plain>;
  /** For each input, the URNs of the resources whose outputs it uses. */
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
  /** Names of links. Their properties may be secret and are not recorded. */
  links: string[];
  hasCopyFiles: boolean;
  hasBundle: boolean;
}

/** The input of the evaluation of one stage, passed as JSON. */
export interface Task {
  project: string;
  platform: string;
  /** Folder for what SST writes while it evaluates (zip files, build output). */
  work: string;
  /** An empty folder, used as the build output of every site. */
  emptySite: string;
  region: string;
  /** True to evaluate as `sst dev` does, false as `sst deploy` does. */
  dev: boolean;
  app: { name: string; stage: string; removal: string; protect: boolean };
  recording: string;
}
