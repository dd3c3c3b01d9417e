import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  NoSuchResourceException,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";

import type { ClientConfig } from "./client-config";

/** Returns the account's quota, or else AWS's default; undefined where Service Quotas has none. */
export async function findQuota(
  config: ClientConfig,
  ServiceCode: string,
  QuotaCode: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const client = new ServiceQuotasClient(config);
  for (const Command of [GetServiceQuotaCommand, GetAWSDefaultServiceQuotaCommand]) {
    try {
      const { Quota } = await client.send(new Command({ ServiceCode, QuotaCode }), { abortSignal: signal });
      return Quota?.Value;
    } catch (error) {
      if (!(error instanceof NoSuchResourceException)) throw error;
    }
  }
  return undefined;
}
