import {
  type ApiGatewayV2Client,
  GetApisCommand,
  GetStagesCommand,
  type RouteSettings,
} from "@aws-sdk/client-apigatewayv2";

/** Something of AWS with an address, and whose it is. */
export interface Tagged {
  id: string;
  address: string;
  tags: Record<string, string>;
}

export interface ApiStages {
  apiId: string;
  stages: ApiStage[];
}

interface ApiStage {
  name: string;
  /** Route key, or `default`, to its limits. */
  throttles: Record<string, Throttle>;
}

export interface Throttle {
  /** Requests a second. */
  rateLimit?: number;
  burstLimit?: number;
}

/** The HTTP APIs of this name. */
export async function apisNamed(client: ApiGatewayV2Client, name: string, signal: AbortSignal): Promise<Tagged[]> {
  const apis = await pages((NextToken) => client.send(new GetApisCommand({ ...NextToken }), { abortSignal: signal }));
  return apis
    .filter(({ Name }) => Name === name)
    .map(({ ApiId: id = "", ApiEndpoint: address = "", Tags: tags = {} }) => ({ id, address, tags }));
}

/** The HTTP APIs of this name, with their stages. */
export async function apiStages(
  client: ApiGatewayV2Client,
  apiName: string,
  signal: AbortSignal,
): Promise<ApiStages[]> {
  const options = { abortSignal: signal };
  const found: ApiStages[] = [];
  for (const { id: ApiId } of await apisNamed(client, apiName, signal)) {
    const stages = await pages((NextToken) => client.send(new GetStagesCommand({ ApiId, ...NextToken }), options));
    found.push({
      apiId: ApiId,
      stages: stages.map(({ StageName = "", DefaultRouteSettings, RouteSettings = {} }) => ({
        name: StageName,
        throttles: Object.fromEntries(
          Object.entries({ default: DefaultRouteSettings, ...RouteSettings }).map(([route, settings]) => [
            route,
            throttleOf(settings),
          ]),
        ),
      })),
    });
  }
  return found;
}

function throttleOf(settings: RouteSettings | undefined): Throttle {
  const { ThrottlingRateLimit: rateLimit, ThrottlingBurstLimit: burstLimit } = settings ?? {};
  return { ...(rateLimit !== undefined && { rateLimit }), ...(burstLimit !== undefined && { burstLimit }) };
}

interface Page<T> {
  Items?: T[] | undefined;
  NextToken?: string | undefined;
}

/** Everything of an operation, of which the SDK has no paginator. */
async function pages<T>(page: (at: { NextToken?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let at: { NextToken?: string } = {};
  while (true) {
    const { Items = [], NextToken } = await page(at);
    items.push(...Items);
    if (NextToken === undefined) return items;
    at = { NextToken };
  }
}
