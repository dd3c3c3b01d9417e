import { awsJson } from "@backend/testing/aws-services";
import { APP, withPrefix } from "@backend/testing/recorded";
import { onTestFinished } from "vitest";

type Input = Record<string, string | undefined>;
/** What the server answers to an operation, or the name of an error. */
type Answers = Record<string, object | string | ((input: Input) => object | string)>;

export const POOL = "us-west-2_EXAMPLE1";
export const CLIENT = "38fjsnc484p94kpqsnet7mpld0";

/**
 * Answers as in the examples of the AWS CLI's reference, `aws cognito-idp <operation> help`, for
 * instance https://docs.aws.amazon.com/cli/latest/reference/cognito-idp/admin-get-user.html with
 * this project's names. The reference has no example of the calls for client secrets: these follow
 * the syntax in
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
 */
const EXAMPLES: Answers = {
  ListUserPools: ({ NextToken }) =>
    NextToken === undefined
      ? { UserPools: [{ Id: "us-west-2_EXAMPLE2", Name: "user pool 2", LambdaConfig: {} }], NextToken: "page 2" }
      : { UserPools: [{ Id: POOL, Name: withPrefix("SecureBackendUsers-dev"), LambdaConfig: {} }] },
  DescribeUserPool: { UserPool: { Id: POOL, UserPoolTags: { "sst:app": APP.name, "sst:stage": "dev" } } },
  AdminCreateUser: {
    User: {
      Username: "7325c1de-b05b-4f84-b321-9adc6e61f4a2",
      Attributes: [
        { Name: "sub", Value: "7325c1de-b05b-4f84-b321-9adc6e61f4a2" },
        { Name: "email", Value: "diego@example.com" },
      ],
      UserCreateDate: 1548099495.428,
      UserLastModifiedDate: 1548099495.428,
      Enabled: true,
      UserStatus: "FORCE_CHANGE_PASSWORD",
    },
  },
  AdminGetUser: {
    Username: "4320de44-2322-4620-999b-5e2e1c8df013",
    Enabled: true,
    UserStatus: "FORCE_CHANGE_PASSWORD",
    UserCreateDate: 1548108509.537,
    UserAttributes: [
      { Name: "sub", Value: "4320de44-2322-4620-999b-5e2e1c8df013" },
      { Name: "email_verified", Value: "true" },
      { Name: "email", Value: "jane@example.com" },
    ],
    UserLastModifiedDate: 1548108509.537,
  },
  AdminListGroupsForUser: { Groups: [{ GroupName: "operators", UserPoolId: POOL, CreationDate: 1548097827.125 }] },
  ListGroups: ({ NextToken }) =>
    NextToken === undefined
      ? { Groups: [{ GroupName: "operators", UserPoolId: POOL, CreationDate: 1681760899.633 }], NextToken: "page 2" }
      : { Groups: ["tenant:globex", "writers"].map((GroupName) => ({ GroupName, UserPoolId: POOL })) },
  ListUsers: {
    Users: [
      ["testuser2@example.com", "UNCONFIRMED"],
      ["testuser@example.com", "CONFIRMED"],
    ].map(([Value, UserStatus]) => ({
      Attributes: [
        { Name: "sub", Value: "eaad0219-2117-439f-8d46-4db20e59268f" },
        { Name: "email", Value },
      ],
      Enabled: true,
      UserCreateDate: 1682955829.578,
      UserStatus,
      Username: "eaad0219-2117-439f-8d46-4db20e59268f",
    })),
  },
  ListUsersInGroup: { Users: [] },
  ListUserPoolClients: {
    UserPoolClients: [
      { ClientId: CLIENT, ClientName: "Billing", UserPoolId: POOL },
      { ClientId: "1example23456789", ClientName: "Web", UserPoolId: POOL },
    ],
  },
  DescribeUserPoolClient: ({ ClientId }) => ({
    UserPoolClient:
      ClientId === CLIENT
        ? {
            ClientName: "Billing",
            ClientId,
            ClientSecret: "CLIENT_SECRET",
            AllowedOAuthFlows: ["client_credentials"],
            AllowedOAuthScopes: ["traffic/read", "tenant/globex"],
          }
        : { ClientName: "Web", ClientId, AllowedOAuthFlows: ["code"], AllowedOAuthScopes: ["openid"] },
  }),
  ListUserPoolClientSecrets: { ClientSecrets: [secret(1548108676)] },
  AddUserPoolClientSecret: { ClientSecretDescriptor: { ...secret(1795851935), ClientSecretValue: "NEW_SECRET" } },
};

export function secret(seconds: number) {
  return { ClientSecretId: `${CLIENT}--${seconds}`, ClientSecretCreateDate: seconds };
}

/**
 * A stand-in for Cognito. Operations without an example are answered by an empty object, as most
 * changes are.
 */
export async function cognitoServer(changes: Answers = {}) {
  const calls: { operation: string; input: Input }[] = [];
  const answers: Answers = { ...EXAMPLES, ...changes };
  const { endpoint, close } = await awsJson((operation, given) => {
    const input = given as Input;
    calls.push({ operation, input });
    const found = answers[operation] ?? {};
    const answer = typeof found === "function" ? found(input) : found;
    return typeof answer === "string"
      ? { status: 400, body: { __type: answer, message: `${answer} of ${operation}` } }
      : { status: 200, body: answer };
  });
  onTestFinished(close);
  /** Changes that were asked for, in order: what neither lists nor describes. */
  const changed = () =>
    calls
      .filter(({ operation }) => !/^(List|Describe|Admin(Get|List))/.test(operation))
      .map(({ operation, input: { UserPoolId: _pool, ...input } }) => ({ operation, ...input }));
  return { url: endpoint, calls, changed };
}
