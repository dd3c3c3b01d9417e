import type { AppUsers } from "./cognito/pool";
import type { Deployment } from "./deployment/deployment";

/** Parts of an app that offline serves in addition to the deployment graph. */
export interface OfflineApp extends AppUsers {
  /** The app's web site, served on this machine beside the API. */
  site?: Site;
}

export interface Site {
  /** Name shown in the terminal. */
  label: string;
  /** Output that has the site's URL. Offline replaces the URL on AWS by the local one. */
  output: string;
  /** Default port on localhost. */
  port: number;
  /**
   * Starts the site's server, before the deployment is read: CORS and the sign-in allow the origin
   * on which it listens. Throws a UsageError if the port is in use.
   */
  start(context: SiteContext): Promise<RunningSite>;
}

export interface SiteContext {
  /** Folder with the sst.config.ts. */
  project: string;
  /** Folder of the stage: `.offline/<stage>`. */
  folder: string;
  /**
   * Returns the current deployment, which a reload replaces. Throws an Error until offline is
   * ready.
   */
  deployment(): Deployment;
  /** URL of the API with its stage, such as `http://127.0.0.1:3000/dev`. */
  url(): string;
  /** URL of the AWS services and user pools, such as `http://127.0.0.1:3001`. */
  endpointUrl: string;
  /** 0: any free port. `undefined`: the site chooses, for example `usualPort`. */
  port: number | undefined;
  usualPort: number;
  notice(text: string): void;
}

export interface RunningSite {
  /** Such as `http://localhost:5173`. */
  url: string;
  /** Ends connections and resolves when the port is free. A second call waits for the first. */
  close(): Promise<void>;
}
