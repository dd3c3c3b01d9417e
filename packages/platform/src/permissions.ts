import { contract, type Permissions } from "./api/contract";

/** Permissions of the platform's own operations. The app's permissions include them. */
export const PLATFORM_PERMISSIONS = {
  "traffic/read": { description: "Read the traffic and the logs", group: "operators" },
} as const satisfies Permissions;

/** Defines one of the platform's own operations. */
export const operation = contract(PLATFORM_PERMISSIONS);
