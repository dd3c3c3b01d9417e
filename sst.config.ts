/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app({ stage }) {
    const { APP } = await import("./infra/app");
    const { checkApp } = await import("./infra/components/check-app");
    const { stagePolicy, tagsOf } = await import("./infra/stage");
    const { region, removal, protect } = stagePolicy(stage);
    return {
      name: checkApp(APP).name,
      home: "aws",
      removal,
      protect,
      providers: { aws: { region, defaultTags: { tags: tagsOf(stage) } } },
    };
  },

  async run() {
    const { consoleSite, httpApi, rollUpTraffic, secureFunction, users } = await import("./infra/components");
    const { PUBLIC_ROUTES } = await import("./infra/promises");
    const { refuseSharedStage, stagePolicy } = await import("./infra/stage");
    if ($dev) refuseSharedStage($app.stage);
    const { accessLogRetention } = stagePolicy($app.stage);

    const site = consoleSite();
    const people = users({ site });
    const http = httpApi({ publicRoutes: PUBLIC_ROUTES, site });
    const args = http.args({
      accessLog: { retention: accessLogRetention },
      cors: {
        allowMethods: ["GET", "HEAD", "POST"],
        allowHeaders: ["authorization", "content-type", "idempotency-key", "x-tenant"],
      },
    });
    const api = http.secure(new sst.aws.ApiGatewayV2("SecureBackendAPI", args), people);

    const greeting = secureFunction<typeof import("./packages/functions/src/greeting")>("SecureBackendFunction", {
      handler: "packages/functions/src/greeting.handler",
      isPublic: true,
      description: "Greets the caller, and says what the API can do",
      environment: { AUTH_URL: people.authUrl, BASE_PATH: api.basePath },
    });
    api.serve(greeting, { "ANY /SecureBackendFunction": "public", "GET /openapi.json": "public" });

    // #region audit
    const { auditRetentionDays, auditTable } = await import("./infra/audit");
    const audit = auditTable();
    const environment = { AUDIT_RETENTION_DAYS: `${auditRetentionDays($app.stage)}` };
    const recordEvents = secureFunction<typeof import("./packages/functions/src/audit/record-events")>("RecordEvents", {
      handler: "packages/functions/src/audit/record-events.handler",
      description: "Records audit events",
      uses: [audit.grant("AUDIT_TABLE", ["PutItem", "GetItem"])],
      environment,
    });
    api.serve(recordEvents, { "POST /events": "audit/write" });
    const readEvents = secureFunction<typeof import("./packages/functions/src/audit/read-events")>("ReadEvents", {
      handler: "packages/functions/src/audit/read-events.handler",
      description: "Reads audit events",
      uses: [audit.grant("AUDIT_TABLE", ["Query", "GetItem"], { indexes: ["byActor", "byAction"] })],
      environment,
    });
    api.serve(readEvents, { "GET /events": "audit/read", "GET /events/{id}": "audit/read" });
    // #endregion audit

    const traffic = rollUpTraffic(api);
    const readTraffic = secureFunction<typeof import("./packages/platform/src/handlers/read-traffic")>("ReadTraffic", {
      handler: "packages/platform/src/handlers/read-traffic.handler",
      description: "Reads the traffic",
      uses: [traffic.table.grant("TRAFFIC_TABLE", ["Query"])],
    });
    api.serve(readTraffic, { "GET /traffic": "traffic/read" });
    const readAccessLog = secureFunction<typeof import("./packages/platform/src/handlers/read-access-log")>(
      "ReadAccessLog",
      {
        handler: "packages/platform/src/handlers/read-access-log.handler",
        description: "Searches the access log",
        timeout: "15 seconds",
        uses: [api.grantAccessLog("ACCESS_LOG_GROUP")],
      },
    );
    api.serve(readAccessLog, { "GET /access-log": "traffic/read" });
    const readFunctionLog = secureFunction<typeof import("./packages/platform/src/handlers/read-function-log")>(
      "ReadFunctionLog",
      {
        handler: "packages/platform/src/handlers/read-function-log.handler",
        description: "Searches what the functions of the routes above logged",
        timeout: "15 seconds",
        uses: [api.grantFunctionLogs("FUNCTION_LOG_GROUPS")],
      },
    );
    api.serve(readFunctionLog, { "GET /function-log": "traffic/read" });

    return api.publish();
  },
});
