import { randomUUID } from "node:crypto";
import path from "node:path";

import { isRecord } from "../kit/json";
import { readStateFile } from "../kit/state-file";
import type { Alias, UserPool } from "./pool";
import { writeSecretFile } from "./secret-file";

/** A user added by an administrator. People who sign in with another name are test identities. */
export interface StoredUser {
  /**
   * User name in the pool. It equals `subject` if people sign in with an alias such as the email
   * address.
   */
  username: string;
  /** Claim `sub`: a UUID. */
  subject: string;
  attributes: Record<string, string>;
  enabled: boolean;
  status: "FORCE_CHANGE_PASSWORD" | "CONFIRMED" | "RESET_REQUIRED";
  groups: string[];
  /** Epoch milliseconds. */
  createdAt: number;
  modifiedAt: number;
}

export interface Group {
  name: string;
  description?: string;
  precedence?: number;
  /** Epoch milliseconds; 0 for a group of the deployment graph. */
  createdAt: number;
}

interface State {
  users: StoredUser[];
  /** Groups created at run time. */
  groups: Group[];
}

export type UserStore = ReturnType<typeof createUserStore>;

/**
 * Opens the users and groups of a pool, in `users.json` of the pool's folder. Every call reads the
 * file, so that all parts of offline see the same users. Only the process of the stage writes it.
 *
 * @param now epoch milliseconds
 * @returns functions that throw a StateFileError for a damaged file
 */
export function createUserStore(pool: UserPool, folder: string, now: () => number) {
  const file = path.join(folder, "users.json");
  const read = () =>
    readStateFile(file, isState, "delete it to start without users and groups") ?? { users: [], groups: [] };
  const write = (state: State) => writeSecretFile(file, state);
  const fold = (name: string) => (pool.isCaseSensitive ? name : name.toLowerCase());

  return { users, find, bySubject, add, update, groups, addGroup, removeGroup };

  function users(): StoredUser[] {
    return read().users;
  }

  /** @param name user name, subject, or value of an alias of the pool */
  function find(name: string): StoredUser | undefined {
    const sought = fold(name);
    return users().find(({ username, subject, attributes }) =>
      [username, subject, ...pool.aliases.map((alias) => attributes[alias] ?? "")].some((is) => fold(is) === sought),
    );
  }

  function bySubject(subject: string): StoredUser | undefined {
    return users().find((user) => user.subject === subject);
  }

  /** @param alias attribute that `name` is the value of, where people sign in with one */
  function add(name: string, alias: Alias | undefined, attributes: Record<string, string>): StoredUser {
    const subject = randomUUID();
    const user: StoredUser = {
      username: alias === undefined ? name : subject,
      subject,
      attributes: { ...attributes, ...(alias !== undefined && { [alias]: name }) },
      enabled: true,
      status: "FORCE_CHANGE_PASSWORD",
      groups: [],
      createdAt: now(),
      modifiedAt: now(),
    };
    const state = read();
    write({ ...state, users: [...state.users, user] });
    return user;
  }

  function update(subject: string, changes: Partial<Pick<StoredUser, "enabled" | "status" | "groups">>): void {
    const state = read();
    const changed = (user: StoredUser) => ({ ...user, ...changes, modifiedAt: now() });
    write({ ...state, users: state.users.map((user) => (user.subject === subject ? changed(user) : user)) });
  }

  /** Groups of the deployment graph and groups made since, by name. */
  function groups(): Group[] {
    const declared = pool.groups.map((name): Group => ({ name, createdAt: 0 }));
    const made = read().groups.filter(({ name }) => !pool.groups.includes(name));
    return [...declared, ...made].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  function addGroup(group: Omit<Group, "createdAt">): Group {
    const made = { ...group, createdAt: now() };
    const state = read();
    write({ ...state, groups: [...state.groups, made] });
    return made;
  }

  /** Its users are no longer in it. */
  function removeGroup(name: string): void {
    const state = read();
    write({
      users: state.users.map((user) => ({ ...user, groups: user.groups.filter((group) => group !== name) })),
      groups: state.groups.filter((group) => group.name !== name),
    });
  }
}

function isState(value: unknown): value is State {
  return isRecord(value) && isList(value.users, isUser) && isList(value.groups, isGroup);
}

function isUser(user: unknown): boolean {
  if (!isRecord(user) || !isRecord(user.attributes)) return false;
  const texts = [user.username, user.subject, user.status, ...Object.values(user.attributes)];
  return (
    [...texts].every((text) => typeof text === "string") &&
    typeof user.enabled === "boolean" &&
    isList(user.groups, (group) => typeof group === "string") &&
    [user.createdAt, user.modifiedAt].every((time) => typeof time === "number")
  );
}

function isGroup(group: unknown): boolean {
  return isRecord(group) && typeof group.name === "string" && typeof group.createdAt === "number";
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
