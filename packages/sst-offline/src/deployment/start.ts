import path from "node:path";

import { createAwsApi, type HandleAwsCall, type Principal } from "../aws/api";
import { newIdentity } from "../aws/identity";
import { createCognitoAdmin } from "../cognito/admin/api";
import { openUserPools, type UserPools } from "../cognito/service";
import { createDynamoDb } from "../dynamodb/service";
import type { TableStore } from "../dynamodb/store";
import { createGateway } from "../gateway/gateway";
import type { Outcome } from "../gateway/outcome";
import type { IncomingRequest } from "../kit/http-message";
import { type Scope, startInScope } from "../kit/scope";
import { createLambdaApi } from "../lambda/api";
import { type BuildNews, type ReservedConcurrency, startLambda } from "../lambda/service";
import { createLogsApi } from "../logs/api";
import type { LogGroups } from "../logs/groups";
import type { LogService, LogWriter } from "../logs/service";
import { createSqs } from "../sqs/service";
import { type Background, startBackground } from "./background";
import { createDeadLetters } from "./dead-letters";
import type { Deployment } from "./deployment";

/** The services that all deployments of a stage share: files, tables, and access keys. */
export interface Services {
  /** Folder with the sst.config.ts. Paths of handlers are relative to it. */
  project: string;
  /** Folder of the stage: `.offline/<stage>`. */
  folder: string;
  endpointUrl: string;
  logs: LogService;
  logGroups: LogGroups;
  tables: TableStore;
  /** Callers of AWS services, by access key id. */
  principals: Map<string, Principal>;
  /** Reserved concurrency that callers set since the start. */
  reservedConcurrency: ReservedConcurrency;
  /** Limits the execution environments of each function. */
  maxEnvironments?: number | undefined;
  news: BuildNews;
}

/** A deployment that is being served. */
export interface Running {
  readonly deployment: Deployment;
  readonly accessLog: LogWriter | undefined;
  readonly userPools: UserPools;
  /** Resolve when the functions without an earlier bundle have been built, or have failed. */
  readonly firstBuilds: readonly Promise<void>[];
  /** Handles a request to the API. Never rejects. */
  handle(request: IncomingRequest): Promise<Outcome>;
  /** Handles a call of an AWS service. */
  aws: HandleAwsCall;
  /** Returns the access key id with which a function calls AWS. */
  accessKeyOf(functionName: string): string;
  /** Starts log subscriptions and schedules. */
  startBackground(): Background;
  /**
   * Lets invocations finish, then removes the functions.
   *
   * @param graceMs time after which running invocations fail; default: each function's timeout
   */
  stop(graceMs?: number): Promise<void>;
}

/** Starts a deployment. If that fails, it stops everything that was started. */
export async function startDeployment(deployment: Deployment, services: Services): Promise<Running> {
  return await startInScope((scope) => start(deployment, services, scope));
}

function start(deployment: Deployment, services: Services, scope: Scope): Running {
  const { api, edge, region, accountId } = deployment;
  const { project, folder, endpointUrl, logs, logGroups, tables, principals, maxEnvironments, news } = services;
  const { reservedConcurrency } = services;
  const accessLog = api.accessLog && logs.openStream(api.accessLog.group, "access-log");
  const identities = new Map(deployment.functions.map(({ config: { name } }) => [name, newIdentity()]));
  const accessKeyOf = (functionName: string) => identities.get(functionName)?.accessKeyId ?? "";
  for (const { config, roleName, policies } of deployment.functions) {
    const accessKeyId = accessKeyOf(config.name);
    principals.set(accessKeyId, { functionName: config.name, roleName, policies });
    scope.defer(() => void principals.delete(accessKeyId));
  }
  const location = { region, accountId };
  const lambda = startLambda(deployment.functions, {
    project,
    folder: path.join(folder, "functions"),
    logs,
    awsVariablesOf: (name) => ({ AWS_ENDPOINT_URL: endpointUrl, ...identities.get(name)?.variables }),
    reservedConcurrency,
    maxEnvironments,
    news,
  });
  scope.defer(() => lambda.stop());
  const aws = createAwsApi(
    {
      "cognito-idp": createCognitoAdmin(deployment.userPools, { folder, location, notice: news.notice }),
      dynamodb: createDynamoDb(deployment.tables, tables),
      logs: createLogsApi(deployment.logGroups, logGroups, logs, location),
      sqs: createSqs(deployment.queues, path.join(folder, "sqs")),
      lambda: createLambdaApi(lambda.functions, reservedConcurrency),
    },
    (accessKeyId) => principals.get(accessKeyId),
    location,
  );
  const gateway = createGateway({
    api,
    edge,
    functionOf: (arn) => lambda.functions.get(arn),
    accessLog,
    notice: news.notice,
  });
  const sendDeadLetter = createDeadLetters({ deployment, aws, accessKeyOf, notice: news.notice });
  return {
    deployment,
    accessLog,
    userPools: openUserPools(deployment.userPools, folder, endpointUrl),
    firstBuilds: lambda.firstBuilds,
    handle: gateway.handle,
    aws,
    accessKeyOf,
    startBackground: () =>
      startBackground(deployment, {
        functions: lambda.functions,
        logGroups,
        folder,
        sendDeadLetter,
        notice: news.notice,
      }),
    async stop(graceMs) {
      try {
        await lambda.stop(graceMs);
      } finally {
        await scope.close();
      }
    },
  };
}
