import type { AwsCall } from "../../kit/aws-call";
import type { UserPool } from "../pool";
import type { UserStore } from "../user-store";

/** A user pool, with its folder and users. */
export interface AdminPool {
  pool: UserPool;
  /** Folder of users, secrets and refresh tokens. */
  folder: string;
  users: UserStore;
}

/** Runs a call and returns its output. Throws an AwsError. */
export type AdminOperation = (input: AwsCall["input"]) => object;

/** Finds the pool of a call. Throws an AwsError. */
export type FindPool = (input: AwsCall["input"]) => AdminPool;
