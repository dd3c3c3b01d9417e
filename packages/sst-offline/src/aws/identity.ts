import { randomBytes, randomUUID } from "node:crypto";

/** The access key with which a function calls AWS. */
export interface Identity {
  accessKeyId: string;
  /** Environment variables with which an AWS SDK signs. */
  variables: Record<string, string>;
}

/**
 * Creates a key in the form of a temporary one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function newIdentity(): Identity {
  const accessKeyId = `ASIA${randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase()}`;
  return {
    accessKeyId,
    variables: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: randomBytes(30).toString("base64"),
      AWS_SESSION_TOKEN: randomBytes(48).toString("base64"),
    },
  };
}
