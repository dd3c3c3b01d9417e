import type { RuntimeGroups } from "./cognito/pool";
import type { Deployment } from "./deployment/deployment";

/** What an app hands to offline beside its deployment graph. Without it, offline serves what the graph declares. */
export interface OfflineApp {
  /** The app's web site, served on this machine next to the API. */
  site?: Site;
  /** Groups of people that the graph does not declare, because they are made without a deployment. */
  runtimeGroups?: RuntimeGroups;
}

export interface Site {
  /** What the terminal calls it. */
  label: string;
  /** Name of the output with the site's address on AWS. It has the address on this machine here. */
  output: string;
  /** Its usual port on localhost. */
  port: number;
  /** Starts to serve the site. Throws a UsageError for a port that is taken. */
  start(context: SiteContext): Promise<RunningSite>;
}

export interface SiteContext {
  /** Folder of the sst.config.ts. */
  project: string;
  /** Of the stage: `.offline/<stage>`. */
  folder: string;
  /** What is served now: another one after a reload. */
  deployment(): Deployment;
  /** Address of the API with its stage, such as `http://127.0.0.1:3000/dev`. */
  url(): string;
  /** Of AWS's services and the user pools, such as `http://127.0.0.1:3001`. */
  endpointUrl: string;
  /** 0: a free one. `undefined`: the site's own choice, such as `usualPort`. */
  port: number | undefined;
  usualPort: number;
  notice(text: string): void;
}

export interface RunningSite {
  /** Such as `http://localhost:5173`. */
  url: string;
  /** Ends connections and resolves when the port is free. Called again, it waits for the same end. */
  close(): Promise<void>;
}
