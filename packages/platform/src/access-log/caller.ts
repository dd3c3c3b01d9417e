import type { AccessLogEntry } from "./entry";

/** Who made a request, as far as the access log says. */
export interface LoggedCaller {
  kind: "user" | "client" | "address" | "unknown";
  /** Empty for `unknown`. */
  id: string;
}

/**
 * Names the caller of a request: the user, or else the client, or else the address.
 *
 * Cognito's token for a machine client has the client's id as `sub`, so that an entry whose `user` equals its `client`
 * is a client's: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
export function callerOf({
  user,
  client,
  sourceIp,
}: Pick<AccessLogEntry, "user" | "client" | "sourceIp">): LoggedCaller {
  if (user !== undefined && user !== client) return { kind: "user", id: user };
  if (client !== undefined) return { kind: "client", id: client };
  return sourceIp === undefined ? { kind: "unknown", id: "" } : { kind: "address", id: sourceIp };
}
