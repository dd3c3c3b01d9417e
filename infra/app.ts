/** Names this app, and says where it runs and who owns it. A new owner edits this file and no other. */
export const APP = {
  /** SST's name of the app, and the tag `app`. Changing it later makes a new app, beside the old one. */
  name: "secure-backend",
  /** Begins the names of resources, so that two apps can share an account: `AcmeAudit-dev` with the prefix `Acme`. */
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
