import type { Graph } from "@backend/sst-graph/graph";
import { ACCOUNT_ID } from "@backend/sst-graph/names";
import type { ResolvedGraph } from "@backend/sst-graph/resolve";

import { type AppUsers, type UserPool, userPoolsOf } from "../cognito/pool";
import { type TableDeclaration, tablesOf } from "../dynamodb/table";
import { type Edge, readEdge } from "../edge/edge";
import { type HttpApi, readApi } from "../gateway/api";
import { type FunctionDeclaration, readFunctions } from "../lambda/declaration";
import { type DeclaredGroup, declaredGroupsOf } from "../logs/api";
import { type Subscription, subscriptionsOf } from "../logs/subscriptions";
import { type Schedule, schedulesOf } from "../schedule/schedules";
import { type Queue, queuesOf } from "../sqs/queues";
import { type LocalAddresses, localise } from "./addresses";

/** The declarations of a graph that offline serves. */
export interface Deployment {
  readonly app: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  /** The graph as committed, with AWS's addresses. */
  readonly declared: Graph;
  /** The graph with this machine's addresses. */
  readonly graph: ResolvedGraph;
  readonly api: HttpApi;
  readonly edge: Edge | undefined;
  readonly functions: FunctionDeclaration[];
  /** Tables by name. */
  readonly tables: ReadonlyMap<string, TableDeclaration>;
  /** Queues by URL. */
  readonly queues: ReadonlyMap<string, Queue>;
  readonly logGroups: DeclaredGroup[];
  readonly subscriptions: Subscription[];
  readonly schedules: Schedule[];
  readonly userPools: UserPool[];
}

/**
 * Reads the declarations of a graph. Starts nothing.
 *
 * @throws Error that names the declaration that cannot be served, and the reason
 */
export function readDeployment(declared: Graph, addresses: LocalAddresses, users?: AppUsers): Deployment {
  const { resolved: graph, distribution } = localise(declared, addresses);
  const edge = distribution && readEdge(graph, distribution);
  const functions = readFunctions(graph);
  const arns = functions.map(({ config }) => config.arn);
  const api = readApi(graph, edge);
  const lost = api.routes.find(({ functionArn }) => !arns.includes(functionArn));
  if (lost !== undefined) {
    const { routeKey, functionArn } = lost;
    throw new Error(`route "${routeKey}" invokes ${functionArn}, which is not a function of this project`);
  }
  return {
    app: graph.app,
    stage: graph.stage,
    region: graph.region,
    accountId: ACCOUNT_ID,
    declared,
    graph,
    api,
    edge,
    functions,
    tables: tablesOf(graph),
    queues: queuesOf(graph),
    logGroups: declaredGroupsOf(graph),
    subscriptions: subscriptionsOf(graph, ACCOUNT_ID),
    schedules: schedulesOf(graph),
    userPools: userPoolsOf(graph, users),
  };
}
