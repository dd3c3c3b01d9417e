import type { ResourcePolicy } from "@aws-sdk/client-cloudwatch-logs";

import type { Target } from "../target";
import type { ApiStages, Tagged, Throttle } from "./api-stages";
import { clientConfig } from "./client-config";
import type { Subscription } from "./subscriptions";

/** Calls to an AWS account for `doctor` and `clean`, without rules. */
export interface Account {
  /** What the SDK found, however it did. */
  region(): Promise<string>;
  identity(): Promise<{ account: string; arn: string }>;
  /** Of the credentials that the SDK found; undefined for a key that has none. */
  sessionToken(): Promise<string | undefined>;
  apiThrottle(): Promise<Throttle>;
  apiStages(apiName: string): Promise<ApiStages[]>;
  /** HTTP APIs of this name, which is not unique. */
  apis(name: string): Promise<Tagged[]>;
  /** CloudFront distributions with this comment. */
  distributions(comment: string): Promise<Tagged[]>;
  /** Distributions of the account, of any app. */
  distributionCount(): Promise<number>;
  /** The account's own quota, or else AWS's default; undefined where Service Quotas has none. */
  quota(service: string, code: string): Promise<number | undefined>;
  tableNames(): Promise<string[]>;
  /** What `sst secret set` stored; undefined where SST has no state in this account and region. */
  secrets(app: string, stage: string): Promise<Record<string, string> | undefined>;
  /** Of an SNS topic; undefined where there is no such topic. */
  subscriptions(topicArn: string): Promise<Subscription[] | undefined>;
  lambdaConcurrency(): Promise<{ account?: number; unreserved?: number }>;
  functionNames(): Promise<string[]>;
  /** Invocations of a function that may run at once; undefined: no limit of its own. */
  reservedConcurrency(functionName: string): Promise<number | undefined>;
  /** `undefined` takes the limit away. */
  reserveConcurrency(functionName: string, limit: number | undefined): Promise<void>;
  logGroups(prefix: string): Promise<LogGroup[]>;
  logGroupTags(arn: string): Promise<Record<string, string>>;
  deleteLogGroup(name: string): Promise<void>;
  logPolicies(): Promise<{ name: string; document: string }[]>;
  /** Whether anything was logged since then, in epoch milliseconds. */
  hasLogEvents(logGroup: string, since: number): Promise<boolean>;
  /** Ids of the user pools of this name; a name is not unique. */
  userPools(name: string): Promise<string[]>;
  /** Undefined where nobody whom AWS tells of has it. */
  cognitoDomain(prefix: string): Promise<{ account?: string; userPoolId?: string } | undefined>;
  /** Resources of this app; AWS lists those that have, or once had, a tag. */
  taggedResources(tags: Record<string, string>): Promise<{ arn: string; tags: Record<string, string> }[]>;
}

export interface LogGroup {
  name: string;
  /** Without the `:*` at its end. */
  arn: string;
  storedBytes: number;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Returns the account of the target. Each service's SDK client is loaded on first use. */
export function accountOf(target: Target, signal: AbortSignal): Account {
  const config = clientConfig(target);
  const options = { abortSignal: signal };
  const logs = once(async () => {
    const sdk = await import("@aws-sdk/client-cloudwatch-logs");
    return { sdk, client: new sdk.CloudWatchLogsClient(config) };
  });
  const lambda = once(async () => {
    const sdk = await import("@aws-sdk/client-lambda");
    return { sdk, client: new sdk.LambdaClient(config) };
  });
  const cognito = once(async () => {
    const sdk = await import("@aws-sdk/client-cognito-identity-provider");
    return { sdk, client: new sdk.CognitoIdentityProviderClient(config) };
  });

  return {
    async region() {
      return (await logs()).client.config.region();
    },
    async identity() {
      const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
      const { Account: account = "", Arn: arn = "" } = await new STSClient(config).send(
        new GetCallerIdentityCommand({}),
        options,
      );
      return { account, arn };
    },
    async sessionToken() {
      return (await (await logs()).client.config.credentials()).sessionToken;
    },
    async apiThrottle() {
      const { APIGatewayClient, GetAccountCommand } = await import("@aws-sdk/client-api-gateway");
      const { throttleSettings } = await new APIGatewayClient(config).send(new GetAccountCommand({}), options);
      const { rateLimit, burstLimit } = throttleSettings ?? {};
      return { ...(rateLimit !== undefined && { rateLimit }), ...(burstLimit !== undefined && { burstLimit }) };
    },
    async apiStages(apiName) {
      const [{ ApiGatewayV2Client }, { apiStages }] = await Promise.all([
        import("@aws-sdk/client-apigatewayv2"),
        import("./api-stages"),
      ]);
      return apiStages(new ApiGatewayV2Client(config), apiName, signal);
    },
    async apis(name) {
      const [{ ApiGatewayV2Client }, { apisNamed }] = await Promise.all([
        import("@aws-sdk/client-apigatewayv2"),
        import("./api-stages"),
      ]);
      return apisNamed(new ApiGatewayV2Client(config), name, signal);
    },
    async distributions(comment) {
      const { distributionsOf } = await import("./distributions");
      return distributionsOf(config, comment, signal);
    },
    async distributionCount() {
      const { countDistributions } = await import("./distributions");
      return countDistributions(config, signal);
    },
    async quota(service, code) {
      const { findQuota } = await import("./quota");
      return findQuota(config, service, code, signal);
    },
    async tableNames() {
      const { DynamoDBClient, paginateListTables } = await import("@aws-sdk/client-dynamodb");
      const names: string[] = [];
      for await (const page of paginateListTables({ client: new DynamoDBClient(config) }, {}, options))
        names.push(...(page.TableNames ?? []));
      return names;
    },
    async secrets(app, stage) {
      const { readSecrets } = await import("./sst-secrets");
      return readSecrets(config, app, stage, signal);
    },
    async subscriptions(topicArn) {
      const { subscriptionsTo } = await import("./subscriptions");
      return subscriptionsTo(config, topicArn, signal);
    },
    async lambdaConcurrency() {
      const { sdk, client } = await lambda();
      const { AccountLimit } = await client.send(new sdk.GetAccountSettingsCommand({}), options);
      const { ConcurrentExecutions: account, UnreservedConcurrentExecutions: unreserved } = AccountLimit ?? {};
      return { ...(account !== undefined && { account }), ...(unreserved !== undefined && { unreserved }) };
    },
    async functionNames() {
      const { sdk, client } = await lambda();
      const names: string[] = [];
      for await (const page of sdk.paginateListFunctions({ client }, {}, options)) {
        names.push(...(page.Functions ?? []).map(({ FunctionName = "" }) => FunctionName));
      }
      return names;
    },
    async reservedConcurrency(FunctionName) {
      const { sdk, client } = await lambda();
      const command = new sdk.GetFunctionConcurrencyCommand({ FunctionName });
      return (await client.send(command, options)).ReservedConcurrentExecutions;
    },
    async reserveConcurrency(FunctionName, limit) {
      const { sdk, client } = await lambda();
      if (limit === undefined) await client.send(new sdk.DeleteFunctionConcurrencyCommand({ FunctionName }), options);
      else {
        const input = { FunctionName, ReservedConcurrentExecutions: limit };
        await client.send(new sdk.PutFunctionConcurrencyCommand(input), options);
      }
    },
    async logGroups(prefix) {
      const { sdk, client } = await logs();
      const groups: LogGroup[] = [];
      for await (const page of sdk.paginateDescribeLogGroups({ client }, { logGroupNamePrefix: prefix }, options)) {
        for (const {
          logGroupName: name = "",
          arn = "",
          storedBytes = 0,
          creationTime: createdAt = 0,
        } of page.logGroups ?? []) {
          groups.push({ name, arn: arn.replace(/:\*$/, ""), storedBytes, createdAt });
        }
      }
      return groups;
    },
    async logGroupTags(arn) {
      const { sdk, client } = await logs();
      return (await client.send(new sdk.ListTagsForResourceCommand({ resourceArn: arn }), options)).tags ?? {};
    },
    async deleteLogGroup(name) {
      const { sdk, client } = await logs();
      await client.send(new sdk.DeleteLogGroupCommand({ logGroupName: name }), options);
    },
    async logPolicies() {
      const { sdk, client } = await logs();
      const policies: ResourcePolicy[] = [];
      let nextToken: string | undefined;
      do {
        const command = new sdk.DescribeResourcePoliciesCommand({ ...(nextToken !== undefined && { nextToken }) });
        const page = await client.send(command, options);
        policies.push(...(page.resourcePolicies ?? []));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return policies.map(({ policyName: name = "", policyDocument: document = "" }) => ({ name, document }));
    },
    async hasLogEvents(logGroup, since) {
      const { pagesOf } = await import("./log-events");
      for await (const page of pagesOf((await logs()).client, { logGroup, from: since }, signal)) {
        if (page.length > 0) return true;
      }
      return false;
    },
    async userPools(name) {
      const { sdk, client } = await cognito();
      const ids: string[] = [];
      for await (const page of sdk.paginateListUserPools({ client }, { MaxResults: 60 }, options)) {
        for (const { Name, Id = "" } of page.UserPools ?? []) if (Name === name) ids.push(Id);
      }
      return ids;
    },
    async cognitoDomain(prefix) {
      const { sdk, client } = await cognito();
      const { DomainDescription } = await client.send(
        new sdk.DescribeUserPoolDomainCommand({ Domain: prefix }),
        options,
      );
      if (DomainDescription?.Domain === undefined) return undefined; // AWS answers 200 with an empty description
      const { AWSAccountId: account, UserPoolId: userPoolId } = DomainDescription;
      return { ...(account !== undefined && { account }), ...(userPoolId !== undefined && { userPoolId }) };
    },
    async taggedResources(tags) {
      const sdk = await import("@aws-sdk/client-resource-groups-tagging-api");
      const client = new sdk.ResourceGroupsTaggingAPIClient(config);
      const TagFilters = Object.entries(tags).map(([Key, value]) => ({ Key, Values: [value] }));
      const resources = [];
      for await (const page of sdk.paginateGetResources({ client }, { TagFilters }, options)) {
        resources.push(...(page.ResourceTagMappingList ?? []));
      }
      return resources.map(({ ResourceARN: arn = "", Tags = [] }) => ({
        arn,
        tags: Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value])),
      }));
    },
  };
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
