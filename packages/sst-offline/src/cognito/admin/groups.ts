import { type AwsCall, AwsError } from "../../kit/aws-call";
import { invalid, textIn, wholeNumber } from "../../logs/input";
import type { Group } from "../user-store";
import { nameIn, pageOf, secondsOf } from "./input";
import type { AdminOperation, AdminPool, FindPool } from "./operation";
import { describeUser, existing } from "./users";

const PAGING = { limit: "Limit", token: "NextToken" } as const;
const MAX_PRECEDENCE = 2_147_483_647;

/** Returns the operations on groups and their members. */
export function groupOperations(find: FindPool): Record<string, AdminOperation> {
  return {
    CreateGroup(input) {
      const { pool, users } = find(input);
      const name = nameIn(input, "GroupName");
      const description = textIn(input, "Description");
      const precedence = wholeNumber(input, "Precedence", 0, MAX_PRECEDENCE, -1);
      if (users.groups().some((group) => group.name === name))
        throw new AwsError("GroupExistsException", "A group with the name already exists.");
      const given = { name, ...(description !== undefined && { description }), ...(precedence >= 0 && { precedence }) };
      return { Group: describeGroup(pool.id, users.addGroup(given)) };
    },
    GetGroup(input) {
      const admin = find(input);
      return { Group: describeGroup(admin.pool.id, existingGroup(admin, input)) };
    },
    DeleteGroup(input) {
      const admin = find(input);
      const { name } = existingGroup(admin, input);
      // AWS would delete the group. Here, the graph would create it again at every start.
      if (admin.pool.groups.includes(name))
        throw invalid(`offline cannot delete ${name}: the deployment graph declares it`);
      admin.users.removeGroup(name);
      return {};
    },
    ListGroups(input) {
      const { pool, users } = find(input);
      const { items, next } = pageOf(input, users.groups(), PAGING);
      return { Groups: items.map((group) => describeGroup(pool.id, group)), ...next };
    },
    ListUsersInGroup(input) {
      const admin = find(input);
      const { name } = existingGroup(admin, input);
      const members = admin.users.users().filter(({ groups }) => groups.includes(name));
      const { items, next } = pageOf(input, members, PAGING);
      return { Users: items.map((user) => describeUser(user)), ...next };
    },
    AdminListGroupsForUser(input) {
      const admin = find(input);
      const user = existing(admin, input);
      const groups = admin.users.groups().filter(({ name }) => user.groups.includes(name));
      const { items, next } = pageOf(input, groups, PAGING);
      return { Groups: items.map((group) => describeGroup(admin.pool.id, group)), ...next };
    },
    AdminAddUserToGroup: (input) => changeGroups(input, (groups, name) => [...new Set([...groups, name])]),
    AdminRemoveUserFromGroup: (input) =>
      changeGroups(input, (groups, name) => groups.filter((group) => group !== name)),
  };

  function changeGroups(input: AwsCall["input"], change: (groups: string[], name: string) => string[]): object {
    const admin = find(input);
    const { name } = existingGroup(admin, input);
    const { subject, groups } = existing(admin, input);
    admin.users.update(subject, { groups: change(groups, name) });
    return {};
  }
}

function existingGroup({ users }: AdminPool, input: AwsCall["input"]): Group {
  const name = nameIn(input, "GroupName");
  const group = users.groups().find((candidate) => candidate.name === name);
  if (group === undefined) throw new AwsError("ResourceNotFoundException", "Group not found.");
  return group;
}

/**
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GroupType.html
 */
function describeGroup(poolId: string, { name, description, precedence, createdAt }: Group) {
  return {
    GroupName: name,
    UserPoolId: poolId,
    ...(description !== undefined && { Description: description }),
    ...(precedence !== undefined && { Precedence: precedence }),
    LastModifiedDate: secondsOf(createdAt),
    CreationDate: secondsOf(createdAt),
  };
}
