import { createDecipheriv } from "node:crypto";
import { GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";

import type { ClientConfig } from "./client-config";

/**
 * Reads what `sst secret set` stored: an object in SST's state bucket, encrypted with the stage's
 * passphrase. Undefined where SST has no state in this account and region. `sst secret list` would
 * make that state.
 * https://github.com/anomalyco/sst/blob/v4.17.0/pkg/project/provider/aws.go
 */
export async function readSecrets(
  config: ClientConfig,
  app: string,
  stage: string,
  signal: AbortSignal,
): Promise<Record<string, string> | undefined> {
  const options = { abortSignal: signal };
  const ssm = new SSMClient(config);
  const bootstrap = await parameter("/sst/bootstrap");
  if (bootstrap === undefined) return undefined;
  const { state: Bucket } = JSON.parse(bootstrap) as { state: string };
  const stored = await storedSecrets(Bucket);
  const passphrase = await parameter(`/sst/passphrase/${app}/${stage}`);
  if (stored === undefined || passphrase === undefined) return {};
  return JSON.parse(decrypt(stored, Buffer.from(passphrase, "base64"))) as Record<string, string>;

  async function parameter(Name: string): Promise<string | undefined> {
    try {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }), options);
      return Parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  async function storedSecrets(bucket: string): Promise<Uint8Array | undefined> {
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: `secret/${app}/${stage}.json` });
      return await (await new S3Client(config).send(command, options)).Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-GCM as Go's crypto/cipher seals it: nonce, ciphertext, tag. */
function decrypt(sealed: Uint8Array, key: Uint8Array): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, "utf8");
  return text + decipher.final("utf8");
}
