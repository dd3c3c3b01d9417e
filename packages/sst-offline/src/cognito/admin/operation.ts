import type { AwsCall } from "../../kit/aws-call";
import type { UserPool } from "../pool";
import type { UserStore } from "../user-store";

/** A user pool with what its operations need. */
export interface AdminPool {
  pool: UserPool;
  /** Holds users, secrets and refresh tokens. */
  folder: string;
  users: UserStore;
}

/** Answers a call with an object. Throws an AwsError. */
export type AdminOperation = (input: AwsCall["input"]) => object;

/** Finds the pool that a call names. Throws an AwsError. */
export type FindPool = (input: AwsCall["input"]) => AdminPool;
