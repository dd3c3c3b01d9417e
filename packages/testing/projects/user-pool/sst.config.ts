/// <reference path="../../../../.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "fixture", home: "aws", removal: "remove", providers: { aws: { region: "eu-west-1" } } }),
  async run() {
    const pool = new sst.aws.CognitoUserPool("Users");
    const scopes = new aws.cognito.ResourceServer("Audit", {
      userPoolId: pool.id,
      identifier: "audit",
      name: "audit",
      scopes: [{ scopeName: "write", scopeDescription: "Record events" }],
    });
    const web = pool.addClient("Web");
    const machine = pool.addClient("Machine", {
      transform: {
        client: {
          generateSecret: true,
          allowedOauthFlows: ["client_credentials"],
          allowedOauthScopes: scopes.scopeIdentifiers,
        },
      },
    });
    const password = new sst.Secret("Password");
    const grants = machine.id.apply((id) => JSON.stringify({ [id]: { scopes: ["audit/write"] } }));
    const caller = new sst.aws.Function("Caller", {
      handler: "src/caller.handler",
      environment: {
        CLIENT_ID: machine.id,
        CLIENT_SECRET: machine.secret,
        GRANTS: grants,
        PASSWORD: password.value,
        PLAIN: "plain",
      },
    });
    return { web: web.id, machine: machine.id, caller: caller.name };
  },
});
