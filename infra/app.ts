/** The names of this app, its region and its owner. `pnpm adopt` changes them. */
export const APP = {
  /**
   * SST's name of the app, and the tag `app`. Changing it later makes a new app, beside the old
   * one.
   */
  name: "secure-backend",
  /**
   * Starts every resource name, so that two apps can share an account: `AcmeTraffic-dev`. No other
   * app's prefix may start with this one: the deploy role matches names by prefix.
   */
  prefix: "SecureBackend",
  /** Where stages are deployed, unless their row in infra/stage.ts says otherwise. */
  region: "eu-west-1",
  /** Tag `owner`: whom to ask. */
  owner: "backend-team",
  /** Tag `cost-center`. */
  costCenter: "secure-backend",
  /** Tag `repository`. */
  repository: "secure-backend",
} as const;
