import { createHash, createHmac } from "node:crypto";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

export interface UnsignedPost {
  host: string;
  /** By lower-case name, without `host`. */
  headers: Record<string, string>;
  body: string;
  region: string;
  service: string;
}

/**
 * Returns the headers of a POST to the path `/` with AWS's Signature Version 4:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @param now epoch milliseconds
 */
export function signPost(
  { host, headers, body, region, service }: UnsignedPost,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  now: number,
): Record<string, string> {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const signed: Record<string, string> = {
    ...headers,
    "x-amz-date": time,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const lines = Object.entries({ ...signed, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = lines.map(([name]) => name).join(";");
  const canonical = ["POST", "/", "", ...lines.map(([name, value]) => `${name}:${value}`), "", names, hash(body)];
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash(canonical.join("\n"))].join("\n"));
  const credential = `Credential=${accessKeyId}/${scope}, SignedHeaders=${names}`;
  return { ...signed, authorization: `AWS4-HMAC-SHA256 ${credential}, Signature=${signature.toString("hex")}` };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
