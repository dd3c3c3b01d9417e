/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app({ stage }) {
    const { stagePolicy, tagsOf } = await import("./infra/stage");
    const { region, removal, protect } = stagePolicy(stage);
    const name = "secure-backend";
    return {
      name,
      home: "aws",
      removal,
      protect,
      providers: { aws: { region, defaultTags: { tags: tagsOf(name, stage) } } },
    };
  },

  async run() {
    const { accessLogFormat } = await import("@secure-backend/core/access-log/format");
    const { auth } = await import("./infra/auth");
    const { consoleSite } = await import("./infra/console");
    const { frontOf } = await import("./infra/edge");
    const { secureFunction } = await import("./infra/function");
    const { functionLogsOf } = await import("./infra/function-log");
    const { saveQueries } = await import("./infra/insights");
    const { monitor } = await import("./infra/monitoring");
    const { routesOf, withScope } = await import("./infra/route");
    const { refuseSharedStage, stagePolicy } = await import("./infra/stage");
    const { auditIndexes, auditTable } = await import("./infra/storage");
    const { rollUpTraffic } = await import("./infra/traffic");
    const { withPage } = await import("./infra/with-page");
    const { stage } = $app;
    if ($dev) refuseSharedStage(stage);
    const { accessLogRetention, auditRetentionDays, corsOrigins, keepEvidence, throttle } = stagePolicy(stage);

    const front = frontOf(stage);
    const site = consoleSite();
    const { issuer, authUrl, userPoolId, audiences, clientIds } = auth(site?.origin);
    const audit = auditTable();
    const allowOrigins = withPage(corsOrigins, site?.origin);

    const api = new sst.aws.ApiGatewayV2("SecureBackendAPI", {
      accessLog: { retention: accessLogRetention },
      ...(front.domain !== undefined && { domain: front.domain }),
      cors: allowOrigins.length > 0 && {
        allowOrigins,
        allowMethods: ["GET", "HEAD", "POST"],
        allowHeaders: ["authorization", "content-type", "idempotency-key", "x-tenant"],
        exposeHeaders: ["apigw-requestid"],
        maxAge: "1 hour",
      },
      transform: {
        api: {
          name: `SecureBackendAPI-${stage}`,
          ...(front.domain !== undefined && { disableExecuteApiEndpoint: true }),
        },
        logGroup: (logGroup, options) => {
          logGroup.name = `/aws/apigateway/SecureBackendAPI/${stage}`;
          options.retainOnDelete = keepEvidence;
        },
        stage: (apiStage) => {
          apiStage.name = stage;
          apiStage.description = "Every request is logged, from the first deployment on";
          apiStage.accessLogSettings = $output(apiStage.accessLogSettings).apply((settings) => ({
            destinationArn: settings?.destinationArn ?? "",
            format: accessLogFormat,
          }));
          apiStage.defaultRouteSettings = {
            throttlingRateLimit: throttle.rateLimit,
            throttlingBurstLimit: throttle.burstLimit,
          };
        },
      },
    });

    const secureBackend = secureFunction("SecureBackendFunction", {
      handler: "packages/functions/src/greeting.handler",
      description: "Greets the caller, and says what the API can do",
      environment: { AUTH_URL: authUrl, BASE_PATH: front.basePath, ...front.environment },
    });

    const environment = {
      AUDIT_TABLE: audit.name,
      AUDIT_RETENTION_DAYS: `${auditRetentionDays}`,
      ...front.environment,
    };
    const recordEvents = secureFunction("RecordEvents", {
      handler: "packages/functions/src/record-events.handler",
      description: "Records audit events",
      environment,
      permissions: [{ actions: ["dynamodb:PutItem", "dynamodb:GetItem"], resources: [audit.arn] }],
    });
    const readEvents = secureFunction("ReadEvents", {
      handler: "packages/functions/src/read-events.handler",
      description: "Reads audit events",
      environment,
      permissions: [
        { actions: ["dynamodb:Query", "dynamodb:GetItem"], resources: [audit.arn] },
        { actions: ["dynamodb:Query"], resources: auditIndexes(audit) },
      ],
    });

    const traffic = rollUpTraffic(api.nodes.logGroup);
    const readTraffic = secureFunction("ReadTraffic", {
      handler: "packages/functions/src/read-traffic.handler",
      description: "Reads the traffic",
      environment: { TRAFFIC_TABLE: traffic.table.name, ...front.environment },
      permissions: [{ actions: ["dynamodb:Query"], resources: [traffic.table.arn] }],
    });
    const readAccessLog = secureFunction("ReadAccessLog", {
      handler: "packages/functions/src/read-access-log.handler",
      description: "Searches the access log",
      timeout: "15 seconds",
      environment: { ACCESS_LOG_GROUP: api.nodes.logGroup.name, ...front.environment },
      permissions: [{ actions: ["logs:FilterLogEvents"], resources: [$interpolate`${api.nodes.logGroup.arn}:*`] }],
    });

    const tokens = api.addAuthorizer({ name: "Tokens", jwt: { issuer, audiences } });
    const { route, targets } = routesOf(api);
    route("ANY /SecureBackendFunction", secureBackend);
    route("GET /openapi.json", secureBackend);
    route("POST /events", recordEvents, withScope(tokens, "audit/write"));
    route("GET /events", readEvents, withScope(tokens, "audit/read"));
    route("GET /events/{id}", readEvents, withScope(tokens, "audit/read"));
    route("GET /traffic", readTraffic, withScope(tokens, "traffic/read"));
    route("GET /access-log", readAccessLog, withScope(tokens, "traffic/read"));

    const functionLogs = functionLogsOf(targets);
    const readFunctionLog = secureFunction("ReadFunctionLog", {
      handler: "packages/functions/src/read-function-log.handler",
      description: "Searches what the functions of the routes above logged",
      timeout: "15 seconds",
      environment: { FUNCTION_LOG_GROUPS: functionLogs.names, ...front.environment },
      permissions: [{ actions: ["logs:FilterLogEvents"], resources: functionLogs.arns }],
    });
    route("GET /function-log", readFunctionLog, withScope(tokens, "traffic/read"));

    saveQueries(api.nodes.logGroup.name);
    monitor({
      api,
      accessLog: api.nodes.logGroup,
      functions: {
        SecureBackendFunction: secureBackend,
        RecordEvents: recordEvents,
        ReadEvents: readEvents,
        ReadTraffic: readTraffic,
        ReadAccessLog: readAccessLog,
        ReadFunctionLog: readFunctionLog,
        ...traffic.functions,
      },
      tables: { Audit: audit, Traffic: traffic.table },
      deadLetters: traffic.deadLetters,
    });

    const url = front.publish(api.url, [...new Set(Object.values(targets))]);
    const accessLogGroup = api.nodes.logGroup.name;
    site?.publish({ url, issuer, authUrl, webClientId: clientIds.webClientId, accessLogGroup });

    return {
      url,
      accessLogGroup,
      consoleUrl: site?.origin,
      issuer,
      authUrl,
      userPoolId,
      ...clientIds,
    };
  },
});
