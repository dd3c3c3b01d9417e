/** The names of this app, its region and its owner. `pnpm adopt` changes them. */
export const APP = {
  /** SST's name of the app, and the tag `app`. Changing it later makes a new app, beside the old one. */
  name: "secure-backend",
  /**
   * Begins the names of resources, so that two apps can share an account: `AcmeTraffic-dev`. The
   * prefix of another app must not begin with this one: the deploy role goes by it.
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
