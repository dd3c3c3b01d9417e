import { ADA, type World } from "../../world";

/** A sample audit event. */
export const PAID = {
  action: "invoice.paid",
  actor: { type: "user", id: "ada" },
  targets: [{ type: "invoice", id: "42" }],
  outcome: "success",
  occurredAt: "2026-11-23T09:30:00Z",
};

/** Records an audit event with ada's token. */
export async function record(
  { consoleUrl, apiUrl }: Pick<World, "consoleUrl" | "apiUrl">,
  event: object,
): Promise<void> {
  const json = { "content-type": "application/json" };
  const tokenResponse = await fetch(`${consoleUrl}/_offline/token`, {
    method: "POST",
    headers: { ...json, origin: consoleUrl },
    body: JSON.stringify(ADA),
  });
  const { accessToken } = (await tokenResponse.json()) as { accessToken: string };
  const headers = { ...json, authorization: `Bearer ${accessToken}` };
  const response = await fetch(`${apiUrl}/events`, { method: "POST", headers, body: JSON.stringify(event) });
  if (response.status !== 201) throw new Error(await response.text());
}
